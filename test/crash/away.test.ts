import { describe, expect, it, type TestContext } from 'vitest'
import { dispatchRoute } from '../scenarios/harness.ts'
import { type CrashTown, openCrashTown } from './harness.ts'
import type { Death } from './supervisor.ts'

const minute = 60_000
const hour = 60 * minute
const timeout = 300_000

/** A town whose bot is killed at that moment, and stays down. */
async function diesAt(
  deaths: readonly Death[],
  ask: (town: CrashTown) => Promise<void>,
  { onTestFinished }: TestContext,
): Promise<CrashTown> {
  const town = await openCrashTown({ deaths, onClose: onTestFinished })
  await ask(town)
  await town.bot.until({ deaths: 1 })
  await town.bot.stop()
  return town
}

async function deployed(town: CrashTown): Promise<void> {
  await town.types('U0ANA', '/deploy prod')
  await town.shows('awaiting approval')
  await town.presses('U0BEN', 'approve')
  await town.offers('withdraw')
  await town.presses('U0CHLOE', 'approve')
}

async function rolledBack(town: CrashTown): Promise<void> {
  await town.types('U0ANA', '/rollback blog-api 42')
  await town.shows('awaiting approval')
  await town.presses('U0BEN', 'approve')
}

/** The next process dies there as well, in case it comes so far before it is stopped. */
const beforeUpdate: readonly Death[] = [
  { at: 'before update', nth: 1 },
  { at: 'before update', nth: 1 },
]

const beforeItCounts: readonly Death[] = [
  { at: 'approve acknowledged', nth: 2 },
  { at: 'before approve committed', nth: 1 },
]

const sent = (town: CrashTown) => ({
  dispatches: town.sandbox.github.log.of(dispatchRoute).length,
  rolledOut: town.rolledOut(),
})

describe.concurrent('twokey comes back long after it died', () => {
  it('a marked rollback is not sent over what was rolled out by hand three days ago', {
    timeout,
  }, async (context) => {
    const town = await diesAt(beforeUpdate, rolledBack, context)
    await town.byHand('blog-api:41')
    await town.passes(72 * hour)
    await town.shows('unknown')
    expect(sent(town).rolledOut).toEqual(['blog-api:41'])
  })

  it('a marked rollback is not sent an hour later, though nothing else changed', {
    timeout,
  }, async (context) => {
    const town = await diesAt(beforeUpdate, rolledBack, context)
    await town.passes(hour)
    await town.shows('failed')
    expect(sent(town).rolledOut).toEqual([])
  })

  it('a deploy with all of its approvals is not dispatched three days later', {
    timeout,
  }, async (context) => {
    const town = await diesAt([{ at: 'approve committed', nth: 2 }], deployed, context)
    await town.passes(72 * hour)
    await town.shows('expired')
    expect(sent(town).dispatches).toBe(0)
  })

  it('an approval that was clicked forty minutes ago and counts only now ships nothing', {
    timeout,
  }, async (context) => {
    const town = await diesAt(beforeItCounts, deployed, context)
    await town.passes(40 * minute)
    await town.shows('expired')
    expect(sent(town).dispatches).toBe(0)
  })
})
