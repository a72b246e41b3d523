import { setTimeout as pause } from 'node:timers/promises'
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import type { CodeDeployment } from '../sandbox/aws/codedeploy/model.ts'
import { deployByCodeDeploy, type WantedGroup } from '../sandbox/aws/codedeploy/seed.ts'
import { newDeployment } from '../sandbox/aws/deployments.ts'
import type { Rollout, ServiceState } from '../sandbox/aws/model.ts'
import type { RolloutOutcome } from '../sandbox/aws/outcomes.ts'
import type { World } from '../sandbox/aws/world.ts'
import type { Clients, WaiterVerdict } from './waiters.ts'

/**
 * Rollouts whose end is hard to tell: those that people have reported of today's tools, and the rows of twokey's tables
 * of verdicts. Each is played by the sandbox, which alone decides how it ends.
 */
export type Story = {
  /** Where it is from: a public report, or a state of AWS. */
  readonly from: string
  /** What happens to the service. */
  readonly what: string
  readonly controller: 'ECS' | 'CODE_DEPLOY'
  /** Sets the service up before the release. */
  prepare?(place: Place): void
  /** What happens outside once the service was updated. */
  afterUpdate?(place: Place, clients: Clients): Promise<void>
  readonly truth: Truth
}

/** The service of a story. */
export type Place = { readonly world: World; readonly service: ServiceState }

/** What is true in the end, or of a rollout that stands still. */
export type Truth = {
  /** The state that twokey's card has to show: an end, or `paused`; `stuck`: in progress, with these words why. */
  readonly says: End | 'paused' | { readonly stuck: RegExp }
  /** When it became true by the sandbox, ms since the epoch; null: not yet. */
  since(place: Place): number | null
  /** How long it had to last before anybody could tell it from something that passes; default: not at all. */
  readonly certain?: 'after a minute'
  /** What a waiter is right to say, if not whether twokey's word is `succeeded`: a newer rollout serves the same. */
  readonly forWaiters?: WaiterVerdict
}

export type End = 'succeeded' | 'failed' | 'rolled back' | 'rollback failed' | 'superseded' | 'stopped'

export const ends: readonly string[] = [
  'succeeded',
  'failed',
  'rolled back',
  'rollback failed',
  'superseded',
  'stopped',
  'unchanged',
  'unknown',
  'cancelled',
  'expired',
] satisfies readonly (End | string)[]

/** The deployment of the release: the first that was created after the service was set up. */
export function rolloutOf({ service }: Place): Rollout | undefined {
  const before = pastRollouts.get(service) ?? 0
  return service.rollouts.at(-1 - before)
}

/** How many service deployments a service had before its release. */
const pastRollouts = new WeakMap<ServiceState, number>()

/** The same of CodeDeploy, without its rollbacks. */
export function codeDeploymentOf({ world, service }: Place): CodeDeployment | undefined {
  const since = startedAt.get(service) ?? Number.POSITIVE_INFINITY
  return world.codeDeploy.deployments.findLast(
    (each) => each.group.service === service && each.createdAt >= since && !each.undoes,
  )
}

const startedAt = new WeakMap<ServiceState, number>()

/** Sets a service up for its story. */
export function prepare(story: Story, place: Place): void {
  story.prepare?.(place)
  pastRollouts.set(place.service, place.service.rollouts.length)
  startedAt.set(place.service, Date.now())
}

/** When ECS gave the release's service deployment this status. */
const ecsEnds =
  (status: Rollout['status']): Truth['since'] =>
  (place) => {
    const rollout = rolloutOf(place)
    return rollout?.status === status ? (rollout.finishedAt ?? null) : null
  }

/** When CodeDeploy gave the release's deployment this status, or the rollback of it. */
const codeDeployEnds =
  (status: CodeDeployment['status'], of: 'itself' | 'its rollback' = 'itself'): Truth['since'] =>
  (place) => {
    const own = codeDeploymentOf(place)
    const deployment = of === 'itself' ? own : own?.rollback
    return deployment?.status === status ? (deployment.completedAt ?? null) : null
  }

/** Ends of a service deployment of ECS, each true once ECS gave it the status. */
const byEcs = {
  succeeded: { says: 'succeeded', since: ecsEnds('SUCCESSFUL') },
  failed: { says: 'failed', since: ecsEnds('STOPPED') },
  'rolled back': { says: 'rolled back', since: ecsEnds('ROLLBACK_SUCCESSFUL') },
  'rollback failed': { says: 'rollback failed', since: ecsEnds('ROLLBACK_FAILED') },
  superseded: { says: 'superseded', since: ecsEnds('STOPPED') },
} as const satisfies Readonly<Partial<Record<End, Truth>>>

/** Ends of a deployment of CodeDeploy. */
const byCodeDeploy = {
  succeeded: { says: 'succeeded', since: codeDeployEnds('Succeeded') },
  failed: { says: 'failed', since: codeDeployEnds('Failed') },
  'rolled back': { says: 'rolled back', since: codeDeployEnds('Succeeded', 'its rollback') },
} as const satisfies Readonly<Partial<Record<End, Truth>>>

/** When the first task of the release stopped. */
const firstFailure: Truth['since'] = ({ service }) => {
  const began = startedAt.get(service) ?? Number.POSITIVE_INFINITY
  const stopped = service.tasks.filter((task) => task.createdAt >= began && task.stoppedAt !== undefined)
  return stopped.length === 0 ? null : Math.min(...stopped.map((task) => task.stoppedAt!))
}

/** When an event of the service said these words since its release. */
const firstEvent =
  (words: RegExp): Truth['since'] =>
  ({ service }) => {
    const began = startedAt.get(service) ?? Number.POSITIVE_INFINITY
    return (
      service.events.findLast((event) => event.createdAt >= began && words.test(event.message))?.createdAt ??
      null
    )
  }

const breaker = (rollback: boolean): DeploymentConfiguration['deploymentCircuitBreaker'] => ({
  enable: true,
  rollback,
  thresholdConfiguration: { type: 'COUNT', value: 1 },
})

/** Configures a service of ECS, and what becomes of its next tasks. */
function ecs(configuration: DeploymentConfiguration, outcome?: RolloutOutcome): Story['prepare'] {
  return ({ world, service }) => {
    service.configuration = {
      maximumPercent: 200,
      minimumHealthyPercent: 100,
      deploymentCircuitBreaker: breaker(true),
      ...configuration,
    }
    if (outcome) world.rollouts.nextOf(service.name, outcome)
  }
}

/** While the first tasks still start, ms. */
const moment = ({ world }: Place): number => world.pace.taskStart / 2

const off = { deploymentCircuitBreaker: { enable: false, rollback: false } }
const fails: RolloutOutcome = { kind: 'exits', code: 1, log: ['no such table: posts'] }
const alarmed = (name: string, rollback: boolean): DeploymentConfiguration => ({
  alarms: { alarmNames: [name], enable: true, rollback },
})

function fires(alarm: string): Story['afterUpdate'] {
  return async (place) => {
    await pause(moment(place))
    place.world.alarms.add(alarm)
  }
}

/** Makes CodeDeploy deploy the service. */
function codeDeploy(wanted: WantedGroup = {}, more?: (place: Place) => void): Story['prepare'] {
  return (place) => {
    deployByCodeDeploy(place.world, place.service, wanted)
    more?.(place)
  }
}

const noRollback = { autoRollback: { enabled: false, events: [] } } satisfies WantedGroup
const hookFails = (event: 'BeforeAllowTraffic' | 'AfterAllowTraffic') => (place: Place) =>
  place.world.codeDeploy.outcomes.nextOf(place.service.name, {
    kind: 'hook-fails',
    event,
    message: 'the smoke test exited 1',
  })

/** The hooks that the repository's AppSpec names. */
export const hooks = { BeforeAllowTraffic: 'check', AfterAllowTraffic: 'check' } as const

const lambda = 'arn:aws:lambda:ap-northeast-2:123456789012:function:smoke-test'

export const stories: readonly Story[] = [
  {
    from: 'aws-actions#191',
    what: 'the circuit breaker rolls it back, and the service is stable again',
    controller: 'ECS',
    prepare: ecs({}, fails),
    truth: byEcs['rolled back'],
  },
  {
    from: 'roadmap#1488',
    what: 'the circuit breaker stops it, and rollback is off',
    controller: 'ECS',
    prepare: ecs({ deploymentCircuitBreaker: breaker(false) }, fails),
    truth: byEcs.failed,
  },
  {
    from: 'terraform-provider-aws#19519',
    what: 'the circuit breaker trips, and no earlier deployment has completed',
    controller: 'ECS',
    prepare: (place) => {
      ecs({}, fails)?.(place)
      for (const rollout of place.service.rollouts) rollout.status = 'STOPPED'
    },
    truth: byEcs['rollback failed'],
  },
  {
    from: 'copilot-cli#1879',
    what: 'its tasks exit again and again, without a circuit breaker',
    controller: 'ECS',
    prepare: ecs(off, fails),
    truth: { says: { stuck: /exited 1/ }, since: firstFailure },
  },
  {
    from: 'ecspresso#899',
    what: 'the run updates the service twice',
    controller: 'ECS',
    prepare: ecs({}),
    async afterUpdate({ service }, clients) {
      await pause(1_000)
      await clients.ecs.updateService({
        cluster: service.cluster.name,
        service: service.name,
        forceNewDeployment: true,
      })
    },
    truth: { ...byEcs.superseded, forWaiters: 'succeeded' },
  },
  {
    from: 'aws-actions#191, 2025',
    what: 'somebody else deploys another revision meanwhile',
    controller: 'ECS',
    prepare: ecs({}),
    async afterUpdate(place, clients) {
      const { service } = place
      await pause(moment(place))
      await clients.ecs.updateService({
        cluster: service.cluster.name,
        service: service.name,
        taskDefinition: 'blog-api:42',
      })
    },
    truth: byEcs.superseded,
  },
  {
    from: 'aws-actions#191, 2025',
    what: 'somebody scales the service to 0 meanwhile',
    controller: 'ECS',
    prepare: ecs({}),
    async afterUpdate(place, clients) {
      const { service } = place
      await pause(moment(place))
      await clients.ecs.updateService({
        cluster: service.cluster.name,
        service: service.name,
        desiredCount: 0,
      })
    },
    truth: byEcs.succeeded,
  },
  {
    from: 'reproio/ecs_deploy#60',
    what: 'ECS does not show the service for three seconds after the update',
    controller: 'ECS',
    prepare: ecs({}),
    async afterUpdate({ world, service }) {
      world.services.delete(service.arn)
      await pause(3_000)
      world.services.set(service.arn, service)
    },
    truth: byEcs.succeeded,
  },
  {
    from: 'aws-actions#756',
    what: 'it goes well',
    controller: 'ECS',
    prepare: ecs({}),
    truth: byEcs.succeeded,
  },
  {
    from: 'ecspresso#1063',
    what: 'blue/green with a bake time of a minute',
    controller: 'ECS',
    prepare: ecs({ ...off, strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 }),
    truth: byEcs.succeeded,
  },
  {
    from: 'reproio/ecs_deploy#125',
    what: 'a canary pauses for a person, for a day',
    controller: 'ECS',
    prepare: ecs({
      ...off,
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 0 },
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }],
    }),
    truth: {
      says: 'paused',
      since: (place) =>
        rolloutOf(place)?.hooks.find(({ status }) => status === 'AWAITING_ACTION')?.startedAt ?? null,
    },
  },
  {
    from: 'roadmap#2664',
    what: 'a lifecycle hook of blue/green fails',
    controller: 'ECS',
    prepare: (place) => {
      const hookTargetArn = `${lambda}-${place.service.name}`
      place.world.functions.set(hookTargetArn, 'fails')
      ecs({
        ...off,
        strategy: 'BLUE_GREEN',
        bakeTimeInMinutes: 0,
        lifecycleHooks: [
          {
            hookTargetArn,
            roleArn: 'arn:aws:iam::123456789012:role/hooks',
            lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
          },
        ],
      })?.(place)
    },
    truth: byEcs['rolled back'],
  },
  {
    from: 'rocicorp/mono#3830',
    what: 'its tasks fail their health checks again and again, without a circuit breaker',
    controller: 'ECS',
    prepare: ecs(off, { kind: 'unhealthy' }),
    truth: { says: { stuck: /health check/ }, since: firstFailure },
  },
  {
    from: 'convox/rack#429',
    what: 'no task can be placed',
    controller: 'ECS',
    prepare: ecs(off, { kind: 'unplaced' }),
    truth: { says: { stuck: /unable to place a task/ }, since: firstEvent(/unable to place/) },
  },
  {
    from: 'fabfuel/ecs-deploy#185',
    what: 'its image cannot be pulled, and the circuit breaker rolls it back',
    controller: 'ECS',
    prepare: ecs({}, { kind: 'never-starts', stoppedReason: 'CannotPullContainerError: not found' }),
    truth: byEcs['rolled back'],
  },
  {
    from: 'ECS: alarm',
    what: 'an alarm rolls it back',
    controller: 'ECS',
    prepare: ecs({ ...off, ...alarmed('blog-errors', true) }),
    afterUpdate: fires('blog-errors'),
    truth: byEcs['rolled back'],
  },
  {
    from: 'ECS: alarm',
    what: 'an alarm stops it, and rollback is off',
    controller: 'ECS',
    prepare: ecs({ ...off, ...alarmed('blog-latency', false) }),
    afterUpdate: fires('blog-latency'),
    truth: byEcs.failed,
  },
  {
    from: 'ECS: ROLLBACK_REQUESTED',
    what: 'a person rolls it back in the console',
    controller: 'ECS',
    prepare: ecs({}),
    async afterUpdate(place, clients) {
      await pause(moment(place))
      const serviceDeploymentArn = rolloutOf(place)!.arn
      await clients.ecs.stopServiceDeployment({ serviceDeploymentArn, stopType: 'ROLLBACK' })
    },
    truth: byEcs['rolled back'],
  },
  {
    from: 'ECS: ROLLBACK_FAILED',
    what: 'the circuit breaker rolls it back, and the rollback fails',
    controller: 'ECS',
    prepare: (place) => {
      ecs({}, fails)?.(place)
      place.world.rollbacks.nextOf(place.service.name, { kind: 'fails', reason: 'tasks failed to start' })
    },
    truth: byEcs['rollback failed'],
  },
  {
    from: 'botocore#2865',
    what: 'CodeDeploy deploys it, all at once',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy(),
    truth: byCodeDeploy.succeeded,
  },
  {
    from: 'ecspresso#663',
    what: 'a person stops the deployment, and CodeDeploy rolls it back',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy(),
    async afterUpdate(place, clients) {
      await pause(moment(place))
      const deploymentId = codeDeploymentOf(place)!.id
      await clients.codeDeploy.stopDeployment({ deploymentId, autoRollbackEnabled: true })
    },
    truth: byCodeDeploy['rolled back'],
  },
  {
    from: 'roadmap#1941',
    what: 'CodeDeploy reports success on tasks that are not healthy',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({}, ({ world, service }) => {
      world.codeDeploy.outcomes.nextOf(service.name, { kind: 'ignores-health' })
      world.rollouts.nextOf(service.name, { kind: 'unhealthy' })
    }),
    truth: { says: 'failed', since: codeDeployEnds('Succeeded'), certain: 'after a minute' },
  },
  {
    from: 'ecs-orb#134',
    what: 'CodeDeploy waits an hour for tasks that exit',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({}, ({ world, service }) => world.rollouts.nextOf(service.name, fails)),
    truth: { says: { stuck: /exited 1/ }, since: firstFailure },
  },
  {
    from: 'ecspresso#663',
    what: 'a hook fails after the shift, and the rollback succeeds at once',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({ hooks }, hookFails('AfterAllowTraffic')),
    truth: byCodeDeploy['rolled back'],
  },
  {
    from: 'pipecd#4692',
    what: 'the service has five task sets already',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy(noRollback, ({ service }) => {
      const [running] = service.deployments
      for (let count = 1; count < 5; count += 1)
        service.deployments.push({ ...newDeployment(running!.revision, Date.now()), status: 'ACTIVE' })
    }),
    truth: byCodeDeploy.failed,
  },
  {
    from: 'starter-workflows#1256',
    what: 'an alarm stops a canary while it shifts, and CodeDeploy rolls it back',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({ config: 'CodeDeployDefault.ECSCanary10Percent5Minutes', alarms: ['blog-5xx'] }),
    async afterUpdate(place) {
      while ((codeDeploymentOf(place)?.weight ?? 0) === 0) await pause(500)
      await pause(moment(place))
      place.world.alarms.add('blog-5xx')
    },
    truth: byCodeDeploy['rolled back'],
  },
  {
    from: 'ecs#UpdateService',
    what: 'the service changed its controller from CodeDeploy to ECS since the release before',
    controller: 'ECS',
    prepare: (place) => {
      codeDeploy()?.(place)
      place.service.controller = 'ECS'
    },
    truth: byEcs.succeeded,
  },
  {
    from: 'CodeDeploy: Ready',
    what: 'the deployment waits for a person before the shift',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({ readyMinutes: 60 }),
    truth: {
      says: 'paused',
      since: (place) => {
        const deployment = codeDeploymentOf(place)
        return deployment?.status === 'Ready' ? deployment.updatedAt : null
      },
    },
  },
  {
    from: 'CodeDeploy: Ready',
    what: 'nobody continues the deployment in time',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({ readyMinutes: 1, ...noRollback }),
    truth: { says: 'stopped', since: codeDeployEnds('Stopped'), certain: 'after a minute' },
  },
  {
    from: 'CodeDeploy: termination wait',
    what: 'the tasks before it are kept for a minute',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({ terminationMinutes: 1 }),
    truth: byCodeDeploy.succeeded,
  },
  {
    from: 'CodeDeploy: Failed',
    what: 'a hook fails before the shift, and rollback is off',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({ hooks, ...noRollback }, hookFails('BeforeAllowTraffic')),
    truth: byCodeDeploy.failed,
  },
  {
    from: 'CodeDeploy: Failed',
    what: 'a hook fails after the shift, rollback is off, and the new revision is serving',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({ hooks, ...noRollback }, hookFails('AfterAllowTraffic')),
    truth: byCodeDeploy.failed,
  },
  {
    from: 'CodeDeploy: rollbackDeploymentId',
    what: 'a hook fails, and so does the rollback',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({ hooks }, (place) => {
      hookFails('BeforeAllowTraffic')(place)
      place.world.codeDeploy.rollbacks.nextOf(place.service.name, { kind: 'fails', message: 'no capacity' })
    }),
    truth: { says: 'rollback failed', since: codeDeployEnds('Failed', 'its rollback') },
  },
  {
    from: 'CodeDeploy: rollbackMessage',
    what: 'a hook fails, and CodeDeploy cannot create a rollback',
    controller: 'CODE_DEPLOY',
    prepare: codeDeploy({ hooks }, (place) => {
      hookFails('BeforeAllowTraffic')(place)
      place.world.codeDeploy.rollbacks.nextOf(place.service.name, {
        kind: 'impossible',
        message: 'no earlier revision',
      })
    }),
    truth: { says: 'rollback failed', since: codeDeployEnds('Failed') },
  },
]
