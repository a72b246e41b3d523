import type { Clicker } from './context.ts'
import type { Answer } from './effects.ts'
import type { Observation } from './look.ts'
import type { PersonId, Time } from './names.ts'
import type { Replacing } from './replacement.ts'

/** All that may happen to a release. A restart and a poll are a look; a click may come at any moment. */
export type Input =
  /** `round`: of the card that was clicked. `pressedAt`: when the click was written down, however late it is worked on. */
  | {
      readonly on: 'approve'
      readonly by: Clicker
      readonly round: number | null
      readonly pressedAt: Time
    }
  /** Takes one's own approval back. */
  | { readonly on: 'withdraw'; readonly by: { readonly id: PersonId }; readonly pressedAt: Time }
  | { readonly on: 'reject'; readonly by: Clicker; readonly reason: string | null }
  /** Why, said after the rejection. */
  | { readonly on: 'explain'; readonly by: Clicker; readonly why: string }
  | { readonly on: 'cancel'; readonly by: Clicker }
  | { readonly on: 'settle'; readonly by: Clicker }
  | { readonly on: 'look-again'; readonly by: Clicker }
  /** `standing`: against the usual policy, not that of the emergency. */
  | { readonly on: 'acknowledge'; readonly by: Clicker }
  | { readonly on: 'supersede'; readonly by: Replacing }
  /** twokey.yml names another channel for the card. */
  | { readonly on: 'channel-changed'; readonly channel: string }
  /** Our clock was set back, by so much. */
  | { readonly on: 'clock-set-back'; readonly byMs: number }
  | { readonly on: 'look'; readonly seen: Observation }
  | { readonly on: 'answer'; readonly answer: Answer }
