import type { LookName } from './look.ts'
import type { PersonId, Time } from './names.ts'
import type { SentSteer } from './steer.ts'

/** How a release ends. */
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

/** What a release waits for before it is sent. `why`: follows "waiting for", without a full stop. */
export type Awaited = {
  /** Name of the precondition that is not met yet. */
  readonly precondition: string
  readonly why: string
  /** What could not be read, since when (`since`) and why (`reason`). */
  readonly look?: LookName
  readonly since?: Time
  readonly reason?: string
  /** When it ends by itself. */
  readonly until?: Time
}

/** Requests to stop a deployment. `refused`: why that was given up. Absent: it was not. */
export type StopRequest = { readonly rollout: string; readonly sent: SentSteer; readonly refused?: string }

/** The stage of a release. A restart, a poll and a click all start from it. */
export type Stage =
  | { readonly at: 'approval'; readonly since: Time }
  | { readonly at: 'wait'; readonly until: Time }
  /** All approvals are in: everything approved is checked again. */
  | {
      readonly at: 'ready'
      readonly since: Time
      /** When other releases were requested to stop for this one. */
      readonly placeAskedAt: Time | null
      /** GitHub started nothing because of a rate limit that ends then. Absent: it did not. */
      readonly notBefore?: Time
      /** GitHub's message with `notBefore`, one sentence without a full stop. */
      readonly delay?: string
      /** What the last check before the dispatch waits for. Absent: it was not made, or waits for nothing. */
      readonly waiting?: Awaited
      /** The last requests to CodeDeploy to stop a deployment, by target. Absent: none was sent. */
      readonly stops?: Readonly<Record<string, StopRequest>>
    }
  /** Marked as being sent. A dispatch is sent once, by the owner that marked it; afterwards it is only searched for. */
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
      /** Who confirmed that nothing of the release is in progress; when, if after the end. */
      readonly settledBy: PersonId | null
      readonly settledAt?: Time
      /**
       * Who rejected the release, and why once they gave a reason: a person's words, to be escaped where they are
       * shown.
       */
      readonly rejection?: { readonly by: PersonId; readonly why: string | null }
    }

/** The state that the card shows. */
export type State =
  | 'awaiting approval'
  | 'queued'
  | 'waiting'
  | 'dispatching'
  | 'running'
  | 'migrating'
  | 'rolling out'
  | 'baking'
  | 'paused'
  | 'rolling back'
  | Outcome
