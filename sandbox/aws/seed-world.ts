import type {
  ContainerDefinition,
  DeploymentConfiguration,
  RegisterTaskDefinitionRequest,
} from '@aws-sdk/client-ecs'
import type { Pace } from '../pace.ts'
import {
  app,
  founded,
  mainCommits,
  migration,
  registryOf,
  revisions,
  type SeedRevision,
  services,
} from '../seed.ts'
import { arn, home, newId, type Site } from './arn.ts'
import { deploymentId, newDeployment } from './deployments.ts'
import type {
  Capacity,
  ClusterState,
  ServiceRevisionState,
  ServiceState,
  TaskDefinitionState,
} from './model.ts'
import { taskDefinitionOf } from './named-definition.ts'
import { newRollout } from './rollout.ts'
import { newTask, placedBy } from './scheduler.ts'
import { register } from './task-definition-operations.ts'
import { World } from './world.ts'

/** Rolling, 100 to 200 percent, circuit breaker with rollback. */
const usualConfiguration: DeploymentConfiguration = {
  strategy: 'ROLLING',
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  deploymentCircuitBreaker: { enable: true, rollback: true },
}

/** A service to add; `history` is oldest first, and its last entry is the revision that runs. */
export type WantedService = {
  readonly cluster: string
  readonly service: string
  readonly desired: number
  /** Task definitions (`blog-api:43`) with when each was deployed, ms since the epoch. */
  readonly history: readonly { readonly taskDefinition: string; readonly at: number }[]
  readonly configuration?: DeploymentConfiguration
  readonly containerPort?: number
  readonly capacity?: Capacity
}

/** Adds a healthy service with its past service deployments, and creates its cluster if needed. */
export function addService(world: World, wanted: WantedService): ServiceState {
  const { cluster: clusterName, service: name, desired, history } = wanted
  const cluster = addCluster(world, clusterName)
  const deployed = history.map(({ taskDefinition, at }) => {
    const definition = taskDefinitionOf(world, taskDefinition)
    if (!definition) throw new Error(`There is no task definition ${taskDefinition}`)
    return newRevision(world, { cluster, service: name, taskDefinition: definition, createdAt: at })
  })
  const running = deployed.at(-1)
  if (!running) throw new Error(`The service ${name} needs a history`)
  const service: ServiceState = {
    cluster,
    name,
    arn: arn.service(cluster, name),
    status: 'ACTIVE',
    desired,
    taskDefinition: running.taskDefinition,
    configuration: wanted.configuration ?? structuredClone(usualConfiguration),
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: ['subnet-0a1b2c3d', 'subnet-0e4f5a6b'],
        securityGroups: ['sg-0123abcd'],
        assignPublicIp: 'DISABLED',
      },
    },
    capacity: wanted.capacity ?? null,
    controller: 'ECS',
    loadBalancers: [
      {
        targetGroupArn: arn.targetGroup(world.site, name),
        containerName: running.taskDefinition.containerDefinitions![0]!.name,
        containerPort: wanted.containerPort ?? 8080,
        // What a strategy that shifts traffic needs; a rolling deployment does not use it.
        advancedConfiguration: {
          alternateTargetGroupArn: arn.targetGroup(world.site, `${name}-alternate`),
          productionListenerRule: arn.listenerRule(world.site, name),
          roleArn: arn.role(world.site, 'ecs-load-balancers'),
        },
      },
    ],
    healthCheckGracePeriodSeconds: 60,
    createdAt: deployed[0]!.createdAt,
    tags: [{ key: 'team', value: 'blog' }],
    deployments: [],
    rollouts: [],
    revisions: deployed,
    tasks: [],
    events: [],
    steady: true,
  }
  service.deployments = [completedDeployment(running)]
  service.rollouts = deployed
    .map((target, index) => finishedRollout(service, target, deployed[index - 1]))
    .reverse()
  service.tasks = Array.from({ length: desired }, () => runningTask(service, running))
  world.services.set(service.arn, service)
  return service
}

function addCluster(world: World, name: string): ClusterState {
  const cluster = world.clusters.get(name) ?? { name, arn: arn.cluster(world.site, name), tags: [] }
  world.clusters.set(name, cluster)
  return cluster
}

function newRevision(
  world: World,
  {
    cluster,
    service,
    ...brought
  }: Pick<ServiceRevisionState, 'taskDefinition' | 'createdAt'> & {
    readonly cluster: ClusterState
    readonly service: string
  },
): ServiceRevisionState {
  const number = newId.revision()
  const digests = world.digestsOf(brought.taskDefinition)
  const revisionArn = arn.serviceRevision(cluster, service, number)
  return { ...brought, number, arn: revisionArn, digests, hasStarted: true }
}

function completedDeployment(revision: ServiceRevisionState) {
  return {
    ...newDeployment(revision, revision.createdAt),
    rolloutState: 'COMPLETED' as const,
    rolloutStateReason: `ECS deployment ${deploymentId(revision)} completed.`,
  }
}

function finishedRollout(service: ServiceState, target: ServiceRevisionState, source?: ServiceRevisionState) {
  const rollout = newRollout(service, { target, now: target.createdAt, ...(source && { source }) })
  const finishedAt = target.createdAt + 4 * 60_000
  Object.assign(rollout.breaker, { status: 'MONITORING_COMPLETE' })
  return {
    ...rollout,
    status: 'SUCCESSFUL' as const,
    startedAt: target.createdAt + 150,
    finishedAt,
    updatedAt: finishedAt,
  }
}

function runningTask(service: ServiceState, revision: ServiceRevisionState) {
  const task = newTask({
    cluster: service.cluster,
    taskDefinition: revision.taskDefinition,
    digests: revision.digests,
    group: `service:${service.name}`,
    startedBy: deploymentId(revision),
    service,
    ...placedBy(service.capacity),
    overrides: {},
    tags: [],
    outcome: { kind: 'runs' },
    createdAt: revision.createdAt,
    due: Number.POSITIVE_INFINITY,
  })
  return { ...task, lastStatus: 'RUNNING' as const, startedAt: revision.createdAt + 40_000, healthy: true }
}

/** A Fargate task definition of one container that logs to `logGroup`. */
export function fargate(
  family: string,
  container: ContainerDefinition & { name: string; image: string },
  logGroup: string,
  site: Site = home,
): RegisterTaskDefinitionRequest {
  return {
    family,
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    executionRoleArn: arn.role(site, 'ecs-execution'),
    taskRoleArn: arn.role(site, 'blog-api'),
    containerDefinitions: [
      {
        essential: true,
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': logGroup,
            'awslogs-region': site.region,
            'awslogs-stream-prefix': 'ecs',
          },
        },
        ...container,
      },
    ],
    tags: [{ key: 'team', value: 'blog' }],
  }
}

/** Dev runs on spot capacity. */
const spot: Capacity = [
  { capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 },
  { capacityProvider: 'FARGATE', weight: 0, base: 0 },
]

/** The default world: `blog-api` on dev and prod, at revision 43, each with its history since 41. */
export function seedWorld(pace: Pace, site: Site = home): World {
  const world = new World(pace, site)
  const registry = registryOf(site)
  const foundedAt = Date.parse(founded)
  world.secrets.set(arn.secret(site, 'blog-db'), { name: 'blog-db', deletedAt: null })
  for (const group of [app.logGroup, migration.logGroup]) world.logs.createGroup(group, foundedAt)
  for (const { sha } of mainCommits.slice(0, 4)) world.images.add(`${registry}:${sha}`)

  const oldest = revisions[0]!
  const before = { ...oldest, revision: oldest.revision - 1, sha: mainCommits[0]!.sha }
  addRevision(world, before, foundedAt).status = 'INACTIVE'
  for (const each of revisions) addRevision(world, each, Date.parse(each.at))
  const running = `${registry}:${revisions.at(-1)!.sha}`
  const migrate = { name: 'migrate', image: running, command: ['npm', 'run', 'migrate'] }
  addTaskDefinition(world, {
    family: migration.family,
    revision: 12,
    container: migrate,
    logGroup: migration.logGroup,
    at: foundedAt,
  })
  const worker = { name: 'worker', image: running, command: ['npm', 'run', 'worker'] }
  addTaskDefinition(world, {
    family: 'blog-worker',
    revision: 7,
    container: worker,
    logGroup: app.logGroup,
    at: foundedAt,
  })

  for (const { cluster, service, desired } of Object.values(services)) {
    const history = revisions.map((each) => ({
      taskDefinition: `${app.family}:${each.revision}`,
      at: Date.parse(each.at),
    }))
    addService(world, {
      cluster,
      service,
      desired,
      history,
      ...(cluster.endsWith('-dev') && { capacity: spot }),
    })
  }
  return world
}

function addRevision(
  world: World,
  { revision, sha, environment }: SeedRevision,
  registeredAt: number,
): TaskDefinitionState {
  const container = {
    name: app.container,
    image: `${registryOf(world.site)}:${sha}`,
    portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: 'tcp' as const }],
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    secrets: [
      {
        name: 'DATABASE_URL',
        valueFrom: arn.secret(world.site, 'blog-db'),
      },
    ],
  }
  const { family, logGroup } = app
  return addTaskDefinition(world, { family, revision, container, logGroup, at: registeredAt })
}

/** Registers a revision with this number, of one container. `at`: when, ms since the epoch. */
export function addTaskDefinition(
  world: World,
  {
    family,
    revision,
    container,
    logGroup,
    at: registeredAt,
  }: {
    readonly family: string
    readonly revision: number
    readonly container: ContainerDefinition & { name: string; image: string }
    readonly logGroup: string
    readonly at: number
  },
): TaskDefinitionState {
  const registered = register(world, fargate(family, container, logGroup, world.site), registeredAt)
  return at(world, revision, registered)
}

/** Changes the number of the last registered revision, as if the earlier revisions had been deleted. */
function at(world: World, revision: number, registered: TaskDefinitionState): TaskDefinitionState {
  const numbered = {
    ...registered,
    revision,
    taskDefinitionArn: arn.taskDefinition(world.site, registered.family, revision),
  }
  world.taskDefinitions = world.taskDefinitions.map((each) => (each === registered ? numbered : each))
  return numbered
}
