import type { Time } from './names.ts'

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
