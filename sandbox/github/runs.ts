/** An account of GitHub: a person, or a bot that an App acts as. */
export type Account = { readonly login: string; readonly id: number; readonly type: 'User' | 'Bot' }

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

/** When something began and ended, ms since the epoch, and how. */
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
  /** As its file says once the jobs before it have ended. */
  name: string
  readonly labels: readonly string[]
  readonly createdAt: number
  /** The environment it waits for and deploys to. */
  environment: string | undefined
  readonly steps: Step[]
  readonly log: string[]
}

/** What goes wrong in one attempt. Steps are named as GitHub shows them. */
export type RunPlan = {
  /** This step fails. */
  failStep?: string
  /** The run is cancelled on GitHub while this step is under way. */
  cancelAt?: string
  /** The job's time is up in this step: GitHub tells of it as `timed_out`, or as `cancelled`. */
  timeOut?: { step: string; as: 'timed_out' | 'cancelled' }
  /** This step goes on until `world.letGo(run)`. */
  holdAt?: string
  /**
   * Until `world.letGo(run)`: no runner takes its jobs; or it has none yet, since GitHub has not queued it, or since
   * somebody has to allow it, which it tells as an end.
   */
  stuck?: 'queued' | 'requested' | 'action_required'
  /** How long the run waits for a service to be stable, ms, instead of what its step says. */
  stabilityMs?: number
  /** A cancellation is accepted and nothing happens, until it is forced. */
  cancellation?: 'ignored'
}

export type Attempt = {
  readonly number: number
  readonly actor: Account
  readonly startedAt: number
  readonly plan: RunPlan
  updatedAt: number
  status: Status | 'requested'
  conclusion: Conclusion | null
  jobs: Job[]
  /** The concurrency groups that it or its jobs have asked for a turn in. */
  readonly groups: string[]
}

/** A person's word at an environment's gate. */
export type Review = {
  readonly environment: string
  readonly attempt: number
  readonly state: 'approved' | 'rejected'
  readonly user: Account
  readonly comment: string
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

/** The attempt that counts: the last. */
export function latest(run: Run): Attempt {
  return run.attempts.at(-1)!
}

export function isOver(run: Run): boolean {
  return latest(run).status === 'completed'
}

/** The environments at whose gates the run's jobs wait now. */
export function waitingAt(run: Run): string[] {
  const waiting = latest(run).jobs.filter((job) => job.status === 'waiting')
  return [...new Set(waiting.flatMap((job) => job.environment ?? []))]
}

/** A place in the queue of a concurrency group: of a run, or of one of its jobs. The first has its turn. */
export type Lease = {
  readonly group: string
  readonly run: Run
  readonly job: Job | undefined
}
