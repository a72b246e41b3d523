import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  DeploymentControllerType,
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookStatus,
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
import type { RolloutFate, TaskFate } from './fate.ts'

/** All times are ms since the epoch; they become dates in views.ts. */

export type ClusterState = { readonly name: string; readonly arn: string; readonly tags: readonly Tag[] }

export type TaskDefinitionState = TaskDefinition & {
  readonly taskDefinitionArn: string
  readonly family: string
  readonly revision: number
  status: 'ACTIVE' | 'INACTIVE'
  readonly tags: readonly Tag[]
}

/** What the images of containers mean, by container. */
export type Digests = Readonly<Record<string, string>>

/** A service revision: what a service deployment brings, never changed. */
export type ServiceRevisionState = {
  /** 19 digits, the `<n>` of `ecs-svc/<n>`. */
  readonly number: string
  readonly arn: string
  readonly taskDefinition: TaskDefinitionState
  /** Resolved when it was made, for all its tasks. */
  readonly digests: Digests
  /** Whether a task of it was ever started: only then does ECS tell its digests. */
  hasStarted: boolean
  readonly createdAt: number
  /** What becomes of its tasks, where it was queued for this service deployment. */
  readonly fate?: RolloutFate
}

/** An entry of `deployments[]`: the tasks of one revision. `status` is PRIMARY for exactly one. */
export type Lane = {
  readonly revision: ServiceRevisionState
  status: 'PRIMARY' | 'ACTIVE' | 'DRAINING'
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'
  rolloutStateReason: string
  /** Failed since the last healthy task. */
  failedTasks: number
  readonly createdAt: number
  updatedAt: number
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
  lifecycleStage?: ServiceDeploymentLifecycleStage
  rollback?: { readonly reason: string; readonly startedAt: number; readonly to?: ServiceRevisionState }
  /** Why its rollback will fail, where that is how it was scripted. */
  rollbackFailure?: string
  breaker: {
    status: ServiceDeploymentRollbackMonitorsStatus
    failureCount: number
    readonly threshold: number
  }
  alarms: { status: ServiceDeploymentRollbackMonitorsStatus; triggered: string[] }
  readonly configuration: DeploymentConfiguration
  /** Those that it has reached. */
  readonly hooks: Hook[]
  /** How many tasks it is to bring: follows the service until it has finished. */
  desired: number
}

/** A hook at which a service deployment pauses. */
export type Hook = {
  readonly id: string
  readonly stage: 'PRE_SCALE_UP' | 'POST_SCALE_UP'
  status: DeploymentLifecycleHookStatus
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
  /** In place of the launch type FARGATE; null: that. */
  capacity: Capacity | null
  /** Who deploys it: ECS itself with its rolling deployments, or others by task sets, which are then only shown. */
  controller: DeploymentControllerType
  readonly loadBalancers: readonly LoadBalancer[]
  healthCheckGracePeriodSeconds: number
  readonly createdAt: number
  readonly tags: readonly Tag[]
  /** PRIMARY first. */
  lanes: Lane[]
  /** Newest first. */
  rollouts: Rollout[]
  revisions: ServiceRevisionState[]
  /** Stopped ones included, until they are forgotten. */
  tasks: TaskState[]
  /** Newest first, the last 100. */
  events: { readonly id: string; readonly createdAt: number; readonly message: string }[]
  /** Whether "has reached a steady state" has been said since the last change. */
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
  /** The capacity provider that it was placed by. */
  readonly capacityProvider?: string
  readonly overrides: TaskOverride
  readonly tags: readonly Tag[]
  readonly fate: TaskFate
  readonly createdAt: number
  lastStatus: 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'DEPROVISIONING' | 'STOPPED'
  desiredStatus: 'RUNNING' | 'STOPPED'
  /** When it next moves by itself. */
  due: number
  healthy: boolean
  /** Whether its failure was already added to `failedTasks`. */
  counted: boolean
  startedAt?: number
  stoppingAt?: number
  stoppedAt?: number
  stop?: { readonly code: TaskStopCode; readonly reason: string }
  /** By container name; absent where a container never ran. */
  exitCodes: Record<string, number>
  /** What is told of a container's end, by its name. */
  reasons: Readonly<Record<string, string>>
  version: number
}
