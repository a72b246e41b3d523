import type { LookName } from './look.ts'
import type { PersonId, Time } from './names.ts'

/** The words for an end. */
export type Outcome =
  | 'succeeded'
  | 'failed'
  | 'rolled back'
  | 'rollback failed'
  | 'unchanged'
  | 'rejected'
  | 'cancelled'
  | 'expired'
  | 'superseded'
  | 'stopped'
  | 'unknown'

/** What a release waits for before it is sent. `why`: stands after "waiting for", without a full stop. */
export type Awaited = {
  /** Name of the precondition that is not met yet. */
  readonly precondition: string
  readonly why: string
  /** What could not be read. `since` and `reason` are of that. */
  readonly look?: LookName
  readonly since?: Time
  readonly reason?: string
  /** When it ends by itself. */
  readonly until?: Time
}

/** Where a release is. A restart, a poll and a click all start from here. */
export type Stage =
  | { readonly at: 'approval'; readonly since: Time }
  | { readonly at: 'wait'; readonly until: Time }
  /** All approvals are in: what was approved is looked at once more. */
  | {
      readonly at: 'ready'
      readonly since: Time
      /** When others were asked to give their place. */
      readonly placeAskedAt: Time | null
      /** GitHub started nothing and asked to wait until then. Absent: it did not. */
      readonly notBefore?: Time
      /** GitHub's words with `notBefore`, one sentence without a full stop. */
      readonly delay?: string
      /** What the last check before the dispatch waits for. Absent: it has not been, or nothing. */
      readonly waiting?: Awaited
    }
  /** Marked as being sent. A dispatch is sent by the owner that marked it, once; from then on it is only looked for. */
  | {
      readonly at: 'sending'
      readonly since: Time
      /** When it was sent last, and how often. */
      readonly lastAt: Time
      readonly attempts: number
    }
  | { readonly at: 'underway'; readonly since: Time }
  | {
      readonly at: 'ended'
      readonly since: Time
      readonly outcome: Outcome
      readonly reason: string
      /** Who confirmed that nothing of it is in progress any more; when, if that was after the end. */
      readonly settledBy: PersonId | null
      readonly settledAt?: Time
      /** Who rejected it, and why once they said so: a person's words, to be escaped where they are shown. */
      readonly rejection?: { readonly by: PersonId; readonly why: string | null }
    }

/** The word on the card. */
export type State =
  | 'awaiting approval'
  | 'waiting'
  | 'dispatching'
  | 'running'
  | 'migrating'
  | 'rolling out'
  | 'baking'
  | 'paused'
  | 'rolling back'
  | Outcome
