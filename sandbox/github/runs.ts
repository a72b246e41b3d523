import type { Gate } from './gate-state.ts'
import type { Account } from './people.ts'

export type { Account } from './people.ts'

type Status = 'queued' | 'pending' | 'waiting' | 'in_progress' | 'completed'
export type Conclusion =
  | 'success'
  | 'failure'
  | 'cancelled'
  | 'skipped'
  | 'timed_out'
  | 'startup_failure'
  | 'action_required'

/** A team of the organization. */
export type Team = {
  readonly id: number
  readonly name: string
  readonly slug: string
  /** Logins. */
  readonly members: readonly string[]
}

/** Start and end, ms since the epoch, and the result. */
type Course = {
  status: Status
  conclusion: Conclusion | null
  startedAt: number | null
  completedAt: number | null
}

export type Step = Course & { readonly number: number; readonly name: string }

export type Job = Course & {
  readonly id: number
  /** Its key in the workflow file. */
  readonly key: string
  /** Rendered once the jobs before it have ended. */
  name: string
  readonly labels: readonly string[]
  readonly createdAt: number
  /** When it was ready for a runner: after the jobs that it needs, its turn and its gate. */
  queuedAt?: number
  /** It is a copy from the attempt before: only failed jobs ran again. */
  readonly isKept?: boolean
  /** The environment it waits for and deploys to. */
  environment: string | undefined
  /** It must not create a deployment: `deployment: false`. */
  isUnrecorded?: boolean
  /** While, and since, it waits for its environment. */
  gate?: Gate
  readonly steps: Step[]
  readonly log: string[]
}

/** The failures of one attempt. Steps have the names that GitHub shows. */
export type RunPlan = {
  /** This step fails. */
  failStep?: string
  /** The run is cancelled on GitHub during this step. */
  cancelAt?: string
  /** The job times out in this step: GitHub reports `timed_out`, or `cancelled`. */
  timeOut?: { step: string; as: 'timed_out' | 'cancelled' }
  /** This step does not end before `world.letGo(run)`. */
  holdAt?: string
  /**
   * Until `world.letGo(run)`, no runner takes the run's jobs. `requested`: GitHub has not queued the run yet.
   * `action_required`: somebody has to allow the run, which GitHub reports as a conclusion.
   */
  stuck?: 'queued' | 'requested' | 'action_required'
  /** How long the run waits until a service is stable, ms, instead of the time that its step sets. */
  stabilityMs?: number
  /** A cancellation is accepted but has no effect until it is forced. */
  cancellation?: 'ignored'
}

/** How a job of a file ended, with all the jobs that it became. */
export type GroupResult = {
  readonly key: string
  /** The result for the run. */
  readonly verdict: JobResult
  /** The result for the jobs after it; `continue-on-error` turns a failure into a success. */
  readonly result: JobResult
  readonly outputs: Readonly<Record<string, string>>
  /** Its own result and those of all jobs before it. */
  readonly line: readonly JobResult[]
  readonly jobs: readonly Job[]
  /** It did not run again: this is the result of the attempt before. */
  readonly isKept: boolean
}
export type JobResult = 'success' | 'failure' | 'skipped'

export type Attempt = {
  readonly number: number
  readonly actor: Account
  readonly startedAt: number
  readonly plan: RunPlan
  updatedAt: number
  status: Status | 'requested'
  conclusion: Conclusion | null
  jobs: Job[]
  /** The results of its file's jobs that have ended, by their keys. */
  readonly results: Map<string, GroupResult>
  /** What the attempt before has done, if only its failed jobs run again. */
  readonly before?: ReadonlyMap<string, GroupResult>
  /** The concurrency groups that it or its jobs have waited in. */
  readonly groups: string[]
}

/** A review at an environment's gate, by a person or by the App of a custom rule. */
export type Review = {
  readonly environment: string
  readonly attempt: number
  readonly state: 'approved' | 'rejected'
  readonly user: Account
  readonly comment: string
  readonly at: number
  readonly isByApp?: boolean
}

export type RunEvent = 'push' | 'workflow_dispatch'

export type Run = {
  readonly id: number
  readonly number: number
  readonly workflowId: number
  readonly workflowName: string
  readonly workflowPath: string
  readonly event: RunEvent
  readonly headBranch: string
  readonly headSha: string
  readonly title: string
  readonly inputs: Readonly<Record<string, string>>
  readonly actor: Account
  readonly createdAt: number
  readonly attempts: Attempt[]
  readonly reviews: Review[]
}

/** The latest attempt. */
export function latest(run: Run): Attempt {
  return run.attempts.at(-1)!
}

export function isOver(run: Run): boolean {
  return latest(run).status === 'completed'
}

/** An entry in the queue of a concurrency group, of a run or one of its jobs. The first entry has its turn. */
export type Lease = {
  readonly group: string
  readonly run: Run
  readonly job: Job | undefined
}
