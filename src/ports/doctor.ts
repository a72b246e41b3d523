import type { BindingRules } from '../release/inputs.ts'
import type { AwsLocation, Target, Time } from '../release/names.ts'

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

/** How GitHub writes the subject of the tokens of a repository's jobs. */
export type SubjectSeen = {
  readonly repositoryId: string
  /** `repo:owner/name`, or with the IDs of both. */
  readonly prefix: string
  /** The claims in a customized subject; null: the default. */
  readonly claims: readonly string[] | null
}

/** A job of the last run that failed while it got its credentials of AWS. */
export type FailedSignIn = { readonly run: string; readonly step: string; readonly at: Time }

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
  subject(ask: { readonly repository: string }): Promise<SubjectSeen>
  /** Null: the last run of the workflow on the branch did not fail in one of these steps. */
  failedSignIn(ask: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
    readonly steps: readonly string[]
  }): Promise<FailedSignIn | null>
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

/** A role: who may assume it, and for how long. `trustPolicy`: JSON, as IAM returns it. */
export type RoleSeen = {
  readonly arn: string
  readonly trustPolicy: string
  readonly maxSessionSeconds: number
}

/** A subnet, with the addresses that are free. */
export type SubnetSeen = { readonly id: string; readonly free: number }

/** The health checks of a target group of a load balancer. */
export type TargetGroupSeen = {
  readonly name: string
  readonly intervalSeconds: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
}

/** A secret of a task definition. `not checked`: it is of a kind that doctor does not look up. */
export type SecretSeen = {
  readonly name: string
  readonly is: 'there' | 'missing' | 'deleted' | 'not checked'
}

/** An image that cannot be pulled. */
export type LostImageSeen = {
  readonly container: string
  readonly image: string
  readonly is: 'missing' | 'archived'
}

/** What doctor reads from AWS. Methods throw `Trouble`, which names the permission that is missing. */
export interface AwsDoctor {
  /** Null: ECS has no such service. */
  service(target: Target): Promise<ServiceSeen | null>
  /** The newest revision of a family; null: it has none. */
  definition(ask: { readonly at: AwsLocation; readonly family: string }): Promise<DefinitionSeen | null>
  /** Null: IAM has no such role in the account of the credentials. */
  role(ask: { readonly at: AwsLocation; readonly arn: string }): Promise<RoleSeen | null>
  /** The audiences of the OIDC provider of an issuer; null: the account has no such provider. */
  audiences(ask: { readonly at: AwsLocation; readonly issuer: string }): Promise<readonly string[] | null>
  subnets(ask: { readonly at: AwsLocation; readonly ids: readonly string[] }): Promise<readonly SubnetSeen[]>
  targetGroups(ask: {
    readonly at: AwsLocation
    readonly arns: readonly string[]
  }): Promise<readonly TargetGroupSeen[]>
  /** Those of the log groups that do not exist. */
  missingLogGroups(ask: {
    readonly at: AwsLocation
    readonly names: readonly string[]
  }): Promise<readonly string[]>
  secrets(ask: {
    readonly at: AwsLocation
    readonly names: readonly string[]
  }): Promise<readonly SecretSeen[]>
  /** Those of the secrets that a role may not read, by its policies. */
  refusedSecrets(ask: {
    readonly at: AwsLocation
    readonly role: string
    readonly names: readonly string[]
  }): Promise<readonly string[]>
  /** Those of the images in ECR that cannot be pulled. */
  lostImages(ask: {
    readonly at: AwsLocation
    readonly containers: readonly ContainerSeen[]
  }): Promise<readonly LostImageSeen[]>
  /** By how much our clock is ahead of AWS's, ms; 0 until there was an answer. */
  clockAheadMs(): number
}
