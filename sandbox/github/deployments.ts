import type { ProtectionRule } from './gate-state.ts'
import type { Account, Team } from './runs.ts'

/** A deployment environment and its gate. */
export type Environment = {
  readonly id: number
  readonly name: string
  readonly createdAt: number
  /** One of these people, or of a team's members, must approve; none: there is no such gate. */
  reviewers: Account[]
  teams?: readonly Team[]
  /** Whoever started a run may not approve it. */
  preventSelfReview?: boolean
  /** How long a job waits before it starts, ms. */
  waitMs: number
  /** The enabled custom deployment protection rules. */
  rules?: ProtectionRule[]
  /** Default: administrators may start waiting jobs. */
  canAdminsBypass?: boolean
  /** The only branches that may deploy; absent: all. */
  branches?: readonly string[]
  /** What `vars` and `secrets` contain in its jobs, in addition to those of the repository. */
  readonly variables?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
}

export type DeploymentState =
  | 'queued'
  | 'pending'
  | 'in_progress'
  | 'success'
  | 'failure'
  | 'error'
  | 'inactive'

export type DeploymentStatus = {
  readonly id: number
  readonly state: DeploymentState
  readonly at: number
  readonly creator: Account
  readonly description: string
  readonly logUrl: string
  readonly environmentUrl: string
}

export type Deployment = {
  readonly id: number
  readonly sha: string
  readonly ref: string
  readonly task: string
  readonly payload: unknown
  readonly description: string | null
  readonly environment: string
  readonly isTransient: boolean
  readonly isProduction: boolean
  /** The job that deploys; absent if it was created by the API. */
  readonly job: { readonly runId: number; readonly jobId: number } | undefined
  readonly creator: Account
  readonly createdAt: number
  readonly statuses: DeploymentStatus[]
}

/** Whether a job of this environment waits for a reviewer. */
export function isReviewed({ reviewers, teams = [] }: Environment): boolean {
  return reviewers.length + teams.length > 0
}

/** Whether a person may review the jobs of a run that somebody started. */
export function mayReview(environment: Environment, login: string, startedBy: string): boolean {
  const { reviewers, teams = [], preventSelfReview = false } = environment
  const isReviewer =
    reviewers.some((each) => each.login === login) || teams.some(({ members }) => members.includes(login))
  return isReviewer && !(preventSelfReview && login === startedBy)
}
