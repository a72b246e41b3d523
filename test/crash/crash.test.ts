import { describe, expect, it } from 'vitest'
import { hasRightEnd, isAnswered, soundlyLeft } from './soundness.ts'
import { type StoryName, stories } from './stories.ts'
import { openCrashTown } from './town.ts'

/** Where the bot dies, and the how-manieth time it is there. */
type Row = readonly [boundary: string, nth: number]

/** Of three presses of Approve the first is refused, the second turns one key, the third the last. */
const deaths: Record<StoryName, readonly Row[]> = {
  deploy: [
    ['before deploy received', 1],
    ['deploy received', 1],
    ['deploy acknowledged', 1],
    ['before request committed', 1],
    ['request committed', 1],
    ['before card marked', 1],
    ['card marked', 1],
    ['card posted', 1],
    ['card post written', 1],
    ['before approve received', 3],
    ['approve received', 2],
    ['approve received', 3],
    ['approve acknowledged', 3],
    ['before approve committed', 3],
    ['approve committed', 2],
    ['approve committed', 3],
    ['before reply marked', 1],
    ['reply marked', 1],
    ['reply sent', 1],
    ['reply written', 1],
    ['before card edited', 1],
    ['card edited', 1],
    ['card edit written', 1],
    ['wait→ready committed', 1],
    ['ready→sending committed', 1],
    ['before dispatch', 1],
    ['after dispatch', 1],
    ['dispatch answer committed', 1],
    ['before story marked', 1],
    ['story marked', 1],
    ['story marked', 7],
    ['story posted', 1],
    ['story posted', 7],
    ['story post written', 7],
    ['underway→ended committed', 1],
  ],
  rollback: [
    ['before status received', 1],
    ['status received', 1],
    ['status acknowledged', 1],
    ['before reply committed', 1],
    ['reply committed', 1],
    ['before rollback received', 1],
    ['rollback received', 1],
    ['rollback acknowledged', 1],
    ['ready→sending committed', 1],
    ['before update', 1],
    ['after update', 1],
    ['update answer committed', 1],
    ['underway→ended committed', 1],
  ],
  cancel: [
    ['before cancel received', 1],
    ['cancel received', 1],
    ['cancel acknowledged', 1],
    ['before cancel committed', 1],
    ['cancel committed', 1],
    ['before cancel-run', 1],
    ['after cancel-run', 1],
    ['cancel-run answer committed', 1],
  ],
  'take the place': [
    ['request committed', 2],
    ['approve committed', 4],
    ['before cancel-run', 1],
    ['after cancel-run', 1],
    ['ready→sending committed', 2],
    ['before update', 1],
    ['after update', 1],
  ],
}

/** Marked, and not sent: the only places where the end cannot be known. */
const cutOff = ['ready→sending committed', 'before dispatch']

const timeout = 120_000

describe.concurrent('a bot that dies between a commit and an effect', () => {
  for (const name of Object.keys(stories) as StoryName[]) {
    const { pace, play, answers } = stories[name]

    it.for(deaths[name])(`${name}, dead at "%s" (%d): the right end`, { timeout }, async (row, context) => {
      const [at, nth] = row
      const town = await openCrashTown({ death: { at, nth }, pace, onClose: context.onTestFinished })
      await play(town)
      await town.bot.until({ deaths: 1 })
      const left = await soundlyLeft(town)
      expect(town.bot.deaths).toEqual([at])
      hasRightEnd(name, town, left)
      if (name === 'deploy' && cutOff.includes(at)) expect(left[0]?.isCutOff).toBe(true)
      isAnswered(town, answers)
    })

    it(`${name} passes the boundaries that are known, no others`, { timeout }, async (context) => {
      const town = await openCrashTown({ pace, onClose: context.onTestFinished })
      await play(town)
      hasRightEnd(name, town, await soundlyLeft(town))
      const known = Object.values(deaths).flatMap((rows) => rows.map(([at]) => at))
      expect(town.bot.passed.filter((at) => !known.includes(at))).toEqual([])
      const unpassed = deaths[name].map(([at]) => at).filter((at) => !town.bot.passed.includes(at))
      expect(unpassed).toEqual([])
    })
  }
})
