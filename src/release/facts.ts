import type { Checks } from './checks.ts'
import type { PersonId, Time } from './names.ts'
import type { Outcome } from './stage.ts'

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
  /** Since when the commit served, if it was rolled back after a success. Absent: it had not succeeded, or an older twokey wrote this. */
  readonly servedSince?: Time
}

/** How the last release of a listed commit ended here. `reason`: why it failed, text to be escaped where it is shown. */
export type ContainedSetback = Setback & { readonly commit: string; readonly reason?: string }

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
  /** Commits among the changes that went badly here and did not succeed later: the last of them, and how many more. Absent: none. */
  readonly contains?: { readonly last: readonly ContainedSetback[]; readonly more: number }
  /** The release that was requested again by its Retry. */
  readonly retryOf?: ReleaseLink
  /** Whether the workflow that will run is that of the last deploy here, which ran it from the commit `since`. Absent: there was none. */
  readonly workflow?: { readonly isChanged: boolean; readonly since: string }
}
