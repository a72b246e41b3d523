import type { SeenCodeDeploy } from '../ports/inventory.ts'

/** An environment to deploy to: a GitHub environment, a branch, and an ECS service. */
export type PlannedEnvironment = {
  /** As people type it: `prod`. */
  readonly name: string
  readonly githubEnvironment: string
  readonly branch: string
  /** Approvals that a deploy needs; 0 for none. */
  readonly approvals: number
  readonly region: string
  readonly cluster: string
  /** The name of the ECS service. */
  readonly ecsService: string
  /** With what CodeDeploy deploys the service; null: ECS deploys it itself. */
  readonly codeDeploy: SeenCodeDeploy | null
  /** The ARN of the role that the workflow assumes. */
  readonly deployRole: string
}

/** Languages whose usual command for tests is known. */
export type TestCommand = 'npm' | 'go' | 'maven' | 'gradle' | 'pytest' | 'rake'

/** Everything that the files of `twokey init` depend on. */
export type Plan = {
  /** `owner/name` on GitHub. */
  readonly repository: string
  /** The service as people type it: `blog-api`. */
  readonly service: string
  /** The container of the service that runs the image. */
  readonly container: string
  /** The ECR repository of the image, as in an image's name: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/blog-api`. */
  readonly image: string
  /** The task definition family of the migration, and its container; null if there is none. */
  readonly migration: { readonly family: string; readonly container: string } | null
  /** How tests are run; null if that is not known. */
  readonly tests: TestCommand | null
  /** The Slack channel for the cards, by its ID. */
  readonly channel: string
  /** User groups and people who may approve, by their IDs; empty only if no environment needs approvals. */
  readonly approvers: readonly string[]
  /** At least one. */
  readonly environments: readonly [PlannedEnvironment, ...PlannedEnvironment[]]
}
