import { type ClickInput, isAction } from './actions/actions.ts'
import type { Clicker } from './context.ts'
import type { Answer } from './effects.ts'
import type { Observation } from './look.ts'
import type { Replacing } from './replacement.ts'

/** All that may happen to a release. A restart and a poll are a look; a click may come at any moment. */
export type Input =
  | ClickInput
  /** Why, said after the rejection. */
  | { readonly on: 'explain'; readonly by: Clicker; readonly why: string }
  | { readonly on: 'supersede'; readonly by: Replacing }
  /** twokey.yml names another channel for the card. */
  | { readonly on: 'channel-changed'; readonly channel: string }
  /** Our clock was set back, by so much. */
  | { readonly on: 'clock-set-back'; readonly byMs: number }
  | { readonly on: 'look'; readonly seen: Observation }
  | { readonly on: 'answer'; readonly answer: Answer }

/** Whether it is a click on a button. */
export function isClick(input: Input): input is ClickInput {
  return isAction(input.on)
}
