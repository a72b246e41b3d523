import { createHash, randomBytes } from 'node:crypto'
import type { TaskDefinition } from '@aws-sdk/client-ecs'
import type { Pace } from '../pace.ts'
import { account, registry } from '../seed.ts'
import { AwsError } from './error.ts'
import {
  cannotPull,
  type MigrationFate,
  type RollbackFate,
  type RolloutFate,
  Script,
  type TaskFate,
} from './fate.ts'
import { isHeldBack } from './hooks.ts'
import { LogStore } from './log-store.ts'
import type { ClusterState, Digests, ServiceState, TaskDefinitionState, TaskState } from './model.ts'
import { advanceRollout, settle } from './rollout.ts'
import { schedule } from './scheduler.ts'
import { advanceTask, taskRetention } from './task.ts'

const ownRegistry = registry.slice(0, registry.indexOf('/') + 1)

/** All that this AWS account holds, and what goes wrong in it, as data. */
export class World {
  readonly pace: Pace
  readonly clusters = new Map<string, ClusterState>()
  /** By ARN. */
  readonly services = new Map<string, ServiceState>()
  taskDefinitions: TaskDefinitionState[] = []
  /** Tasks that no service started. */
  oneOffTasks: TaskState[] = []
  readonly logs = new LogStore()

  /**
   * The images that the account's registry holds; tasks of others of it fail with CannotPullContainerError.
   * Other registries hold all that they are asked for.
   */
  readonly images = new Set<string>()
  /** What was pushed under an image's name last, where it was pushed anew. */
  readonly #digests = new Map<string, string>()
  /** The alarms that are firing, by name. */
  readonly alarms = new Set<string>()
  /** Fates of one-off tasks: of the next RunTask, or by image. */
  readonly migrations = new Script<MigrationFate>()
  /** Fates of service tasks: of the next service deployment (of any service), or by image. */
  readonly rollouts = new Script<RolloutFate>()
  /** Fates of the next rollbacks. */
  readonly rollbacks = new Script<RollbackFate>()
  /** How much AWS puts on a page of a list at most. */
  mostOfPage = Number.POSITIVE_INFINITY
  /** What the caller's session token is. */
  token: 'valid' | 'expired' = 'valid'

  #denied = new Set<string>()

  constructor(pace: Pace) {
    this.pace = pace
  }

  /** Takes permissions away: `ecs:ListTasks`, `logs:GetLogEvents`. */
  deny(...actions: readonly string[]): void {
    for (const action of actions) this.#denied.add(action)
  }

  /** Gives permissions back. */
  allow(...actions: readonly string[]): void {
    for (const action of actions) this.#denied.delete(action)
  }

  /** Refuses with AccessDeniedException where the permission was taken away. */
  authorize(action: string): void {
    if (!this.#denied.has(action)) return
    throw new AwsError(
      'AccessDeniedException',
      `User: arn:aws:sts::${account}:assumed-role/twokey/twokey is not authorized to perform: ${action} ` +
        `on resource: * because no identity-based policy allows the ${action} action`,
    )
  }

  /** Makes tasks of the next service deployment fail their health checks, or all that run this image. */
  unhealthy(what: 'next' | { readonly image: string }): void {
    if (what === 'next') this.rollouts.next({ kind: 'unhealthy' })
    else this.rollouts.ofImage(what.image, { kind: 'unhealthy' })
  }

  /** The fate of a task one of whose images the registry does not hold. */
  missingImage(images: readonly string[]): TaskFate | undefined {
    const missing = images.find((image) => image.startsWith(ownRegistry) && !this.images.has(image))
    return missing === undefined ? undefined : cannotPull(missing)
  }

  /** Pushes another image under a name that exists: what runs stays, what is rolled out from now on runs the new one. */
  retag(image: string): void {
    this.images.add(image)
    this.#digests.set(image, `sha256:${randomBytes(32).toString('hex')}`)
  }

  /**
   * What the images of these containers mean now, by container. ECS reports none where a container turned version
   * consistency off. Source: developer guide, container image resolution.
   */
  digestsOf({ containerDefinitions = [] }: TaskDefinition): Digests {
    return Object.fromEntries(
      containerDefinitions.flatMap(({ name, image, versionConsistency }) =>
        name === undefined || image === undefined || versionConsistency === 'disabled'
          ? []
          : [[name, this.#digests.get(image) ?? firstDigest(image)]],
      ),
    )
  }

  get tasks(): TaskState[] {
    return [...this.services.values()].flatMap((service) => service.tasks).concat(this.oneOffTasks)
  }

  /** The service by cluster and name, where there is one. */
  service(cluster: string, name: string): ServiceState | undefined {
    return [...this.services.values()].find((each) => each.cluster.name === cluster && each.name === name)
  }

  /** Lets the time until `now` (ms) take its effect: one look of the ECS scheduler. */
  advance(now: number): void {
    for (const task of this.oneOffTasks) advanceTask(task, now, this)
    this.oneOffTasks = kept(this.oneOffTasks, now)
    for (const service of this.services.values()) {
      for (const task of service.tasks) advanceTask(task, now, this)
      service.tasks = kept(service.tasks, now)
      if (service.status !== 'ACTIVE') continue
      advanceRollout(service, now, this)
      const [rollout] = service.rollouts
      if (!rollout || (rollout.status !== 'PENDING' && !isHeldBack(rollout))) schedule(service, now, this)
      settle(service, now)
    }
  }
}

/** Stands for what was pushed first under this name. */
function firstDigest(image: string): string {
  return (
    /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? `sha256:${createHash('sha256').update(image).digest('hex')}`
  )
}

function kept(tasks: TaskState[], now: number): TaskState[] {
  return tasks.filter((task) => task.stoppedAt === undefined || now - task.stoppedAt < taskRetention)
}
