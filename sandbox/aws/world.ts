import { createHash, randomBytes } from 'node:crypto'
import type { TaskDefinition } from '@aws-sdk/client-ecs'
import type { Pace } from '../pace.ts'
import { home, type Site } from './arn.ts'
import { CodeDeploy } from './codedeploy/code-deploy.ts'
import { AwsError } from './error.ts'
import { EventRule } from './event-rule.ts'
import { isBeforeScaleUp } from './lifecycle.ts'
import { LogStore } from './log-store.ts'
import type { ClusterState, Digests, ServiceState, TaskDefinitionState, TaskState } from './model.ts'
import {
  cannotPull,
  type HookOutcome,
  type MigrationOutcome,
  type RollbackOutcome,
  type RolloutOutcome,
  Script,
  type TaskOutcome,
} from './outcomes.ts'
import { Queue } from './queue.ts'
import { advanceRollout, settle } from './rollout.ts'
import { schedule } from './scheduler.ts'
import { advanceTask, taskRetention } from './task.ts'
import { scaleTaskSets } from './task-sets.ts'

/** The state of one region of an AWS account, and the faults in it, as data. */
export class World {
  readonly pace: Pace
  readonly site: Site
  readonly clusters = new Map<string, ClusterState>()
  /** By ARN. */
  readonly services = new Map<string, ServiceState>()
  taskDefinitions: TaskDefinitionState[] = []
  /** Tasks that no service started. */
  oneOffTasks: TaskState[] = []
  readonly logs = new LogStore()
  readonly codeDeploy = new CodeDeploy()
  /** By URL. */
  readonly queues = new Map<string, Queue>()
  readonly #rules: EventRule[] = []

  /**
   * The images in the account's own registry; a task with a missing one fails with CannotPullContainerError. Other
   * registries have every image.
   */
  readonly images = new Set<string>()
  /** The digest that was last pushed under an image's name, if it was pushed again. */
  readonly #digests = new Map<string, string>()
  /** Images without a tag, by digest, with the name that they had. */
  readonly #untagged = new Map<string, string>()
  /** The digests of images in the archive, which cannot be pulled. */
  readonly archived = new Set<string>()
  /** The subnets of services, by id. */
  readonly subnets = new Map([
    ['subnet-0a1b2c3d', { free: 240 }],
    ['subnet-0e4f5a6b', { free: 236 }],
  ])
  /** Health checks of target groups that are not as usual, by ARN. */
  readonly targetGroups = new Map<string, TargetGroup>()
  /** Secrets without their values, by ARN. */
  readonly secrets = new Map<string, { readonly name: string; deletedAt: number | null }>()
  /** The alarms that are firing, by name. */
  readonly alarms = new Set<string>()
  /** Outcomes of one-off tasks: of the next RunTask, or by image. */
  readonly migrations = new Script<MigrationOutcome>()
  /** Outcomes of service tasks: of the next service deployment (of any service), or by image. */
  readonly rollouts = new Script<RolloutOutcome>()
  /** Outcomes of the next rollbacks. */
  readonly rollbacks = new Script<RollbackOutcome>()
  /** What the Lambda functions of lifecycle hooks answer, by ARN. Absent: they succeed. */
  readonly functions = new Map<string, HookOutcome>()
  /** The maximum number of items that AWS puts on a page of a list. */
  mostOfPage = Number.POSITIVE_INFINITY
  /** The state of the caller's session token. */
  token: 'valid' | 'expired' = 'valid'

  #denied = new Set<string>()

  constructor(pace: Pace, site: Site = home) {
    this.pace = pace
    this.site = site
  }

  /** Removes permissions: `ecs:ListTasks`, `logs:GetLogEvents`. */
  deny(...actions: readonly string[]): void {
    for (const action of actions) this.#denied.add(action)
  }

  /** Restores permissions. */
  allow(...actions: readonly string[]): void {
    for (const action of actions) this.#denied.delete(action)
  }

  /** Refuses with AccessDeniedException if the permission was removed. @param caller the ARN of who calls */
  authorize(action: string, caller: string): void {
    if (!this.#denied.has(action)) return
    throw new AwsError(
      'AccessDeniedException',
      `User: ${caller} is not authorized to perform: ${action} ` +
        `on resource: * because no identity-based policy allows the ${action} action`,
    )
  }

  /** Makes tasks of the next service deployment fail their health checks, or all that run this image. */
  unhealthy(what: 'next' | { readonly image: string }): void {
    if (what === 'next') this.rollouts.next({ kind: 'unhealthy' })
    else this.rollouts.ofImage(what.image, { kind: 'unhealthy' })
  }

  /** The account's own registry, with which the names of its images begin. */
  get #registry(): string {
    const { account, region } = this.site
    return `${account}.dkr.ecr.${region}.amazonaws.com/`
  }

  /** The outcome of a task with an image that the registry does not have. */
  missingImage(images: readonly string[]): TaskOutcome | undefined {
    const missing = images.find((image) => image.startsWith(this.#registry) && !this.#isStored(image))
    return missing === undefined ? undefined : cannotPull(missing)
  }

  /** Whether the account's own registry has an image of this name: `repository:tag`, or `repository@digest`. */
  #isStored(image: string): boolean {
    const [name, digest] = image.split('@')
    if (digest === undefined) return this.images.has(image)
    return this.imageIn(name!.slice(this.#registry.length), { digest }) !== undefined
  }

  /** Pushes an image, and returns its digest. */
  push(image: string): string {
    this.images.add(image)
    return this.#digests.get(image) ?? firstDigest(image)
  }

  /** An image of the account's own registry, by its repository and a tag or a digest. */
  imageIn(
    repository: string,
    id: { readonly tag?: string; readonly digest?: string },
  ): StoredImage | undefined {
    const prefix = `${this.#registry}${repository}`
    const tagged = [...this.images].flatMap((name): StoredImage[] => {
      const [, tag] = name.startsWith(`${prefix}:`) ? name.split(':') : []
      return tag === undefined ? [] : [{ tags: [tag], digest: this.#digests.get(name) ?? firstDigest(name) }]
    })
    const untagged = [...this.#untagged].flatMap(([digest, name]): StoredImage[] =>
      name.startsWith(`${prefix}:`) ? [{ tags: [], digest }] : [],
    )
    return [...tagged, ...untagged].find(
      ({ tags, digest }) =>
        (id.tag === undefined || tags.includes(id.tag)) && digest === (id.digest ?? digest),
    )
  }

  /** Whether the account's own registry has the repository. */
  hasRepository(repository: string): boolean {
    const prefix = `${this.#registry}${repository}:`
    return [...this.images, ...this.#untagged.values()].some((name) => name.startsWith(prefix))
  }

  /** Pushes another image under an existing name: running tasks keep the old image, new rollouts use the new one. */
  retag(image: string): void {
    this.#untagged.set(this.#digests.get(image) ?? firstDigest(image), image)
    this.images.add(image)
    this.#digests.set(image, `sha256:${randomBytes(32).toString('hex')}`)
  }

  /**
   * The current digests of these containers' images, by container. ECS reports none if a container turned version
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

  createQueue(name: string): Queue {
    const { account, region } = this.site
    const queue = new Queue(`https://sqs.${region}.amazonaws.com/${account}/${name}`)
    this.queues.set(queue.url, queue)
    return queue
  }

  /** Sends the events of ECS and CodeDeploy to a queue from now on. */
  sendEventsTo(queue: Queue): void {
    this.#rules.push(new EventRule(queue, this))
  }

  get tasks(): TaskState[] {
    return [...this.services.values()].flatMap((service) => service.tasks).concat(this.oneOffTasks)
  }

  /** The service by cluster and name, if there is one. */
  service(cluster: string, name: string): ServiceState | undefined {
    return [...this.services.values()].find((each) => each.cluster.name === cluster && each.name === name)
  }

  /** Advances the world to `now` (ms): one pass of the ECS scheduler. */
  advance(now: number): void {
    this.codeDeploy.advance(now, this)
    for (const task of this.oneOffTasks) advanceTask(task, now, this)
    this.oneOffTasks = withoutExpired(this.oneOffTasks, now)
    for (const service of this.services.values()) {
      for (const task of service.tasks) advanceTask(task, now, this)
      service.tasks = withoutExpired(service.tasks, now)
      if (service.status !== 'ACTIVE') continue
      if (this.codeDeploy.groupOf(service) && service.controller === 'CODE_DEPLOY') {
        scaleTaskSets(service, now, this)
        continue
      }
      advanceRollout(service, now, this)
      const [rollout] = service.rollouts
      if (!rollout || !isBeforeScaleUp(rollout)) schedule(service, now, this)
      settle(service, now)
    }
    for (const rule of this.#rules) rule.pass(now, this)
  }
}

/** The health checks of a target group. */
export type TargetGroup = {
  readonly intervalSeconds: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
}

/** An image in a registry. */
export type StoredImage = { readonly tags: readonly string[]; readonly digest: string }

/** The digest of the first image that was pushed under this name. */
function firstDigest(image: string): string {
  return (
    /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? `sha256:${createHash('sha256').update(image).digest('hex')}`
  )
}

function withoutExpired(tasks: TaskState[], now: number): TaskState[] {
  return tasks.filter((task) => task.stoppedAt === undefined || now - task.stoppedAt < taskRetention)
}
