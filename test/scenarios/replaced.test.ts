import { describe, expect, vi } from 'vitest'
import { token } from '../../src/sandbox/github/default-world.ts'
import { deployPath } from '../../src/sandbox/github/workflow-file.ts'
import { patience } from '../../src/sandbox/pace.ts'
import { services } from '../../src/sandbox/seed.ts'
import { silent } from '../workflows/evidence.ts'
import { auditOf } from './chains.ts'
import { stateOf, story, type Town } from './harness.ts'

const { cluster, service } = services.prod
const run = (town: Town) => town.sandbox.github.world.repository().runs.at(-1)!
const until = (isSo: () => boolean) => vi.waitUntil(isSo, { timeout: patience, interval: 5 })
const card = (town: Town, index: number) => town.cards().at(index)!

function isHeldAt(town: Town, name: string): boolean {
  return run(town)
    .attempts.at(-1)!
    .jobs.some(({ steps }) => steps.some((step) => step.name === name && step.status === 'in_progress'))
}

function buttons(town: Town, index: number): readonly string[] {
  return [...JSON.stringify(card(town, index).blocks).matchAll(/"twokey:([a-z-]+)"/g)].map(
    ([, action = '']) => action,
  )
}

/** A rollback is asked for, and its card is there. */
async function goesBackTo(town: Town, revision: number): Promise<void> {
  const cards = town.cards().length
  await town.says('U0CHLOE', `/rollback blog-api ${revision}`)
  await until(() => town.cards().length > cards)
  await town.shows('awaiting approval')
}

describe.concurrent('a rollback that replaces a release', () => {
  story(
    'of a deploy whose run ignores its cancellation: no other deploy starts beside that run, after a restart either',
    async ({ town }) => {
      town.sandbox.github.world.next = { holdAt: 'Smoke test', cancellation: 'ignored' }
      await town.approved()
      await town.sandbox.aws.until(() => town.serving() === 'blog-api:44')
      await until(() => isHeldAt(town, 'Smoke test'))
      await goesBackTo(town, 42)
      await town.presses('U0BEN', 'approve')
      await town.shows('succeeded')
      await town.sandbox.slack.until(() => stateOf(card(town, 0)).startsWith('superseded'))
      for (const restarts of [false, true]) {
        if (restarts) await town.restarts()
        const refusal = await town.asks('U0ELI', '/deploy prod')
        for (const fact of ['in_flight', 'superseded', 'still in progress', 'Cancel'])
          expect(refusal).toContain(fact)
      }
      expect(town.dispatches()).toBe(1)
      expect(buttons(town, 0)).toContain('cancel')
      town.sandbox.github.world.letGo(run(town).id)
      await town.sandbox.slack.until(() => buttons(town, 0).includes('retry'))
      await town.says('U0ELI', '/deploy prod')
      await town.shows('awaiting approval')
    },
  )

  story(
    'of a deploy whose images name no commit: superseded, and the rollout of the rollback is not taken for its own',
    async ({ town }) => {
      town.sandbox.github.world.push('main', { message: 'Tag nothing', files: { [deployPath]: silent } })
      await town.approved()
      expect((await town.shows('succeeded')).text).toContain('known by its time alone')
      town.sandbox.github.world.next = { holdAt: 'Smoke test', cancellation: 'ignored' }
      await town.approved()
      await town.sandbox.aws.until(() => town.serving() === 'blog-api:45')
      await until(() => isHeldAt(town, 'Smoke test'))
      await goesBackTo(town, 44)
      await town.presses('U0BEN', 'approve')
      await town.shows('succeeded')
      expect(town.serving()).toBe('blog-api:44')
      town.sandbox.github.world.letGo(run(town).id)
      await town.sandbox.slack.until(() => buttons(town, 1).includes('retry'))
      expect(stateOf(card(town, 1))).toMatch(/^superseded/)
      await town.says('U0ELI', '/deploy prod')
      await town.shows('awaiting approval')
    },
  )

  story(
    'of a deploy that ended unknown while its run went on: the run is cancelled first, and nobody is said to have settled it',
    async ({ town }) => {
      town.sandbox.github.world.next = { holdAt: 'Render' }
      await town.approved()
      await town.shows('running')
      await until(() => isHeldAt(town, 'Render'))
      const { tokens } = town.sandbox.github.world
      const account = tokens.get(token)!
      tokens.delete(token)
      await town.shows('unknown')
      tokens.set(token, account)
      await goesBackTo(town, 42)
      const before = town.sandbox.aws.log.of('UpdateService').length
      await town.presses('U0BEN', 'approve')
      await town.sandbox.aws.until(() => town.sandbox.aws.log.of('UpdateService').length > before)
      expect(run(town).attempts.at(-1)).toMatchObject({ status: 'completed', conclusion: 'cancelled' })
      await town.shows('succeeded')
      expect(town.serving()).toBe('blog-api:42')
      await town.sandbox.slack.until(() => buttons(town, 0).includes('retry'))
      expect(stateOf(card(town, 0))).toMatch(/^unknown/)
      expect(JSON.stringify(card(town, 0).blocks)).not.toMatch(/Look again|Settle/)
      const rows = await auditOf(town.folder)
      expect(rows.filter(({ what }) => what === 'settled')).toEqual([])
      await town.says('U0ELI', '/deploy prod')
      await town.shows('awaiting approval')
    },
  )

  story(
    'of a rollback that never gets healthy, without a circuit breaker: each refusal names what works, and another goes out',
    async ({ town }) => {
      const prod = town.sandbox.aws.world.service(cluster, service)!
      prod.configuration = {
        ...prod.configuration,
        deploymentCircuitBreaker: { enable: false, rollback: false },
      }
      town.sandbox.aws.world.unhealthy('next')
      await goesBackTo(town, 42)
      await town.presses('U0BEN', 'approve')
      await town.shows('rolling out')
      await town.sandbox.slack.until(() => buttons(town, 0).includes('roll-back'))
      for (const [who, line] of [
        ['U0ELI', '/deploy prod'],
        ['U0CHLOE', '/deploy cancel'],
      ] as const)
        expect(await town.asks(who, line)).toMatch(/\/rollback blog-api prod/)
      await town.presses('U0CHLOE', 'roll-back', card(town, 0))
      await until(() => town.cards().length === 2)
      await town.shows('awaiting approval')
      expect(JSON.stringify(card(town, 1).blocks)).toContain('blog-api:43')
      await town.presses('U0BEN', 'approve')
      await town.shows('succeeded')
      expect(town.serving()).toBe('blog-api:43')
      await town.sandbox.slack.until(() => stateOf(card(town, 0)).startsWith('superseded'))
      await town.says('U0ELI', '/deploy prod')
      await town.shows('awaiting approval')
    },
  )
})
