import { describe, expect } from 'vitest'
import { services } from '../../src/sandbox/seed.ts'
import { story, type Town } from './harness.ts'

const prod = { cluster: services.prod.cluster, service: services.prod.service }

/** The lines of what `/deploy history` shows, without its title. */
async function history(town: Town, of = 'blog-api prod'): Promise<readonly string[]> {
  const shown = await town.asks('U0ANA', `/deploy history ${of}`)
  const blocks = JSON.parse(shown.slice(shown.indexOf(' [{') + 1)) as readonly {
    readonly type: string
    readonly text?: { readonly text: string }
  }[]
  return blocks.flatMap(({ type, text }) => (type === 'section' && text ? [text.text] : [])).slice(1)
}

/** Somebody rolls a revision out by hand, and ECS is done with it. */
async function byHand(town: Town, taskDefinition: string): Promise<void> {
  await town.ecs.updateService({ ...prod, taskDefinition })
  await settled(town, taskDefinition)
}

async function settled(town: Town, taskDefinition: string): Promise<void> {
  await town.sandbox.aws.until(() => town.serving() === taskDefinition)
  for (;;) {
    const { services: found = [] } = await town.ecs.describeServices({
      cluster: prod.cluster,
      services: [prod.service],
    })
    const [primary, ...others] = found[0]?.deployments ?? []
    if (primary?.rolloutState === 'COMPLETED' && others.length === 0) return
  }
}

describe.concurrent('what is shipped outside twokey', () => {
  story('what ran before twokey was started is nobody’s news', async ({ town }) => {
    expect(await history(town)).toEqual(['There is nothing yet.'])
  })

  story('a push ships: in history once, with commit and run, also after a restart', async ({ town }) => {
    const { world } = town.sandbox.github
    const sha = world.push('main', { message: 'Past the approvals', author: 'Ben' })
    const run = world.repository().runs.at(-1)!
    await world.until(() => run.attempts[0]?.status === 'completed')
    await settled(town, 'blog-api:44')
    const [line, ...others] = await history(town)
    for (const fact of ['outside twokey', `blog-api:44 (${sha.slice(0, 7)})`, `run ${run.id}`, 'push by ben'])
      expect(line).toContain(fact)
    expect(others).toEqual([])
    await town.restarts()
    expect(await history(town, '')).toEqual([line])
    expect(await history(town, 'me')).toEqual(['There is nothing yet.'])
    expect(await town.asks('U0ANA', '/deploy status prod')).toContain('not by twokey')
  })

  story('a revision rolled out by hand stands above the release that served before', async ({ town }) => {
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
    const [release, ...none] = await history(town)
    expect(release).toContain('succeeded')
    expect(none).toEqual([])
    await byHand(town, 'blog-api:42')
    // Status sees it as well: it is taken down once.
    expect(await town.asks('U0ANA', '/deploy status prod')).toContain('not by twokey')
    const [outside, ...rest] = await history(town)
    for (const fact of ['outside twokey', 'blog-api:42']) expect(outside).toContain(fact)
    expect(outside).not.toContain('was in progress')
    expect(rest).toHaveLength(1)
    await byHand(town, 'blog-api:43')
    expect((await history(town)).map((line) => /outside twokey/.test(line))).toEqual([true, true, false])
  })

  story(
    'what a look before the dispatch sees is taken down, though it no longer serves',
    async ({ town }) => {
      await byHand(town, 'blog-api:42')
      await town.approved()
      expect(await town.ends()).toBe('succeeded')
      const [release, outside] = await history(town)
      expect(release).toContain('succeeded')
      expect(outside).toMatch(/outside twokey.*blog-api:42/)
    },
  )

  story('what ECS takes back, and a rollback, are releases’ and not listed again', async ({ town }) => {
    town.sandbox.aws.world.unhealthy('next')
    await town.approved()
    expect(await town.ends()).toBe('rolled back')
    await settled(town, 'blog-api:43')
    await town.says('U0ANA', '/rollback blog-api 42')
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    expect(await town.ends()).toBe('succeeded')
    const lines = await history(town)
    expect(lines).toHaveLength(2)
    expect(lines.join()).not.toContain('outside twokey')
  })
})
