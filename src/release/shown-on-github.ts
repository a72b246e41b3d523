import type { Time } from './names.ts'

/** What twokey shows on the pages of GitHub. Nothing depends on it: a failure is an audit row. */
export type ShownEffect =
  /** Shows beside the gate what the run waits for. Sent at most once. */
  {
    readonly do: 'report-gate'
    readonly repository: string
    readonly runId: number
    readonly environment: string
    readonly comment: string
    /** It is not sent after this time. */
    readonly sendBy: Time
  }

/** `not taken`: GitHub refused it, or did not answer. */
export type ShownAnswer = {
  readonly to: 'report-gate'
  readonly answer: 'taken' | 'not taken'
  readonly reason: string
}
