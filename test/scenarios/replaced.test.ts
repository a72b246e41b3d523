import { describe, expect, vi } from 'vitest'
import { token } from '../../sandbox/github/default-world.ts'
import { deployPath } from '../../sandbox/github/workflow-file.ts'
import { patience } from '../../sandbox/pace.ts'
import { services } from '../../sandbox/seed.ts'
import { silent } from '../workflows/evidence.ts'
import { auditOf } from './chains.ts'
import { configText, type Harness, scenario, stateOf } from './harness.ts'

const { cluster, service } = services.prod
const run = (harness: Harness) => harness.sandbox.github.world.repository().runs.at(-1)!
const until = (isSo: () => boolean) => vi.waitUntil(isSo, { timeout: patience, interval: 5 })
const card = (harness: Harness, index: number) => harness.cards().at(index)!

function isHeldAt(harness: Harness, name: string): boolean {
  return run(harness)
    .attempts.at(-1)!
    .jobs.some(({ steps }) => steps.some((step) => step.name === name && step.status === 'in_progress'))
}

function buttons(harness: Harness, index: number): readonly string[] {
  return [...JSON.stringify(card(harness, index).blocks).matchAll(/"twokey:([a-z-]+)"/g)].map(
    ([, action = '']) => action,
  )
}

/** Requests a rollback, and waits for its card. */
async function goesBackTo(harness: Harness, revision: number): Promise<void> {
  const cards = harness.cards().length
  await harness.types('U0CHLOE', `/rollback blog-api ${revision}`)
  await until(() => harness.cards().length > cards)
  await harness.shows('awaiting approval')
}

describe.concurrent('a rollback that replaces a release', () => {
  scenario(
    'starts no other deploy beside a replaced run that ignores its cancellation, also after a restart',
    async ({ harness }) => {
      harness.sandbox.github.world.next = { holdAt: 'Smoke test', cancellation: 'ignored' }
      await harness.approved()
      await harness.sandbox.aws.until(() => harness.serving() === 'blog-api:44')
      await until(() => isHeldAt(harness, 'Smoke test'))
      await goesBackTo(harness, 42)
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('succeeded')
      await harness.sandbox.slack.until(() => stateOf(card(harness, 0)).startsWith('superseded'))
      for (const restarts of [false, true]) {
        if (restarts) await harness.restarts()
        const refusal = await harness.answerTo('U0ELI', '/deploy prod')
        for (const fact of ['in_flight', 'superseded', 'still in progress', 'Cancel'])
          expect(refusal).toContain(fact)
      }
      expect(harness.dispatches()).toBe(1)
      expect(buttons(harness, 0)).toContain('cancel')
      harness.sandbox.github.world.letGo(run(harness).id)
      await harness.sandbox.slack.until(() => buttons(harness, 0).includes('retry'))
      await harness.types('U0ELI', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )

  scenario(
    'ends a replaced deploy whose images name no commit as superseded, and does not count the rollback’s rollout as its own',
    async ({ harness }) => {
      harness.sandbox.github.world.push('main', { message: 'Tag nothing', files: { [deployPath]: silent } })
      await harness.approved()
      expect((await harness.shows('succeeded')).text).toContain('matched by time only')
      harness.sandbox.github.world.next = { holdAt: 'Smoke test', cancellation: 'ignored' }
      await harness.approved()
      await harness.sandbox.aws.until(() => harness.serving() === 'blog-api:45')
      await until(() => isHeldAt(harness, 'Smoke test'))
      await goesBackTo(harness, 44)
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('succeeded')
      expect(harness.serving()).toBe('blog-api:44')
      harness.sandbox.github.world.letGo(run(harness).id)
      await harness.sandbox.slack.until(() => buttons(harness, 1).includes('retry'))
      expect(stateOf(card(harness, 1))).toMatch(/^superseded/)
      await harness.types('U0ELI', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )

  scenario(
    'cancels the run of a replaced unknown deploy first, and names nobody as having settled it',
    async ({ harness }) => {
      harness.sandbox.github.world.next = { holdAt: 'Render' }
      await harness.approved()
      await harness.shows('running')
      await until(() => isHeldAt(harness, 'Render'))
      const { tokens } = harness.sandbox.github.world
      const account = tokens.get(token)!
      tokens.delete(token)
      await harness.shows('unknown')
      tokens.set(token, account)
      // A rollback waits for what it replaces no longer than polling.settle, and a busy machine takes longer than a second.
      await harness.restarts(configText.replace('settle: 1s', 'settle: 1m'))
      await goesBackTo(harness, 42)
      const before = harness.sandbox.aws.log.of('UpdateService').length
      await harness.clicks('U0BEN', 'approve')
      await harness.sandbox.aws.until(() => harness.sandbox.aws.log.of('UpdateService').length > before)
      expect(run(harness).attempts.at(-1)).toMatchObject({ status: 'completed', conclusion: 'cancelled' })
      await harness.shows('succeeded')
      expect(harness.serving()).toBe('blog-api:42')
      await harness.sandbox.slack.until(() => buttons(harness, 0).includes('retry'))
      expect(stateOf(card(harness, 0))).toMatch(/^unknown/)
      expect(JSON.stringify(card(harness, 0).blocks)).not.toMatch(/Look again|Settle/)
      const rows = await auditOf(harness.folder)
      expect(rows.filter(({ what }) => what === 'settled')).toEqual([])
      await harness.types('U0ELI', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )

  scenario(
    'replaces a rollback that never gets healthy without a circuit breaker, and each refusal before says what works',
    async ({ harness }) => {
      const prod = harness.sandbox.aws.world.service(cluster, service)!
      prod.configuration = {
        ...prod.configuration,
        deploymentCircuitBreaker: { enable: false, rollback: false },
      }
      harness.sandbox.aws.world.unhealthy('next')
      await goesBackTo(harness, 42)
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('rolling out')
      await harness.sandbox.slack.until(() => buttons(harness, 0).includes('stop-rollout'))
      for (const [who, line] of [
        ['U0ELI', '/deploy prod'],
        ['U0CHLOE', '/deploy cancel'],
      ] as const)
        expect(await harness.answerTo(who, line)).toMatch(/\/rollback blog-api prod/)
      await harness.types('U0CHLOE', '/rollback blog-api 43')
      await until(() => harness.cards().length === 2)
      await harness.shows('awaiting approval')
      expect(JSON.stringify(card(harness, 1).blocks)).toContain('blog-api:43')
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('succeeded')
      expect(harness.serving()).toBe('blog-api:43')
      await harness.sandbox.slack.until(() => stateOf(card(harness, 0)).startsWith('superseded'))
      await harness.types('U0ELI', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )
})
