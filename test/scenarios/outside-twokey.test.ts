import { describe, expect, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { services } from '../../sandbox/seed.ts'
import { channel, configText, type Harness, scenario } from './harness.ts'

const prod = { cluster: services.prod.cluster, service: services.prod.service }

/** The lines of `/deploy history`, without its title. */
async function history(harness: Harness, of = 'blog-api prod'): Promise<readonly string[]> {
  const shown = await harness.answerTo('U0ANA', `/deploy history ${of}`)
  const blocks = JSON.parse(shown.slice(shown.indexOf(' [{') + 1)) as readonly {
    readonly type: string
    readonly text?: { readonly text: string }
  }[]
  return blocks.flatMap(({ type, text }) => (type === 'section' && text ? [text.text] : [])).slice(1)
}

/** A person rolls out a revision by hand, and ECS completes it. */
async function byHand(harness: Harness, taskDefinition: string): Promise<void> {
  await harness.ecs.updateService({ ...prod, taskDefinition })
  await settled(harness, taskDefinition)
}

async function settled(harness: Harness, taskDefinition: string): Promise<void> {
  await harness.sandbox.aws.until(() => harness.serving() === taskDefinition)
  for (;;) {
    const { services: found = [] } = await harness.ecs.describeServices({
      cluster: prod.cluster,
      services: [prod.service],
    })
    const [primary, ...others] = found[0]?.deployments ?? []
    if (primary?.rolloutState === 'COMPLETED' && others.length === 0) return
  }
}

describe.concurrent('rollouts outside twokey', () => {
  scenario('does not report what ran before twokey started', async ({ harness }) => {
    expect(await history(harness)).toEqual(['There are no releases of blog-api in prod.'])
  })

  scenario(
    'lists a push’s rollout in history once, with commit and run, also after a restart',
    async ({ harness }) => {
      const { world } = harness.sandbox.github
      const sha = world.push('main', { message: 'Past the approvals', author: 'Ben' })
      const run = world.repository().runs.at(-1)!
      await world.until(() => run.attempts[0]?.status === 'completed')
      await settled(harness, 'blog-api:44')
      const [line, ...others] = await history(harness)
      for (const fact of [
        'outside twokey',
        `blog-api:44 (${sha.slice(0, 7)})`,
        `workflow run #${run.number}`,
        'push by ben',
      ])
        expect(line).toContain(fact)
      expect(others).toEqual([])
      await harness.restarts()
      expect(await history(harness, '')).toEqual([line])
      expect(await history(harness, 'me')).toEqual([
        expect.stringMatching(/^There are no releases requested or approved by <@U\w+>\.$/),
      ])
      expect(await harness.answerTo('U0ANA', '/deploy status prod')).toContain('deployed outside twokey')
    },
  )

  scenario(
    'lists a revision rolled out by hand above the release that served before',
    async ({ harness }) => {
      await harness.approved()
      expect(await harness.ends()).toBe('succeeded')
      const [release, ...none] = await history(harness)
      expect(release).toContain('succeeded')
      expect(none).toEqual([])
      await byHand(harness, 'blog-api:42')
      // Status sees it as well, but it is recorded once.
      expect(await harness.answerTo('U0ANA', '/deploy status prod')).toContain('deployed outside twokey')
      const [outside, ...rest] = await history(harness)
      for (const fact of ['outside twokey', 'blog-api:42']) expect(outside).toContain(fact)
      expect(outside).not.toContain('was in progress')
      const status = await harness.answerTo('U0ANA', '/deploy status prod')
      expect(status).toMatch(/Drift: .*blog-api:44.*blog-api:42/)
      expect(rest).toHaveLength(1)
      await byHand(harness, 'blog-api:44')
      expect(await harness.answerTo('U0ANA', '/deploy status prod')).not.toContain('Drift')
      await byHand(harness, 'blog-api:43')
      expect((await history(harness)).map((line) => /outside twokey/.test(line))).toEqual([true, true, false])
    },
  )

  scenario(
    'records a rollout that is seen before the dispatch, though it no longer serves',
    async ({ harness }) => {
      await byHand(harness, 'blog-api:42')
      await harness.approved()
      expect(await harness.ends()).toBe('succeeded')
      const [release, outside] = await history(harness)
      expect(release).toContain('succeeded')
      expect(outside).toMatch(/outside twokey.*blog-api:42/)
    },
  )

  scenario(
    'does not list a release’s revision again after its environment was renamed',
    async ({ harness }) => {
      await harness.approved()
      expect(await harness.ends()).toBe('succeeded')
      await harness.restarts(
        configText.replaceAll(/\bprod:/g, 'live:').replace('environment: prod', 'environment: live'),
      )
      await harness.answerTo('U0ANA', '/deploy status live')
      expect(await history(harness, 'blog-api live')).toEqual(['There are no releases of blog-api in live.'])
    },
  )

  scenario('answers status and history while GitHub lists no runs', async ({ harness }) => {
    await byHand(harness, 'blog-api:42')
    const runs = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'
    harness.sandbox.github.faults.queue(runs, { kind: 'delay', ms: 12_000 }, { times: 1_000 })
    const tookMs = async (line: string) => {
      const since = performance.now()
      await harness.answerTo('U0ANA', line)
      return performance.now() - since
    }
    expect(await tookMs('/deploy status prod')).toBeLessThan(25_000)
    expect(await tookMs('/deploy history blog-api prod')).toBeLessThan(25_000)
    harness.sandbox.github.faults.clear(runs)
    const [line, ...others] = await history(harness)
    expect(line).toMatch(/outside twokey.*blog-api:42/)
    expect(others).toEqual([])
  })

  scenario(
    'does not list rollbacks, by ECS or by twokey, as rollouts outside twokey',
    async ({ harness }) => {
      harness.sandbox.aws.world.unhealthy('next')
      await harness.approved()
      expect(await harness.ends()).toBe('rolled back')
      await settled(harness, 'blog-api:43')
      await harness.types('U0ANA', '/rollback blog-api 42')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      const lines = await history(harness)
      expect(lines).toHaveLength(2)
      expect(lines.join()).not.toContain('outside twokey')
    },
  )
})

/** The notices that belong to no release, oldest first. */
function notices({ sandbox: { slack } }: Harness): readonly string[] {
  return slack.workspace
    .messages(channel)
    .filter(({ metadata }) => metadata?.event_type === 'twokey_notice')
    .map((message) => JSON.stringify(message.blocks))
}

async function noticed(harness: Harness, words: RegExp): Promise<string> {
  return harness.sandbox.slack.until(() => notices(harness).find((text) => words.test(text)))
}

const queueUrl = 'https://sqs.ap-northeast-2.amazonaws.com/123456789012/twokey'

async function definitionServing(harness: Harness) {
  const { taskDefinition } = await harness.ecs.describeTaskDefinition({ taskDefinition: harness.serving() })
  return taskDefinition!
}

/** Waits for this many rounds of looks at all services. */
async function looked({ sandbox: { aws } }: Harness, rounds = 2): Promise<void> {
  const before = aws.log.of('DescribeServices').length
  // Each environment has a cluster of its own.
  await vi.waitUntil(() => aws.log.of('DescribeServices').length > before + 2 * rounds, {
    timeout: patience,
    interval: 10,
  })
}

describe.concurrent('reports of what happened outside twokey', () => {
  scenario(
    'reports a rollout by hand once, with what AWS names, also after a restart',
    async ({ harness }) => {
      await looked(harness)
      await byHand(harness, 'blog-api:42')
      const text = await noticed(harness, /was deployed outside twokey/)
      for (const fact of [
        'blog-api in prod',
        'blog-api:42',
        'role/github-actions-deploy',
        'blog-api:61cbaec',
      ])
        expect(text).toContain(fact)
      await harness.restarts()
      await looked(harness)
      expect(notices(harness)).toHaveLength(1)
    },
  )

  scenario('reports no rollout of a run on GitHub, and no release’s', async ({ harness }) => {
    await looked(harness)
    const { world } = harness.sandbox.github
    world.push('develop', { message: 'Every day', author: 'Ben' })
    const run = world.repository().runs.at(-1)!
    await world.until(() => run.attempts[0]?.status === 'completed')
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    await looked(harness)
    expect(notices(harness)).toEqual([])
  })

  scenario('reports a rollback by ECS of a rollout that no release made', async ({ harness }) => {
    await looked(harness)
    harness.sandbox.aws.world.unhealthy('next')
    await harness.ecs.updateService({ ...prod, taskDefinition: 'blog-api:42' })
    const text = await noticed(harness, /rolled back/)
    expect(text).toContain('blog-api:42')
    expect(text).toContain('S0ONCALL')
    await looked(harness)
    expect(notices(harness).filter((each) => /rolled back/.test(each))).toHaveLength(1)
  })
  scenario('reports tasks that keep failing once, with why', async ({ harness }) => {
    await looked(harness)
    const { image } = (await definitionServing(harness)).containerDefinitions![0]!
    harness.sandbox.aws.world.rollouts.ofImage(image!, { kind: 'exits', code: 1 })
    const { taskArns = [] } = await harness.ecs.listTasks({
      cluster: prod.cluster,
      serviceName: prod.service,
    })
    for (const task of taskArns) await harness.ecs.stopTask({ cluster: prod.cluster, task })
    const text = await noticed(harness, /keep failing/)
    for (const fact of ['blog-api in prod', 'blog-api:43', 'exited 1', 'S0ONCALL'])
      expect(text).toContain(fact)
    await harness.restarts()
    await looked(harness)
    expect(notices(harness)).toHaveLength(1)
  })

  scenario('reports no tasks that failed in a release, once that has ended', async ({ harness }) => {
    await looked(harness)
    harness.sandbox.aws.world.rollouts.next({ kind: 'exits', code: 1 })
    await harness.approved()
    expect(await harness.ends()).toBe('rolled back')
    await looked(harness, 10)
    expect(notices(harness)).toEqual([])
  })

  scenario('reports no task that a person stops', async ({ harness }) => {
    await looked(harness)
    const { taskArns = [] } = await harness.ecs.listTasks({
      cluster: prod.cluster,
      serviceName: prod.service,
    })
    for (const task of taskArns) await harness.ecs.stopTask({ cluster: prod.cluster, task })
    await looked(harness, 4)
    expect(notices(harness)).toEqual([])
  })

  scenario('reports a rollout by hand only once GitHub shows that no run made it', async ({ harness }) => {
    await looked(harness)
    const runs = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'
    harness.sandbox.github.faults.queue(runs, { kind: 'lost' }, { times: 1_000 })
    await byHand(harness, 'blog-api:42')
    await looked(harness)
    expect(notices(harness)).toEqual([])
    harness.sandbox.github.faults.clear(runs)
    await noticed(harness, /was deployed outside twokey/)
  })

  scenario.extend<{ config: string }>({
    config: `${configText.replace(/idle: \d+ms/, 'idle: 10m')}events: [{ queueUrl: "${queueUrl}" }]\n`,
  })('looks at once when an event of AWS says that something moved', async ({ harness }) => {
    const { world } = harness.sandbox.aws
    const queue = world.createQueue('twokey')
    await vi.waitUntil(() => harness.sandbox.aws.log.of('DescribeServices').length >= 2, {
      timeout: patience,
    })
    await byHand(harness, 'blog-api:42')
    const resources = [`arn:aws:ecs:ap-northeast-2:123456789012:service/${prod.cluster}/${prod.service}`]
    const detail = { eventType: 'INFO', eventName: 'SERVICE_DEPLOYMENT_COMPLETED' }
    const source = { source: 'aws.ecs', account: '123456789012', region: 'ap-northeast-2' }
    queue.send(
      JSON.stringify({
        version: '0',
        'detail-type': 'ECS Deployment State Change',
        ...source,
        resources,
        detail,
      }),
    )
    await noticed(harness, /was deployed outside twokey/)
  })
})
