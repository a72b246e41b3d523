import { describe, it } from 'vitest'
import { Chance } from '../release/chance.ts'
import { hasRightEnd, isAnswered, soundlyLeft } from './soundness.ts'
import { stories } from './stories.ts'
import { type CrashTown, openCrashTown } from './town.ts'

const timeout = 120_000

/** Ten rounds, each of its own seed, in turn a deploy and a rollback. */
const rounds = Array.from(
  { length: 10 },
  (_, seed) => [seed % 2 === 0 ? 'deploy' : 'rollback', seed] as const,
)

/** Twice, at any moment: after so many boundaries and a little. */
async function killTwice({ bot }: CrashTown, chance: Chance): Promise<void> {
  for (const [deaths, most] of [30, 15].entries()) {
    await bot.until({ passed: bot.passed.length + Math.floor(chance.next() * most) })
    await new Promise((resolve) => setTimeout(resolve, chance.next() * 30))
    bot.kill()
    await bot.until({ deaths: deaths + 1 })
  }
}

describe.concurrent('a bot that is killed at any moment', () => {
  it.for(rounds)('%s, seed %d: the right end', { timeout }, async ([name, seed], { onTestFinished }) => {
    const { play, answers } = stories[name]
    const town = await openCrashTown({ onClose: onTestFinished })
    await Promise.all([play(town), killTwice(town, new Chance(seed))])
    const left = await soundlyLeft(town)
    hasRightEnd(name, town, left)
    isAnswered(town, answers)
  })
})
