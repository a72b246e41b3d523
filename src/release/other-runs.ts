import type { Time } from './names.ts'

/** Another workflow run of the same repository that could deploy to the release's service environment. */
export type OtherRun = {
  readonly id: number
  /** As GitHub shows it to people. Absent: not known. */
  readonly number?: number
  readonly attempt: number
  readonly url: string
  /** File name of its workflow. */
  readonly workflow: string
  /** GitHub's name of its event: `push`, `workflow_dispatch` … */
  readonly event: string
  /** GitHub login of the person who started this attempt; null: not known. */
  readonly login: string | null
  readonly branch: string | null
  readonly sha: string
  readonly startedAt: Time | null
}

/**
 * Which other runs are meant. `dispatch`: runs of the workflow that are in progress now. `run`: runs of the
 * repository that were in progress while the release's own run was.
 */
export type Beside =
  | {
      readonly at: 'dispatch'
      /** The release's own run, which waits at a gate already. Absent: it has none yet. */
      readonly own?: number
    }
  | { readonly at: 'run'; readonly runId: number; readonly since: Time; readonly until: Time }
