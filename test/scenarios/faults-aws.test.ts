import { describe, expect, vi } from 'vitest'
import { deployPath, deployWorkflow, type WorkflowVariant } from '../../sandbox/github/workflow-file.ts'
import { patience } from '../../sandbox/pace.ts'
import { mainCommits, registry } from '../../sandbox/seed.ts'
import { type Harness, patientScenario, scenario, stateOf } from './harness.ts'

type Does = (harness: Harness) => unknown

const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const
const service = (harness: Harness) => harness.sandbox.aws.world.service(prod.cluster, prod.service)!
const updates = (harness: Harness) => harness.sandbox.aws.log.of('UpdateService').length
const run = (harness: Harness) => harness.sandbox.github.world.repository().runs.at(-1)!
/** Commits another workflow to main, which no push starts. */
const has = (
  harness: Harness,
  change: (text: string) => string,
  variant: Pick<WorkflowVariant, 'inputs'> = {},
) =>
  harness.sandbox.github.world.push('main', {
    message: 'Change the workflow',
    files: { [deployPath]: change(deployWorkflow({ on: ['workflow_dispatch'], ...variant })) },
  })
const updated = (harness: Harness) =>
  vi.waitUntil(() => updates(harness) > 0, { timeout: patience, interval: 2 }).then(() => updates(harness))
const throttled = {
  kind: 'answer',
  status: 400,
  body: { __type: 'ThrottlingException', message: 'Rate exceeded' },
} as const
const broken = {
  kind: 'answer',
  status: 500,
  body: { __type: 'ServerException', message: 'Service Unavailable' },
} as const

/** A page of a server that stands in for AWS. */
const page = (status: number) =>
  ({ kind: 'answer', status, body: '<html>Error</html>', headers: { 'content-type': 'text/html' } }) as const
const unknownOperation = {
  kind: 'answer',
  status: 400,
  body: { __type: 'UnknownOperationException' },
} as const
const always = { times: 100_000 }

describe.concurrent('AWS errors that pass', () => {
  scenario.for<[string, Does]>([
    [
      'throttles its lists',
      ({ sandbox: { aws } }) => aws.faults.queue('ListServiceDeployments', throttled, { times: 4 }),
    ],
    [
      'throttles its descriptions',
      ({ sandbox: { aws } }) => aws.faults.queue('DescribeServiceDeployments', throttled, { times: 4 }),
    ],
    [
      'breaks while tasks are listed',
      ({ sandbox: { aws } }) => aws.faults.queue('ListTasks', broken, { times: 7 }),
    ],
    [
      'cuts the connection',
      ({ sandbox: { aws } }) => aws.faults.queue('DescribeServiceRevisions', { kind: 'reset' }, { times: 4 }),
    ],
    [
      'answers with something other than JSON',
      ({ sandbox: { aws } }) =>
        aws.faults.queue(
          'DescribeServiceDeployments',
          { kind: 'answer', status: 502, body: '<html>' },
          { times: 4 },
        ),
    ],
    [
      'may not list service deployments',
      ({ sandbox: { aws } }) => aws.world.deny('ecs:ListServiceDeployments'),
    ],
    [
      'may not describe service deployments',
      ({ sandbox: { aws } }) => aws.world.deny('ecs:DescribeServiceDeployments'),
    ],
    [
      'may not describe service revisions',
      ({ sandbox: { aws } }) => aws.world.deny('ecs:DescribeServiceRevisions'),
    ],
    ['may not read logs', ({ sandbox: { aws } }) => aws.world.deny('logs:GetLogEvents')],
  ])('reaches the same end although AWS %s', async ([, breaks], { harness }) => {
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    breaks(harness)
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.serving()).toBe('blog-api:44')
  })

  patientScenario.for<[string, string]>([
    ['the rollout', 'ecs:DescribeServices'],
    ['the migration', 'ecs:ListTasks'],
  ])(
    'reports that %s could not be read for a while, and the release goes on',
    async ([, action], { harness }) => {
      const { github, aws } = harness.sandbox
      github.world.next = { holdAt: 'Install' }
      await harness.approved()
      await harness.shows('running')
      aws.world.deny(action)
      await harness.threadPost(new RegExp(`grant ${action}`))
      aws.world.allow(action)
      const asked = () => aws.log.of(action.replace('ecs:', ''))
      await vi.waitUntil(() => asked().at(-1)?.status === 200, { timeout: patience })
      github.world.letGo(run(harness).id)
      expect(await harness.ends()).toBe('succeeded')
    },
  )

  patientScenario(
    'continues after the AWS credentials expired during the run and were renewed',
    async ({ harness }) => {
      const { github, aws } = harness.sandbox
      github.world.next = { holdAt: 'Install' }
      await harness.approved()
      await harness.shows('running')
      aws.world.token = 'expired'
      await harness.threadPost(/renew the AWS credentials/)
      aws.world.token = 'valid'
      github.world.letGo(run(harness).id)
      expect(await harness.ends()).toBe('succeeded')
    },
  )
})

describe.concurrent('AWS refusals', () => {
  scenario.for([
    ['UnknownOperationException', unknownOperation],
    ['501', page(501)],
    ['404 with an HTML page', page(404)],
    ['500 with an HTML page', page(500)],
  ] as const)(
    'follows the service itself without service deployments (%s), and /rollback says so',
    async ([, fault], { harness }) => {
      const { faults } = harness.sandbox.aws
      faults.queue('ListServiceDeployments', fault, always)
      faults.queue('DescribeServiceDeployments', fault, always)
      faults.queue('DescribeServiceRevisions', fault, always)
      await harness.approved()
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:44')
      const told = await harness.answerTo('U0ANA', '/rollback blog-api 42')
      expect(told).toContain('AWS does not offer ecs:ListServiceDeployments')
      expect(told).not.toContain('config file')
    },
  )

  scenario(
    'without DescribeServices nothing can be deployed, and the refusal names the missing operation',
    async ({ harness }) => {
      harness.sandbox.aws.faults.queue('DescribeServices', page(404), always)
      // Until then, twokey has watched the services.
      await harness.restarts()
      const told = await harness.answerTo('U0ANA', '/deploy prod')
      expect(told).toContain('AWS does not offer ecs:DescribeServices')
      expect(told).not.toContain('config file')
      expect(harness.cards()).toHaveLength(0)
    },
  )

  scenario(
    'without UpdateService a rollback fails at once, and the update is sent once',
    async ({ harness }) => {
      harness.sandbox.aws.faults.queue('UpdateService', unknownOperation, always)
      await harness.types('U0ANA', '/rollback blog-api 42')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      expect(await harness.ends()).toBe('failed')
      const told = JSON.stringify(harness.cards().at(-1)!.blocks).replaceAll('\u2060', '')
      expect(told).toContain('AWS does not offer ecs:UpdateService')
      expect(told).not.toContain('config file')
      expect(updates(harness)).toBe(1)
    },
  )

  scenario(
    'without GetLogEvents the end of a migration is posted with the reason why there is no log',
    async ({ harness }) => {
      harness.sandbox.aws.faults.queue('GetLogEvents', page(404), always)
      harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1 })
      await harness.approved()
      expect(await harness.ends()).toBe('failed')
      await harness.threadPost(/AWS does not offer logs:.{0,3}GetLogEvents/)
    },
  )

  scenario(
    'a rollback to a revision without the load balancer’s container names that container',
    async ({ harness }) => {
      const message = 'The container web does not exist in the task definition.'
      const body = { __type: 'InvalidParameterException', message }
      harness.sandbox.aws.faults.queue('UpdateService', { kind: 'answer', status: 400, body })
      await harness.types('U0ANA', '/rollback blog-api 42')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      expect(await harness.ends()).toBe('failed')
      const { text } = harness.cards()[0]!
      expect(text).toContain('uses container web, which blog-api:42 does not have')
      expect(text).not.toMatch(/config file|in the thread/)
      expect(updates(harness)).toBe(1)
    },
  )
})

describe.concurrent('facts that AWS never shows', () => {
  // The workflow has the same role, so it fails as well if the role may not read the service.
  scenario.for<[what: string, action: string, seenThen: string]>([
    ['the rollout', 'ecs:DescribeServices', 'failed'],
    ['the migration', 'ecs:ListTasks', 'succeeded'],
  ])(
    'ends unknown if %s can never be read, and Look again finds the end once it can',
    async ([, action, then], { harness }) => {
      const { github, aws } = harness.sandbox
      github.world.next = { holdAt: 'Install' }
      await harness.approved()
      await harness.shows('running')
      aws.world.deny(action)
      github.world.letGo(run(harness).id)
      expect(await harness.ends()).toBe('unknown')
      expect(stateOf(harness.cards()[0]!)).toContain(action)
      aws.world.allow(action)
      await harness.clicks('U0ANA', 'look-again')
      await harness.shows(then)
    },
  )

  scenario(
    'ends unknown without service deployments, because a rollback by ECS looks like a replacement',
    async ({ harness }) => {
      harness.sandbox.aws.world.deny('ecs:ListServiceDeployments')
      harness.sandbox.aws.world.unhealthy('next')
      await harness.approved()
      expect(['unknown', 'failed']).toContain(await harness.ends())
      expect(harness.serving()).toBe('blog-api:43')
    },
  )

  scenario(
    'ends unknown with two candidates if a person rolls out the same commit in the same minutes',
    async ({ harness }) => {
      const { github } = harness.sandbox
      has(harness, (text) => text, { inputs: ['environment', 'sha'] })
      github.world.next = { holdAt: 'Smoke test' }
      await harness.approved()
      await updated(harness)
      await harness.ecs.updateService({ ...prod, forceNewDeployment: true })
      await harness.sandbox.aws.until(() => service(harness).rollouts[0]?.status === 'SUCCESSFUL')
      github.world.letGo(run(harness).id)
      expect(await harness.ends()).toBe('unknown')
      expect(await harness.answerTo('U0ELI', `/deploy prod blog-api ${mainCommits[4]!.sha}`)).toContain(
        'in_flight',
      )
    },
  )
})

describe.concurrent('the end of the rollout', () => {
  scenario.for<[string, Does, Does | null, string, RegExp]>([
    [
      'the circuit breaker rolls it back',
      ({ sandbox: { aws } }) =>
        aws.world.rollouts.next({ kind: 'exits', code: 3, log: ['Cannot find module'] }),
      null,
      'rolled back',
      /circuit breaker/i,
    ],
    [
      'the image no longer exists',
      ({ sandbox: { aws } }) =>
        aws.world.rollouts.next({
          kind: 'never-starts',
          stoppedReason: 'CannotPullContainerError: not found',
        }),
      null,
      'rolled back',
      /does not exist in ECR/,
    ],
    [
      'the circuit breaker stops it, with rollback disabled',
      (harness) => {
        service(harness).configuration.deploymentCircuitBreaker = { enable: true, rollback: false }
        harness.sandbox.aws.world.unhealthy('next')
      },
      null,
      'failed',
      /nothing was rolled back/,
    ],
    [
      'the rollback fails',
      ({ sandbox: { aws } }) => {
        aws.world.unhealthy('next')
        aws.world.rollbacks.next({ kind: 'fails', reason: 'No healthy tasks' })
      },
      null,
      'rollback failed',
      /No healthy tasks/,
    ],
    [
      'an alarm rolls it back',
      (harness) => {
        service(harness).configuration.alarms = { alarmNames: ['blog-5xx'], enable: true, rollback: true }
        harness.sandbox.aws.world.rollouts.next({ kind: 'stuck' })
      },
      ({ sandbox: { aws } }) => aws.world.alarms.add('blog-5xx'),
      'rolled back',
      /blog-5xx/,
    ],
    [
      'an alarm stops it, with rollback disabled',
      (harness) => {
        service(harness).configuration.alarms = { alarmNames: ['blog-5xx'], enable: true, rollback: false }
        harness.sandbox.aws.world.rollouts.next({ kind: 'stuck' })
      },
      ({ sandbox: { aws } }) => aws.world.alarms.add('blog-5xx'),
      'failed',
      /blog-5xx/,
    ],
    [
      'a person stops it by hand',
      ({ sandbox: { aws } }) => aws.world.rollouts.next({ kind: 'stuck' }),
      (harness) =>
        harness.ecs.stopServiceDeployment({ serviceDeploymentArn: service(harness).rollouts[0]!.arn }),
      'rolled back',
      /stopped by a user/,
    ],
    [
      'a person rolls out another revision over it',
      ({ sandbox: { aws } }) => aws.world.rollouts.next({ kind: 'stuck' }),
      (harness) => harness.ecs.updateService({ ...prod, taskDefinition: 'blog-api:42' }),
      'superseded',
      /another|newer|took/,
    ],
    [
      'a person scales the service to zero',
      ({ sandbox: { aws } }) => aws.world.rollouts.next({ kind: 'stuck' }),
      (harness) => harness.ecs.updateService({ ...prod, desiredCount: 0 }),
      'succeeded',
      /no tasks run/,
    ],
  ])('ends the release as the rollout ended: %s', async ([, before, during, end, words], { harness }) => {
    before(harness)
    await harness.approved()
    await updated(harness)
    if (during !== null) {
      await harness.shows('rolling out')
      await during(harness)
    }
    expect(await harness.ends()).toBe(end)
    const [card] = harness.cards()
    expect(`${card!.text} ${card!.replies.map(({ text }) => text).join(' ')}`).toMatch(words)
    expect(stateOf(card!)).toMatch(/serving/)
  })

  scenario(
    'names what is running if the circuit breaker stopped the rollout with nothing to roll back to, and offers Retry',
    async ({ harness }) => {
      service(harness).configuration.deploymentCircuitBreaker = { enable: true, rollback: false }
      harness.sandbox.aws.world.unhealthy('next')
      await harness.approved()
      expect(await harness.ends()).toBe('failed')
      expect(stateOf(harness.cards()[0]!)).toMatch(/serving blog-api:43/)
      // The workflow continues to wait for a stable service.
      await harness.clicks('U0ANA', 'cancel')
      await harness.sandbox.slack.until(() =>
        JSON.stringify(harness.cards()[0]?.blocks).includes('twokey:retry'),
      )
      await harness.clicks('U0ANA', 'retry')
      await harness.shows('awaiting approval')
      expect(harness.cards()).toHaveLength(2)
      await harness.clicks('U0ANA', 'cancel')
      await harness.shows('cancelled')
      await harness.types('U0ANA', '/rollback blog-api 43')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:43')
    },
  )

  scenario(
    'does not count another person’s rollout before the release’s own, though within the time of the run',
    async ({ harness }) => {
      const { github } = harness.sandbox
      github.world.next = { holdAt: 'Install' }
      await harness.approved()
      await harness.shows('running')
      await harness.ecs.updateService({ ...prod, taskDefinition: 'blog-api:42' })
      await harness.sandbox.aws.until(() => service(harness).rollouts[0]?.status === 'SUCCESSFUL')
      github.world.letGo(run(harness).id)
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:44')
    },
  )

  scenario(
    'does not take another person’s rollout for the release’s own if it is the only one',
    async ({ harness }) => {
      const { github } = harness.sandbox
      github.world.next = { holdAt: 'Build', failStep: 'Build' }
      await harness.approved()
      await harness.shows('running')
      await harness.ecs.updateService({ ...prod, taskDefinition: 'blog-api:42' })
      await harness.sandbox.aws.until(() => service(harness).rollouts[0]?.status === 'SUCCESSFUL')
      github.world.letGo(run(harness).id)
      expect(await harness.ends()).toBe('failed')
      expect(stateOf(harness.cards()[0]!)).toMatch(/Build.*blog-api:42.*was approved/)
    },
  )

  scenario('ends unchanged if nothing was rolled out', async ({ harness }) => {
    has(harness, (text) => text.replace('id: deploy\n', 'id: deploy\n        if: false\n'))
    await harness.approved()
    expect(await harness.ends()).toBe('unchanged')
    expect(harness.serving()).toBe('blog-api:43')
  })

  scenario('never succeeds if the service is deleted while the run is in progress', async ({ harness }) => {
    harness.sandbox.github.world.next = { holdAt: 'Install' }
    await harness.approved()
    await harness.shows('running')
    service(harness).status = 'INACTIVE'
    harness.sandbox.github.world.letGo(run(harness).id)
    expect(['unknown', 'failed']).toContain(await harness.ends())
  })
})

describe.concurrent('the end of the migration', () => {
  scenario.for<[string, Does, string, RegExp]>([
    [
      'it never appeared, which the card says',
      (harness) => has(harness, (text) => text.replace('id: migrate\n', 'id: migrate\n        if: false\n')),
      'succeeded',
      /no migration was found/i,
    ],
    [
      'RunTask answered with failures and no task',
      ({ sandbox: { aws } }) =>
        aws.world.migrations.next({ kind: 'not-run', failures: [{ reason: 'RESOURCE:ENI' }] }),
      'failed',
      /nothing was deployed/,
    ],
    [
      'it stopped without an exit code',
      ({ sandbox: { aws } }) =>
        aws.world.migrations.next({
          kind: 'never-starts',
          stoppedReason: 'ResourceInitializationError: no secret',
        }),
      'failed',
      /ResourceInitializationError/,
    ],
    [
      'it was killed',
      ({ sandbox: { aws } }) => aws.world.migrations.next({ kind: 'exits', code: 137 }),
      'failed',
      /137/,
    ],
    [
      'it failed, and the workflow updated the service all the same',
      (harness) => {
        has(harness, (text) =>
          text
            .replace('id: render\n', 'id: later\n')
            .replace('id: migrate\n', 'id: render\n')
            .replace('id: deploy\n', 'id: migrate\n')
            .replace('Smoke test\n', 'Smoke test\n        id: deploy\n'),
        )
        harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1 })
      },
      'failed',
      /exited 1|exit code 1/,
    ],
  ])('ends the release as the migration ended: %s', async ([, before, end, words], { harness }) => {
    before(harness)
    await harness.approved()
    expect(await harness.ends()).toBe(end)
    expect(harness.cards()[0]!.text).toMatch(words)
  })

  scenario(
    'waits for the exit code of a migration that continues after its run was cancelled',
    async ({ harness }) => {
      const { aws, github } = harness.sandbox
      aws.world.migrations.next({ kind: 'runs' })
      await harness.approved()
      await harness.shows('migrating')
      github.world.cancelRun(run(harness).id)
      await github.world.until(() => run(harness).attempts[0]?.status === 'completed')
      await harness.sandbox.slack.until(() => /Workflow run[^\n]*cancelled/.test(harness.cards()[0]!.text))
      expect(stateOf(harness.cards()[0]!)).toMatch(/^migrating/)
      await harness.ecs.stopTask({ cluster: prod.cluster, task: aws.world.oneOffTasks[0]!.arn })
      expect(await harness.ends()).not.toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:43')
    },
  )
})

describe.concurrent('the update of a rollback', () => {
  const goesBack = async (harness: Harness) => {
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
  }

  scenario.for<[string, Does]>([
    ['its answer was lost', ({ sandbox: { aws } }) => aws.faults.queue('UpdateService', { kind: 'lost' })],
    [
      'it succeeded and was answered with 500',
      ({ sandbox: { aws } }) => aws.faults.queue('UpdateService', { kind: 'lost-after', status: 500 }),
    ],
    ['it never arrived', ({ sandbox: { aws } }) => aws.faults.queue('UpdateService', { kind: 'reset' })],
    ['it was throttled', ({ sandbox: { aws } }) => aws.faults.queue('UpdateService', throttled)],
    ['it was slow', ({ sandbox: { aws } }) => aws.faults.queue('UpdateService', { kind: 'delay', ms: 600 })],
  ])(
    'sends the update of a rollback until ECS shows it, and no longer: %s',
    async ([, breaks], { harness }) => {
      breaks(harness)
      await goesBack(harness)
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:42')
      const ours = service(harness).rollouts.filter(({ target }) => target.taskDefinition.revision === 42)
      expect(ours).toHaveLength(2)
    },
  )

  scenario.for<[string, Does, string]>([
    [
      'its revision was deregistered meanwhile',
      (harness) => harness.ecs.deregisterTaskDefinition({ taskDefinition: 'blog-api:42' }),
      'failed',
    ],
    [
      'its image no longer exists',
      ({ sandbox: { aws } }) =>
        aws.world.rollouts.next({
          kind: 'never-starts',
          stoppedReason: `CannotPullContainerError: ${registry}`,
        }),
      'rolled back',
    ],
    [
      'its tasks are unhealthy, and ECS fails to roll it back',
      ({ sandbox: { aws } }) => {
        aws.world.unhealthy('next')
        aws.world.rollbacks.next({ kind: 'fails', reason: 'nothing to go to' })
      },
      'rollback failed',
    ],
  ])('ends the rollback as ECS ended it: %s', async ([, breaks, end], { harness }) => {
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    await breaks(harness)
    await harness.clicks('U0BEN', 'approve')
    expect(await harness.ends()).toBe(end)
    expect(service(harness).rollouts.filter(({ status }) => status === 'IN_PROGRESS')).toEqual([])
  })
})
