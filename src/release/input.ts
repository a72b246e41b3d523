import { type ClickInput, isAction } from './actions/actions.ts'
import type { Answer } from './answer.ts'
import type { Clicker } from './context.ts'
import type { Observation } from './look.ts'
import type { Replacing } from './replacement.ts'

/** Everything that may happen to a release. A restart and a poll are a `look`; a click may come at any time. */
export type Input =
  | ClickInput
  /** The reason of a rejection, given afterwards. */
  | { readonly on: 'explain'; readonly by: Clicker; readonly why: string }
  | { readonly on: 'supersede'; readonly by: Replacing }
  /** twokey.yml names another channel for the card. */
  | { readonly on: 'channel-changed'; readonly channel: string }
  /** Our clock was set back by `byMs`. */
  | { readonly on: 'clock-set-back'; readonly byMs: number }
  | { readonly on: 'look'; readonly seen: Observation }
  | { readonly on: 'answer'; readonly answer: Answer }

/** Whether an input is a click on a button. */
export function isClick(input: Input): input is ClickInput {
  return isAction(input.on)
}
