import { expect, vi } from 'vitest'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { patience } from '../../sandbox/pace.ts'
import { auditOf } from './chains.ts'
import { configText, dispatchRoute, type Harness, scenario } from './harness.ts'

const impatient = scenario.extend<{ config: string }>({
  config: configText.replace('    notify:', '    deadlines: { run: 1s }\n    notify:'),
})

impatient(
  'an approver settles a run that GitHub shows for ever and does not cancel, and the next release can start',
  async ({ harness }) => {
    harness.sandbox.github.world.next = { holdAt: 'Install', cancellation: 'ignored' }
    await harness.approved()
    await harness.shows('running')
    await harness.clicks('U0ANA', 'cancel')
    await harness.threadPost(/press Settle/)
    const buttons = () => JSON.stringify(harness.cards().at(-1)?.blocks)
    await harness.sandbox.slack.until(() => buttons().includes('twokey:settle'))
    expect(await harness.answerTo('U0ANA', '/deploy cancel')).toContain('press Settle')
    const refusal = await harness.answerTo('U0ELI', '/deploy prod')
    for (const fact of ['in_flight', 'press Settle']) expect(refusal).toContain(fact)

    await harness.clicks('U0ELI', 'settle')
    await harness.ephemeral('U0ELI', /not_allowed/)
    await harness.clicks('U0BEN', 'settle')
    await harness.threadPost(/<@U0BEN> has settled the run of this release/)
    expect(await harness.ends()).toBe('unknown')
    const rows = (await auditOf(harness.folder)).map(({ actor, what }) => `${actor} ${what}`)
    expect(rows).toEqual(expect.arrayContaining(['U0BEN run settled', 'twokey ended unknown']))
    expect(buttons()).toContain('<@U0BEN> has settled it')

    await harness.types('U0ANA', '/deploy prod')
    await harness.sandbox.slack.until(() => harness.cards().length === 2)
    await harness.shows('awaiting approval')
  },
)

const patient = scenario.extend<{ config: string }>({
  config: configText.replace('    notify:', '    deadlines: { run: 8s }\n    notify:'),
})
const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const

/** A second task of its migration hangs, and a person restarts the service, which ECS cannot bring up. */
async function secondMigrationAndRestart({ sandbox: { aws }, ecs }: Harness): Promise<void> {
  aws.world.migrations.next({ kind: 'runs' })
  const { services } = await ecs.describeServices({ cluster: prod.cluster, services: [prod.service] })
  const { networkConfiguration } = services?.[0] ?? {}
  const startedBy = aws.world.oneOffTasks[0]?.startedBy
  await ecs.runTask({
    cluster: prod.cluster,
    taskDefinition: 'blog-api-migrate',
    startedBy,
    networkConfiguration,
  })
  const service = aws.world.service(prod.cluster, prod.service)
  if (!service) throw new Error('there is no service')
  service.configuration = {
    ...service.configuration,
    deploymentCircuitBreaker: { enable: false, rollback: false },
  }
  aws.world.unhealthy('next')
  await ecs.updateService({ ...prod, forceNewDeployment: true })
}

patient(
  'ends unknown and blocks deploys after a hanging migration is settled, while one of two candidate rollouts is in progress',
  async ({ harness }) => {
    const { aws, github, slack } = harness.sandbox
    const untagged = deployWorkflow({ on: ['workflow_dispatch'] }).replace(
      'if $release == "" then . else .tags',
      'if true then . else .tags',
    )
    github.world.push('main', { message: 'No tag', files: { [deployPath]: untagged } })
    github.world.next = { holdAt: 'Smoke test' }
    await harness.approved()
    await harness.threadPost(/Migration succeeded/)
    const rollouts = () => aws.world.service(prod.cluster, prod.service)?.rollouts ?? []
    await aws.until(() => harness.serving() === 'blog-api:44' && rollouts()[0]?.status === 'SUCCESSFUL')
    await secondMigrationAndRestart(harness)
    const gone = { kind: 'answer', status: 410, body: { message: 'Gone' } } as const
    github.faults.queue('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', gone, { times: 1_000 })
    github.world.letGo(github.world.repository().runs.at(-1)?.id ?? 0)
    await harness.threadPost(/The migration is still running/)
    const buttons = () => JSON.stringify(harness.cards()[0]?.blocks)
    await slack.until(() => buttons().includes('twokey:settle'))
    await harness.clicks('U0BEN', 'settle')
    expect(await harness.ends()).toBe('unknown')
    expect(rollouts().map(({ status }) => status)).toContain('IN_PROGRESS')
    for (const action of ['look-again', 'settle']) expect(buttons()).toContain(`twokey:${action}`)
    expect(await harness.answerTo('U0ANA', '/deploy prod 153b136')).toContain('in_flight')

    await harness.clicks('U0BEN', 'settle')
    await harness.threadPost(/nothing from it is still running/)
    const rows = (await auditOf(harness.folder)).map(({ actor, what }) => `${actor} ${what}`)
    expect(rows).toEqual(expect.arrayContaining(['U0BEN migration settled', 'U0BEN settled']))
  },
)

patient(
  'announces at once a run on another workflow than approved that ignores its cancellation, and Settle by the requester hides nothing',
  async ({ harness }) => {
    const { github, slack } = harness.sandbox
    const only = { [deployPath]: deployWorkflow({ on: ['workflow_dispatch'] }) }
    github.world.push('main', { message: 'Change the workflow', files: only })
    github.world.next = { holdAt: 'Smoke test', cancellation: 'ignored' }
    github.faults.queue(dispatchRoute, { kind: 'delay', ms: 400 })
    await harness.approved()
    await vi.waitUntil(() => harness.dispatches() === 1, { timeout: patience, interval: 5 })
    const weaker = { '.github/actions/test/action.yml': 'name: test\n' }
    github.world.push('main', { message: 'Weaken the tests', files: weaker })
    const announced = await harness.threadPost(/not what was approved/)
    expect(announced.broadcast).toBe(true)
    expect(announced.text).toContain('S0DEPLOYERS')

    const buttons = () => JSON.stringify(harness.cards()[0]?.blocks)
    await slack.until(() => buttons().includes('twokey:settle'))
    await harness.clicks('U0ANA', 'settle')
    expect(await harness.ends()).toBe('failed')
    expect(harness.cards()[0]?.text).toContain('not what was approved')
    expect(buttons()).toContain('twokey:roll-back')
    const end = await harness.threadPost(/blog-api prod: failed/)
    expect(end.broadcast).toBe(true)
    expect(end.text).toContain('S0DEPLOYERS')
  },
)
