import type { TrafficRoutingConfig } from '@aws-sdk/client-codedeploy'
import type { ServiceState } from '../model.ts'
import type { World } from '../world.ts'
import { type CodeDeployment, eventNames, type GroupState } from './model.ts'

export type WantedGroup = {
  /** A predefined configuration, or one of your own with its routing; default `CodeDeployDefault.ECSAllAtOnce`. */
  readonly config?: string | { readonly name: string; readonly routing: TrafficRoutingConfig }
  /** Default null: no wait before the shift. */
  readonly readyMinutes?: number | null
  /** Default 0. */
  readonly terminationMinutes?: number
  /** Default: on a failure, an alarm and a stop. */
  readonly autoRollback?: GroupState['autoRollback']
  readonly alarms?: readonly string[]
  /** Lambda functions by event, such as `AfterInstall`. */
  readonly hooks?: Readonly<Record<string, string>>
  readonly application?: string
  readonly group?: string
}

/**
 * Makes CodeDeploy deploy a service, with a past deployment for each revision that it ran. Application and group have
 * the names that `amazon-ecs-deploy-task-definition` assumes, unless given.
 */
export function deployByCodeDeploy(
  world: World,
  service: ServiceState,
  wanted: WantedGroup = {},
): GroupState {
  const { codeDeploy } = world
  const suffix = `${service.cluster.name}-${service.name}`
  const { application: applicationName = `AppECS-${suffix}`, group: name = `DgpECS-${suffix}` } = wanted
  const application = codeDeploy.applications.get(applicationName) ?? {
    name: applicationName,
    revisions: new Map(),
  }
  codeDeploy.applications.set(applicationName, application)
  const group: GroupState = {
    id: crypto.randomUUID(),
    application,
    name,
    service,
    config: configOf(world, wanted.config),
    readyMinutes: wanted.readyMinutes ?? null,
    terminationMinutes: wanted.terminationMinutes ?? 0,
    autoRollback: wanted.autoRollback ?? {
      enabled: true,
      events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
    },
    alarms: wanted.alarms ?? [],
  }
  codeDeploy.groups.push(group)
  service.controller = 'CODE_DEPLOY'
  for (const { taskDefinition, createdAt } of service.revisions) {
    const content = appSpecOf(service, taskDefinition.taskDefinitionArn, wanted.hooks)
    const revision = codeDeploy.register(application, content, createdAt)
    if (typeof revision === 'string') throw new Error(revision)
    const created = codeDeploy.create({ group, revision, creator: 'user' }, createdAt)
    succeedLongAgo(created, createdAt)
  }
  const [running] = service.deployments
  const [last] = codeDeploy.deployments
  if (running && last) {
    running.externalId = last.id
    last.green = running
  }
  return group
}

function configOf(world: World, config: WantedGroup['config'] = 'CodeDeployDefault.ECSAllAtOnce') {
  const { configs } = world.codeDeploy
  if (typeof config !== 'string') configs.set(config.name, { ...config, id: crypto.randomUUID() })
  const found = configs.get(typeof config === 'string' ? config : config.name)
  if (!found) throw new Error(`There is no deployment configuration ${String(config)}`)
  return found
}

function succeedLongAgo(deployment: CodeDeployment, at: number): void {
  const ended = at + 6 * 60_000
  for (const event of deployment.events)
    Object.assign(event, { status: 'Succeeded', startedAt: at, endedAt: ended })
  Object.assign(deployment, {
    status: 'Succeeded',
    startedAt: at,
    completedAt: ended,
    updatedAt: ended,
    weight: 100,
  })
}

/** The AppSpec of a service, as a team keeps it. */
export function appSpecOf(
  { loadBalancers: [balancer] }: Pick<ServiceState, 'loadBalancers'>,
  taskDefinition: string,
  hooks: WantedGroup['hooks'] = {},
): string {
  const own = eventNames.filter((event) => event in hooks).map((event) => ({ [event]: hooks[event] }))
  return JSON.stringify({
    version: 0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: taskDefinition,
            LoadBalancerInfo: {
              ContainerName: balancer?.containerName,
              ContainerPort: balancer?.containerPort,
            },
          },
        },
      },
    ],
    ...(own.length > 0 && { Hooks: own }),
  })
}
