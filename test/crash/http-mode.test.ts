import { describe, expect, it, onTestFinished } from 'vitest'
import { openCrashHarness } from './harness.ts'

describe.concurrent('a bot in HTTP mode that is killed', () => {
  it.each(['before deploy received', 'deploy received', 'deploy acknowledged'])(
    'a command whose bot is killed at "%s" is done once',
    async (at) => {
      const harness = await openCrashHarness({
        slackMode: 'http',
        deaths: [{ at, nth: 1 }],
        onClose: (close) => onTestFinished(close, 120_000),
      })
      await harness.types('U0ANA', '/deploy prod')
      await harness.bot.until({ deaths: 1 })
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      await harness.shows('succeeded')
      await harness.isQuiet()
      expect(harness.cards()).toHaveLength(1)
      expect(harness.bot.deaths).toEqual([at])
    },
  )

  it('a click that was stored and not acknowledged counts once', async () => {
    const harness = await openCrashHarness({
      slackMode: 'http',
      deaths: [{ at: 'approve received', nth: 1 }],
      onClose: (close) => onTestFinished(close, 120_000),
    })
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.isQuiet()
    await harness.shows('awaiting approval')
    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('succeeded')
    expect(harness.bot.deaths).toEqual(['approve received'])
  })
})
