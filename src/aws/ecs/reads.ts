import type {
  Service,
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceRevision,
  Tag,
  Task,
  TaskDefinition,
} from '@aws-sdk/client-ecs'
import type { Target } from '../../release/names.ts'
import { batched } from './batch.ts'
import { cached } from './cache.ts'
import type { Clients } from './client.ts'
import { type Beginning, beginnings } from './dates.ts'
import { asking } from './offered.ts'
import { quotas, rateLimiter } from './rate-limiter.ts'
import { isUnknownDefinition } from './trouble.ts'
import { lastPart } from './words.ts'

export type Definition = { readonly definition: TaskDefinition; readonly tags: readonly Tag[] }

type DeploymentsQuery = {
  readonly target: Target
  /** Created since, ms. */
  readonly since?: number
}

type TasksQuery = {
  readonly cluster: string
  readonly family?: string
  readonly serviceName?: string
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
}

/** The reads of ECS in one region. An absent object is undefined; other failures throw `Trouble`. */
export type Reads = {
  service(target: Target): Promise<Service | undefined>
  deployment(arn: string): Promise<ServiceDeployment | undefined>
  /** Immutable, so it is read once. */
  serviceRevision(arn: string): Promise<ServiceRevision | undefined>
  /** Reads it again: ECS reports digests once a task of it was started. */
  serviceRevisionNow(arn: string): Promise<ServiceRevision | undefined>
  /** By ARN; read once, so its status may be outdated. */
  definition(arn: string): Promise<Definition | undefined>
  /** By `family:42` or ARN, read again. */
  definitionNow(name: string): Promise<Definition | undefined>
  task(cluster: string, arn: string): Promise<Task | undefined>
  tasks(asked: TasksQuery): Promise<readonly Task[]>
  /** Returns the ARNs only. */
  listTasks(asked: TasksQuery): Promise<readonly string[]>
  /** When an object returned by these reads began. */
  beginning: Beginning
  /** Pages of the service's deployments, newest first. */
  deployments(asked: DeploymentsQuery): AsyncGenerator<readonly ServiceDeploymentBrief[]>
}

/**
 * Batches as large as one request of ECS allows: 10 services, 20 deployments, 20 revisions, 100 tasks.
 * @param paceMs minimum time between two rounds of a kind
 */
export function readsOf({ ecs, clock }: Clients, paceMs: number): Reads {
  const ask = asking()
  const limiters = {
    deployments: rateLimiter(quotas.listServiceDeployments),
    tasks: rateLimiter(quotas.listTasks),
    definition: rateLimiter(quotas.describeTaskDefinition),
    services: rateLimiter(quotas.describeServices),
  }
  const services = perCluster({ size: 10, paceMs }, async (cluster, names) => {
    await limiters.services()
    const { services = [] } = await ask('ecs:DescribeServices', () =>
      ecs.describeServices({ cluster, services: [...names] }),
    )
    return byKey(services, names, ({ serviceArn, serviceName }) => [serviceArn, serviceName])
  })
  const tasks = perCluster({ size: 100, paceMs }, async (cluster, arns) => {
    const { tasks = [] } = await ask('ecs:DescribeTasks', () =>
      ecs.describeTasks({ cluster, tasks: [...arns] }),
    )
    return byKey(tasks, arns, ({ taskArn }) => [taskArn])
  })
  const deployment = batched<ServiceDeployment>({
    size: 20,
    paceMs,
    fetch: async (arns) => {
      const { serviceDeployments = [] } = await ask('ecs:DescribeServiceDeployments', () =>
        ecs.describeServiceDeployments({ serviceDeploymentArns: [...arns] }),
      )
      return byKey(serviceDeployments, arns, ({ serviceDeploymentArn }) => [serviceDeploymentArn])
    },
  })
  const serviceRevision = batched<ServiceRevision>({
    size: 20,
    paceMs,
    fetch: async (arns) => {
      const { serviceRevisions = [] } = await ask('ecs:DescribeServiceRevisions', () =>
        ecs.describeServiceRevisions({ serviceRevisionArns: [...arns] }),
      )
      return byKey(serviceRevisions, arns, ({ serviceRevisionArn }) => [serviceRevisionArn])
    },
  })

  async function definitionNow(name: string): Promise<Definition | undefined> {
    await limiters.definition()
    try {
      const { taskDefinition, tags = [] } = await ask('ecs:DescribeTaskDefinition', () =>
        ecs.describeTaskDefinition({ taskDefinition: name, include: ['TAGS'] }),
      )
      return taskDefinition && { definition: taskDefinition, tags }
    } catch (error) {
      if (isUnknownDefinition(error)) return undefined
      throw error
    }
  }

  async function listTasks(asked: TasksQuery): Promise<readonly string[]> {
    const arns: string[] = []
    let nextToken: string | undefined
    do {
      await limiters.tasks()
      const page = await ask('ecs:ListTasks', () => ecs.listTasks({ ...asked, nextToken }))
      arns.push(...(page.taskArns ?? []))
      nextToken = page.nextToken
    } while (nextToken)
    return arns
  }

  return {
    beginning: beginnings(() => clock.now()),
    service: ({ cluster, service }) => services(cluster)(service),
    deployment,
    serviceRevision: cached(serviceRevision),
    serviceRevisionNow: serviceRevision,
    definition: cached(definitionNow),
    definitionNow,
    listTasks,
    task: (cluster, arn) => tasks(cluster)(arn),
    async tasks(asked) {
      const arns = await listTasks(asked)
      const found = await Promise.all(arns.map((arn) => tasks(asked.cluster)(arn)))
      return found.filter((task) => task !== undefined)
    },
    async *deployments({ target: { cluster, service }, since }) {
      let nextToken: string | undefined
      do {
        await limiters.deployments()
        const page = await ask('ecs:ListServiceDeployments', () =>
          ecs.listServiceDeployments({
            cluster,
            service,
            maxResults: 100,
            nextToken,
            ...(since !== undefined && { createdAt: { after: new Date(since) } }),
          }),
        )
        yield page.serviceDeployments ?? []
        nextToken = page.nextToken
      } while (nextToken)
    },
  }
}

/** One batch per cluster, because a request names one. */
function perCluster<Value>(
  sizes: { readonly size: number; readonly paceMs: number },
  fetch: (cluster: string, keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): (cluster: string) => (key: string) => Promise<Value | undefined> {
  const byCluster = new Map<string, (key: string) => Promise<Value | undefined>>()
  return (cluster) => {
    const known = byCluster.get(cluster)
    if (known) return known
    const batch = batched<Value>({ ...sizes, fetch: (keys) => fetch(cluster, keys) })
    byCluster.set(cluster, batch)
    return batch
  }
}

/** Maps answers by the name or ARN that was requested. */
function byKey<Value>(
  answered: readonly Value[],
  keys: readonly string[],
  namesOf: (value: Value) => readonly (string | undefined)[],
): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>()
  for (const value of answered) {
    const names = namesOf(value)
    const key = keys.find((each) => names.includes(each) || names.includes(lastPart(each)))
    if (key !== undefined) found.set(key, value)
  }
  return found
}
