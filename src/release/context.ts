import type { PersonId, Time } from './names.ts'
import type { Eligibility, Person } from './policy/approval.ts'
import type { CurrentRules } from './policy/current-rules.ts'
import type { Freeze } from './policy/freeze.ts'
import type { Lock } from './policy/lock.ts'
import type { Release } from './release.ts'

/** A person who clicked, and whether they are an eligible approver of the release. */
export type Clicker = { readonly id: PersonId; readonly standing: Eligibility }

/** What a decision knows besides the release. */
export type Context = {
  readonly now: Time
  /** Other releases that hold one of our targets. */
  readonly holders: readonly Release[]
  /** Null if the config no longer allows this release. */
  readonly currentRules: CurrentRules | null
  /**
   * Accounts that the current config joins to one person, also if it no longer has rules for the service environment.
   */
  readonly people: readonly Person[]
  /** The lock that applies to the release's service environment; null: none. */
  readonly lock: Lock | null
  /** The freeze that applies there; null: none. */
  readonly freeze: Freeze | null
  readonly hasPendingStop: boolean
  /** Whether the release's card is posted. Known of a release that is ready to be sent, or whose run waits at a gate. */
  readonly hasCard: boolean
  /** For a release that has ended: when the next one was sent to one of its targets, by AWS's clock; null: none was. */
  readonly nextSentAt: Time | null
}
