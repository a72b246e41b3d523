import type { Time } from './names.ts'

/** A workflow run of the same repository, not the release's own, that could ship to its service environment. */
export type OtherRun = {
  readonly id: number
  readonly attempt: number
  readonly url: string
  /** File name of its workflow. */
  readonly workflow: string
  /** GitHub's word for what started it: `push`, `workflow_dispatch` … */
  readonly event: string
  /** GitHub login of who started this attempt; null where it is not told. */
  readonly login: string | null
  readonly branch: string | null
  readonly sha: string
  readonly startedAt: Time | null
}

/**
 * Against what other runs are measured. `dispatch`: those of the workflow that are in progress now. `run`: those of the
 * repository that were in progress while the release's own run was.
 */
export type Beside =
  | { readonly at: 'dispatch' }
  | { readonly at: 'run'; readonly runId: number; readonly since: Time; readonly until: Time }
