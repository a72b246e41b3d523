import type { PersonId, Time } from './names.ts'
import type { Outcome } from './stage.ts'

/**
 * What GitHub's checks and commit statuses of a commit came to, those of the workflow that deploys left out. `workflow runs`:
 * the token may not read checks, as no fine-grained token may, so the runs of workflows were read in their place.
 */
export type Checks = {
  readonly source: 'checks' | 'workflow runs'
  readonly passed: number
  readonly pending: number
  readonly failed: number
  /** Names of the first that failed: text from outside, to be escaped where it is shown. */
  readonly failing: readonly string[]
  /** Why some of them are not known, without a full stop. Absent: all are. */
  readonly unread?: string
  /** When they were found to have changed since the request, by our clock. Absent: they are as at the request. */
  readonly at?: Time
}

/** Another release, and where its card is; absent: it has none. */
export type ReleaseLink = {
  readonly release: string
  readonly card?: { readonly channel: string; readonly ts: string }
}

/** How a release of the commit ended, or the rollback that removed it later. `by`: who did, if it was a person. */
export type Setback = ReleaseLink & {
  readonly outcome: Outcome | 'taken back'
  readonly by: PersonId | null
  readonly at: Time
}

/** What became of the commit here before. `failures`: how many of its releases, the first at `since`. */
export type Setbacks = { readonly failures: number; readonly since: Time; readonly last: Setback }

/**
 * What approvers are shown beside what is deployed, as it was at the request; the checks are read again. Each part is bounded.
 * Absent: not known.
 */
export type Facts = {
  readonly checks?: Checks
  /** Environments in which a release of the commit succeeded last; null: none did in an environment that comes first. */
  readonly succeededIn?: readonly { readonly environment: string; readonly at: Time | null }[]
  /** Absent: nothing of the kind. */
  readonly setbacks?: Setbacks
  /** The release that was requested again by its Retry. */
  readonly retryOf?: ReleaseLink
  /** Whether the workflow that will run is that of the last deploy here, which ran it from the commit `since`. Absent: there was none. */
  readonly workflow?: { readonly isChanged: boolean; readonly since: string }
}
