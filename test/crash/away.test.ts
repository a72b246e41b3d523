import { describe, expect, it, type TestContext } from 'vitest'
import { dispatchRoute } from '../scenarios/harness.ts'
import { type CrashHarness, openCrashHarness } from './harness.ts'
import type { Death } from './supervisor.ts'

const minute = 60_000
const hour = 60 * minute
const timeout = 300_000

/** A harness whose bot is killed at that moment, and stays down. */
async function diesAt(
  deaths: readonly Death[],
  ask: (harness: CrashHarness) => Promise<void>,
  { onTestFinished }: TestContext,
): Promise<CrashHarness> {
  const harness = await openCrashHarness({ deaths, onClose: onTestFinished })
  await ask(harness)
  await harness.bot.until({ deaths: 1 })
  await harness.bot.stop()
  return harness
}

async function deployed(harness: CrashHarness): Promise<void> {
  await harness.types('U0ANA', '/deploy prod')
  await harness.shows('awaiting approval')
  await harness.clicks('U0BEN', 'approve')
  await harness.offers('withdraw')
  await harness.clicks('U0CHLOE', 'approve')
}

async function rolledBack(harness: CrashHarness): Promise<void> {
  await harness.types('U0ANA', '/rollback blog-api 42')
  await harness.shows('awaiting approval')
  await harness.clicks('U0BEN', 'approve')
}

/** The next process dies there as well, in case it gets that far before it is stopped. */
const beforeUpdate: readonly Death[] = [
  { at: 'before update', nth: 1 },
  { at: 'before update', nth: 1 },
]

const beforeItCounts: readonly Death[] = [
  { at: 'approve acknowledged', nth: 2 },
  { at: 'before approve committed', nth: 1 },
]

const sent = (harness: CrashHarness) => ({
  dispatches: harness.sandbox.github.log.of(dispatchRoute).length,
  rolledOut: harness.rolledOut(),
})

describe.concurrent('twokey comes back long after it died', () => {
  it('a marked rollback is not sent over a manual rollout of three days ago', {
    timeout,
  }, async (context) => {
    const harness = await diesAt(beforeUpdate, rolledBack, context)
    await harness.byHand('blog-api:41')
    await harness.passes(72 * hour)
    await harness.shows('unknown')
    expect(sent(harness).rolledOut).toEqual(['blog-api:41'])
  })

  it('a marked rollback is not sent an hour later, even if nothing else changed', {
    timeout,
  }, async (context) => {
    const harness = await diesAt(beforeUpdate, rolledBack, context)
    await harness.passes(hour)
    await harness.shows('failed')
    expect(sent(harness).rolledOut).toEqual([])
  })

  it('a deploy with all approvals is not dispatched three days later', {
    timeout,
  }, async (context) => {
    const harness = await diesAt([{ at: 'approve committed', nth: 2 }], deployed, context)
    await harness.passes(72 * hour)
    await harness.shows('expired')
    expect(sent(harness).dispatches).toBe(0)
  })

  it('an approval clicked forty minutes ago that counts only now deploys nothing', {
    timeout,
  }, async (context) => {
    const harness = await diesAt(beforeItCounts, deployed, context)
    await harness.passes(40 * minute)
    await harness.shows('expired')
    expect(sent(harness).dispatches).toBe(0)
  })

  it('tells in the thread of a release, once, from when to when it was down', {
    timeout,
  }, async (context) => {
    const harness = await diesAt([{ at: 'approve committed', nth: 1 }], deployed, context)
    await harness.passes(3 * minute)
    await harness.threadPost('was-down')
    await harness.passes(10_000)
    await harness.endIsPosted()
    const told = harness.cards()[0]!.replies.filter(({ text }) => text.includes('was down'))
    expect(told).toHaveLength(1)
    const [from = 0, to = 0] = [...told[0]!.text.matchAll(/<!date\^(\d+)/g)].map(([, at]) => Number(at))
    expect(to - from).toBeGreaterThanOrEqual(180)
    expect(to - from).toBeLessThan(300)
  })

  it('a deploy in its wait is not dispatched twelve hours after the clock was corrected', {
    timeout,
  }, async (context) => {
    const ahead = async (harness: CrashHarness) => {
      await harness.passes(12 * hour)
      await deployed(harness)
    }
    const harness = await diesAt([{ at: 'approve committed', nth: 2 }], ahead, context)
    await harness.passes(-12 * hour)
    await harness.shows('expired')
    await harness.passes(12 * hour + minute)
    await harness.isQuiet()
    await harness.shows('expired')
    expect(sent(harness).dispatches).toBe(0)
  })
})
