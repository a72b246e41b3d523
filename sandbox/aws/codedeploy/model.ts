import type {
  AutoRollbackEvent,
  DeploymentCreator,
  DeploymentStatus,
  LifecycleErrorCode,
  LifecycleEventStatus,
  TrafficRoutingConfig,
} from '@aws-sdk/client-codedeploy'
import type { DeploymentState, ServiceState, TaskDefinitionState } from '../model.ts'
import type { Script } from '../outcomes.ts'
import type { TaskSetWorld } from '../task-sets.ts'
import type { AppSpec } from './app-spec.ts'

/** All times are ms since the epoch. */

/** A deployment configuration: how production traffic is shifted. */
export type ConfigState = {
  readonly name: string
  readonly id: string
  readonly routing: TrafficRoutingConfig
}

export type ApplicationState = { readonly name: string; readonly revisions: Map<string, RevisionState> }

/** An AppSpec that was registered or deployed; its SHA-256 identifies it. */
export type RevisionState = {
  readonly sha256: string
  readonly content: string
  readonly spec: AppSpec
  readonly registeredAt: number
  readonly groups: Set<string>
  firstUsedAt?: number
  lastUsedAt?: number
  description?: string
}

export type GroupState = {
  readonly id: string
  readonly application: ApplicationState
  readonly name: string
  readonly service: ServiceState
  config: ConfigState
  /** How long a deployment waits for a person before traffic is shifted, minutes; null: it does not wait. */
  readyMinutes: number | null
  /** How long the old task set is kept after the shift, minutes. */
  terminationMinutes: number
  autoRollback: AutoRollback
  alarms: readonly string[]
}

export type AutoRollback = { readonly enabled: boolean; readonly events: readonly AutoRollbackEvent[] }

/** The events of an ECS deployment, in order. Source: AppSpec “hooks” section, Amazon ECS. */
export const eventNames = [
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'AllowTestTraffic',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AllowTraffic',
  'AfterAllowTraffic',
] as const
export type EventName = (typeof eventNames)[number]

export type EventState = {
  readonly name: EventName
  status: LifecycleEventStatus
  startedAt?: number
  endedAt?: number
  diagnostics?: {
    readonly errorCode: LifecycleErrorCode
    readonly message: string
    readonly logTail?: string
  }
}

export type CodeDeployment = {
  readonly id: string
  readonly group: GroupState
  readonly revision: RevisionState
  /** The last revision that was deployed well before it. */
  readonly previous: RevisionState | undefined
  readonly config: ConfigState
  readonly creator: DeploymentCreator
  /** Of a deployment that CloudFormation made: its stack. */
  readonly externalId?: string
  readonly description?: string
  readonly autoRollback: AutoRollback
  readonly alarms: readonly string[]
  readonly readyMinutes: number | null
  readonly terminationMinutes: number
  readonly outcome?: DeploymentOutcome
  readonly createdAt: number
  startedAt?: number
  completedAt?: number
  updatedAt: number
  status: DeploymentStatus
  readonly events: EventState[]
  /** The task set that served before it, and its own. */
  blue?: DeploymentState
  green?: DeploymentState
  /** Production traffic of its own task set, percent. */
  weight: number
  /** Whether the wait before the shift was ended by a person. */
  isContinued: boolean
  /** When the wait before the old task set is stopped began. */
  waitsSince?: number
  isFinishing: boolean
  /** Set once a stop was requested: whether to roll back. */
  stop?: { readonly rollback: boolean }
  error?: { readonly code: string; readonly message: string }
  /** When its rollback is created; absent: there is none. */
  rollbackAt?: number
  rollback?: CodeDeployment
  rollbackMessage?: string
  /** Of a rollback: the deployment that it undoes. */
  readonly undoes?: CodeDeployment
}

/** A deployment to create. */
export type NewDeployment = Pick<CodeDeployment, 'group' | 'revision' | 'creator'> & {
  readonly undoes?: CodeDeployment
  readonly description?: string | undefined
  readonly config?: ConfigState | undefined
  readonly autoRollback?: AutoRollback | undefined
  readonly alarms?: readonly string[] | undefined
}

/** The parts of the world that a deployment reads and changes. */
export type CodeDeployWorld = TaskSetWorld & {
  readonly taskDefinitions: readonly TaskDefinitionState[]
  /** The alarms that are firing, by name. */
  readonly alarms: ReadonlySet<string>
  readonly codeDeploy: {
    /** How long a minute of its waits lasts, ms. */
    readonly minute: number
    /** How long after a bad end the rollback is created, ms. */
    readonly rollbackLag: number
    readonly rollbacks: Script<CodeRollbackOutcome>
    create(wanted: NewDeployment, now: number): CodeDeployment
  }
}

/** What happens to the next deployment, if not what its tasks do. */
export type DeploymentOutcome =
  /** The Lambda hook of this event fails. */
  | {
      readonly kind: 'hook-fails'
      readonly event: EventName
      readonly message: string
      readonly logTail?: string
    }
  /** It goes on although its tasks are not healthy (containers-roadmap#1941). */
  | { readonly kind: 'ignores-health' }
  /** CloudFormation made it, for this stack. */
  | { readonly kind: 'by-cloudformation'; readonly stack: string }

/** What happens to the next rollback. `impossible`: none is created, and the message says why. */
export type CodeRollbackOutcome = {
  readonly kind: 'fails' | 'impossible'
  readonly message: string
}
