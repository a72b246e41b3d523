import type { PersonId, Time } from './names.ts'
import type { Eligibility, Person } from './policy/approval.ts'
import type { CurrentRules } from './policy/current-rules.ts'
import type { Freeze } from './policy/freeze.ts'
import type { Lock } from './policy/lock.ts'
import type { Release } from './release.ts'

/** A person who clicked, and how they stand against the approvers of the release. */
export type Clicker = { readonly id: PersonId; readonly standing: Eligibility }

/** What is known beside the release when something is decided about it. */
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
  readonly hasPendingStop: boolean
  /** Once it has ended: when the next release was sent to one of its targets, by AWS's clock; null: none was. */
  readonly nextSentAt: Time | null
}
