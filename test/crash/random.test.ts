import { describe, it } from 'vitest'
import { Chance } from '../release/chance.ts'
import { type CrashHarness, openCrashHarness } from './harness.ts'
import { checkAnswers, checkEnd, checkInvariants } from './invariants.ts'
import { type ScenarioName, scenarios } from './scenarios.ts'

const timeout = 300_000

/** Limits: after how many boundaries the first process is killed, and how many later the second. */
const most = {
  deploy: [30, 15],
  rollback: [30, 15],
  withdraw: [30, 15],
  emergency: [30, 15],
  lock: [20, 15],
  'lock after a rollback': [30, 15],
  'started on GitHub': [6, 1],
} satisfies Partial<Record<ScenarioName, readonly number[]>>

const names = Object.keys(most) as (keyof typeof most)[]

/** Two rounds of each scenario, each with its own seed. */
const rounds = [...names, ...names].map((name, seed) => [name, seed] as const)

/** Kills twice at random: after a number of boundaries and a short time. */
async function killTwice({ bot }: CrashHarness, most: readonly number[], chance: Chance): Promise<void> {
  for (const [deaths, passed] of most.entries()) {
    await bot.until({ passed: bot.passed.length + Math.floor(chance.next() * passed) })
    await new Promise((resolve) => setTimeout(resolve, chance.next() * 30))
    bot.kill()
    await bot.until({ deaths: deaths + 1 })
  }
}

describe.concurrent('a bot that is killed at any moment', () => {
  it.for(rounds)(
    '%s, killed with seed %d: reaches the right end',
    { timeout },
    async ([name, seed], { onTestFinished }) => {
      const { pace, run, answers } = scenarios[name]
      const harness = await openCrashHarness({ pace, onClose: onTestFinished })
      await Promise.all([run(harness), killTwice(harness, most[name], new Chance(seed))])
      const left = await checkInvariants(harness)
      checkEnd(name, harness, left)
      checkAnswers(harness, answers)
    },
  )
})
