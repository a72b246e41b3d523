import { describe, expect } from 'vitest'
import { services } from '../../sandbox/seed.ts'
import { configText, type Harness, scenario } from './harness.ts'

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
      expect(rest).toHaveLength(1)
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
