import type { BindingRules } from '../release/inputs.ts'
import type { Target, Time } from '../release/names.ts'

/** A step of a job. Expressions and variables of the shell are replaced where their values are known before the run. */
export type StepSeen = {
  readonly name: string
  readonly uses: string | null
  /** Keys are lower case. */
  readonly with: Readonly<Record<string, string>>
  readonly run: string | null
}

/** A job of a workflow file, those of the workflows that it calls included. */
export type JobSeen = {
  readonly job: string
  /** Null: it names none. An expression that only the run can evaluate stays as it is written. */
  readonly environment: string | null
  /** Whether the token of GitHub's OIDC provider is granted; `default`: no `permissions` are set, which never grants it. */
  readonly idToken: 'granted' | 'not granted' | 'default'
  /** Where `cancel-in-progress` is set for the job; null: it is not, or the value is false. */
  readonly cancelledBy: 'its own concurrency' | "the workflow's concurrency" | null
  /** Limit of its time, minutes. */
  readonly timeoutMinutes: number | null
  readonly steps: readonly StepSeen[]
}

/** A workflow file. `why`: it cannot be read as one. */
export type WorkflowSeen = { readonly path: string } & (
  | { readonly jobs: readonly JobSeen[] }
  | { readonly why: string }
)

/** The workflow that twokey dispatches (null: the branch has no such file), and the other ones on the branch. */
export type WorkflowsSeen = {
  readonly deploying: WorkflowSeen | null
  readonly others: readonly WorkflowSeen[]
}

/** The protection of an environment of GitHub. `administratorsBypass` null: GitHub does not say. */
export type EnvironmentSeen = {
  readonly administratorsBypass: boolean | null
  /** The number of its rules that hold a job back. */
  readonly rules: number
  /** From where jobs may be in it: `all` branches and tags, `protected` branches, or those that match patterns. */
  readonly branches: 'all' | 'protected' | readonly string[]
}

/** What doctor reads from GitHub. Methods throw `Trouble`. */
export interface GitHubDoctor {
  /** The workflows of the branch's tip, as a dispatch with these rules would evaluate them. */
  workflows(ask: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
    readonly rules: BindingRules
  }): Promise<WorkflowsSeen>
  /** Null: the repository has no such environment. */
  environment(ask: {
    readonly repository: string
    readonly environment: string
  }): Promise<EnvironmentSeen | null>
}

/** An ECS service and what its deployments depend on. */
export type ServiceSeen = {
  readonly controller: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL'
  readonly strategy: string
  readonly desired: number
  readonly maximumPercent: number
  readonly circuitBreaker: { readonly isOn: boolean; readonly rollsBack: boolean }
  readonly isBehindLoadBalancer: boolean
  /** Time in which ECS ignores that a load balancer finds a new task unhealthy, seconds. */
  readonly graceSeconds: number
  readonly subnets: readonly string[]
  readonly targetGroups: readonly string[]
  /** Messages of ECS that tasks were unhealthy for the load balancer, newest first. */
  readonly unhealthy: readonly string[]
  /** How long its last successful deployments took, ms, newest first. */
  readonly rolloutsMs: readonly number[]
  readonly definition: DefinitionSeen
}

/** A task definition. */
export type DefinitionSeen = {
  /** `blog-api:42`. */
  readonly name: string
  readonly executionRole: string | null
  readonly containers: readonly ContainerSeen[]
}

export type ContainerSeen = {
  readonly name: string
  readonly isEssential: boolean
  readonly image: string
  /** Whether ECS pins the digest of the image for all tasks of a deployment. */
  readonly pinsDigest: boolean
  /** Names of variables in plain text that look like secrets, and why. Values are never read from here. */
  readonly plainSecrets: readonly { readonly variable: string; readonly because: 'its name' | 'its value' }[]
  /** The ARNs or names of its secrets, as written. */
  readonly secrets: readonly string[]
  /** The log group of the driver `awslogs`; `isCreated`: the driver creates it. */
  readonly logGroup: { readonly name: string; readonly isCreated: boolean } | null
  /** How long its own health check may fail after its start, seconds; null: it has none. */
  readonly startSeconds: number | null
}

/** What doctor reads from AWS. Methods throw `Trouble`. */
export interface AwsDoctor {
  /** Null: ECS has no such service. */
  service(target: Target): Promise<ServiceSeen | null>
  /** The newest revision of a family; null: it has none. */
  definition(ask: { readonly target: Target; readonly family: string }): Promise<DefinitionSeen | null>
  /** AWS's time, ms, after at least one answer. */
  now(): Time
}
