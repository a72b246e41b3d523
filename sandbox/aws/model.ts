import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  DeploymentControllerType,
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookStage,
  DeploymentLifecycleHookStatus,
  DeploymentLifecycleHookTargetType,
  LoadBalancer,
  NetworkConfiguration,
  ServiceDeploymentLifecycleStage,
  ServiceDeploymentRollbackMonitorsStatus,
  ServiceDeploymentStatus,
  Tag,
  TaskDefinition,
  TaskOverride,
  TaskStopCode,
} from '@aws-sdk/client-ecs'
import type { RolloutOutcome, TaskOutcome } from './outcomes.ts'

/** All times are ms since the epoch; views.ts converts them to dates. */

export type ClusterState = { readonly name: string; readonly arn: string; readonly tags: readonly Tag[] }

export type TaskDefinitionState = TaskDefinition & {
  readonly taskDefinitionArn: string
  readonly family: string
  readonly revision: number
  status: 'ACTIVE' | 'INACTIVE'
  readonly tags: readonly Tag[]
}

/** The image digests, by container. */
export type Digests = Readonly<Record<string, string>>

/** A service revision: what a service deployment rolls out. It never changes. */
export type ServiceRevisionState = {
  /** 19 digits, the `<n>` of `ecs-svc/<n>`. */
  readonly number: string
  readonly arn: string
  readonly taskDefinition: TaskDefinitionState
  /** Resolved once, for all tasks of the revision. */
  readonly digests: Digests
  /** Whether a task of it was ever started: only then does ECS return its digests. */
  hasStarted: boolean
  readonly createdAt: number
  /** What happens to its tasks, if an outcome was queued for this service deployment. */
  readonly outcome?: RolloutOutcome
}

/** An entry of `deployments[]`: the tasks of one revision. Exactly one is PRIMARY. */
export type DeploymentState = {
  readonly revision: ServiceRevisionState
  status: 'PRIMARY' | 'ACTIVE' | 'DRAINING'
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'
  rolloutStateReason: string
  /** The number of failed tasks since the last healthy one. */
  failedTasks: number
  readonly createdAt: number
  updatedAt: number
  /** Of a task set: the deployment of CodeDeploy that created it. */
  externalId?: string
}

/** A service deployment. */
export type Rollout = {
  readonly id: string
  readonly arn: string
  readonly source: ServiceRevisionState | undefined
  readonly target: ServiceRevisionState
  readonly createdAt: number
  startedAt?: number
  finishedAt?: number
  stoppedAt?: number
  updatedAt: number
  status: ServiceDeploymentStatus
  statusReason?: string
  lifecycleStage?: Stage
  /** Its step in `lifecycleOf(configuration)`. */
  step: number
  /** When its step may end, if that takes time of its own. */
  stepUntil?: number
  /** Percent of production and test traffic that the new revision gets, if the strategy shifts traffic. */
  weights: { production: number; test: number }
  rollback?: { readonly reason: string; readonly startedAt: number; readonly to?: ServiceRevisionState }
  /** The reason for which its rollback fails, if that was scripted. */
  rollbackFailure?: string
  breaker: {
    status: ServiceDeploymentRollbackMonitorsStatus
    failureCount: number
    readonly threshold: number
  }
  alarms: { status: ServiceDeploymentRollbackMonitorsStatus; triggered: string[] }
  readonly configuration: DeploymentConfiguration
  /** The hooks that the deployment has reached. */
  readonly hooks: Hook[]
  /** How many tasks it starts: the service's desired count until it has finished. */
  desired: number
}

/** A stage of a service deployment. The SDK lists one of them for hooks only. */
export type Stage = ServiceDeploymentLifecycleStage | DeploymentLifecycleHookStage

/** A hook that a service deployment has reached. */
export type Hook = {
  readonly id: string
  readonly stage: Stage
  /** The step at which it runs, and its place in the configuration. */
  readonly step: number
  readonly index: number
  readonly targetType: DeploymentLifecycleHookTargetType
  readonly targetArn?: string
  status: DeploymentLifecycleHookStatus
  readonly startedAt: number
  readonly expiresAt: number
  readonly timeoutAction: DeploymentLifecycleHookAction
}

export type ServiceState = {
  readonly cluster: ClusterState
  readonly name: string
  readonly arn: string
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  desired: number
  taskDefinition: TaskDefinitionState
  configuration: DeploymentConfiguration
  networkConfiguration: NetworkConfiguration
  /** Replaces the launch type FARGATE; null: FARGATE. */
  capacity: Capacity | null
  /**
   * Who deploys the service: ECS, CodeDeploy by task sets, or another tool by task sets, which the sandbox only shows.
   */
  controller: DeploymentControllerType
  loadBalancers: readonly LoadBalancer[]
  healthCheckGracePeriodSeconds: number
  readonly createdAt: number
  readonly tags: readonly Tag[]
  /** PRIMARY first. */
  deployments: DeploymentState[]
  /** Newest first. */
  rollouts: Rollout[]
  revisions: ServiceRevisionState[]
  /** Stopped tasks are included, until their retention ends. */
  tasks: TaskState[]
  /** Newest first, the last 100. */
  events: { readonly id: string; readonly createdAt: number; readonly message: string }[]
  /** Whether the event "has reached a steady state" was added since the last change. */
  steady: boolean
}

export type Capacity = readonly CapacityProviderStrategyItem[]

export type TaskState = {
  readonly id: string
  readonly arn: string
  readonly cluster: ClusterState
  readonly taskDefinition: TaskDefinitionState
  readonly digests: Digests
  readonly group: string
  readonly startedBy?: string
  readonly service?: ServiceState
  /** The capacity provider that placed it. */
  readonly capacityProvider?: string
  readonly overrides: TaskOverride
  readonly tags: readonly Tag[]
  readonly outcome: TaskOutcome
  readonly createdAt: number
  lastStatus: 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'DEPROVISIONING' | 'STOPPED'
  desiredStatus: 'RUNNING' | 'STOPPED'
  /** When its state next changes without a request. */
  due: number
  healthy: boolean
  /** Whether its failure was already added to `failedTasks`. */
  counted: boolean
  startedAt?: number
  stoppingAt?: number
  stoppedAt?: number
  stop?: { readonly code: TaskStopCode; readonly reason: string }
  /** By container name; absent if a container never ran. */
  exitCodes: Record<string, number>
  /** The reasons why containers ended, by container name. */
  reasons: Readonly<Record<string, string>>
  version: number
}
