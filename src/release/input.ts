import type { Eligibility, Person } from './approval.ts'
import type { CurrentRules } from './current-rules.ts'
import type { Answer } from './effects.ts'
import type { Freeze } from './freeze.ts'
import type { Lock } from './lock.ts'
import type { PersonId, Time } from './names.ts'
import type { Observation } from './observation.ts'
import type { Release } from './release.ts'
import type { Replacing } from './replacement.ts'

/** A person who clicked, and how they stand against the approvers of the release. */
export type Clicker = { readonly id: PersonId; readonly standing: Eligibility }

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

export type Context = {
  readonly now: Time
  /** Other releases that hold one of our targets. */
  readonly holders: readonly Release[]
  /** Null where the config no longer ships just this there. */
  readonly currentRules: CurrentRules | null
  /** Accounts that the config says today are one person, whatever it says of the place. */
  readonly people: readonly Person[]
  /** The lock that holds the release's place; null: none. */
  readonly lock: Lock | null
  /** The freeze that holds there; null: none. */
  readonly freeze: Freeze | null
  readonly stopping: Stopping
  /** Once it has ended: when the next release was sent to one of its targets, by AWS's clock; null: none was. */
  readonly nextSentAt: Time | null
}

/** Whether somebody who may be allowed to asked to stop it, and was not answered yet. */
export type Stopping = 'nobody' | 'somebody'
