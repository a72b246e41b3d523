import type { Time } from './names.ts'

/** What twokey shows on the pages of GitHub. Nothing depends on it: a failure is an audit row. */
export type ShownEffect =
  /** Shows beside the gate what the run waits for. Sent at most once. */
  | {
      readonly do: 'report-gate'
      readonly repository: string
      readonly runId: number
      readonly environment: string
      readonly comment: string
      /** It is not sent after this time. */
      readonly sendBy: Time
    }
  /** Records what a rollback brought back as a deployment, unless GitHub has a deployment of this release already. */
  | {
      readonly do: 'show-deployment'
      readonly repository: string
      readonly environment: string
      readonly commit: string
      readonly release: string
      /** For people on GitHub, one line. It ends with the id of the release. */
      readonly description: string
      /** It is not sent after this time. */
      readonly sendBy: Time
    }

export type ShownAnswer =
  /** `not taken`: GitHub refused it, or did not answer. */
  | { readonly to: 'report-gate'; readonly answer: 'taken' | 'not taken'; readonly reason: string }
  /** `unclear`: GitHub may have it, and is asked again. */
  | {
      readonly to: 'show-deployment'
      readonly answer: 'shown' | 'refused' | 'unclear'
      readonly reason: string
    }
