import { describe, expect } from 'vitest'
import { auditOf } from './chains.ts'
import { configText, dispatchRoute, scenario } from './harness.ts'

const tipRoute = 'GET /repos/{owner}/{repo}/git/ref/{ref}'

describe('a release whose card is not posted', () => {
  scenario('a release without approvals is dispatched only once its card is posted', async ({ harness }) => {
    const { faults, log } = harness.sandbox.slack
    faults.queue('chat.postMessage', { kind: 'answer', status: 503, body: {} }, { times: 2 })
    await harness.types('U0ANA', '/deploy dev')
    await harness.sandbox.slack.until(() => log.of('chat.postMessage').length >= 2)
    expect(harness.dispatches()).toBe(0)
    await harness.shows('succeeded')
    expect(harness.dispatches()).toBe(1)
  })

  // Services are watched at the start, and not again meanwhile.
  scenario.extend<{ config: string }>({ config: configText.replace(/idle: \w+/, 'idle: 1h') })(
    'a release that waits for its card reads nothing of GitHub and ECS, and everything before its dispatch',
    async ({ harness }) => {
      const { slack, github, aws } = harness.sandbox
      slack.faults.queue('chat.postMessage', { kind: 'answer', status: 503, body: {} }, { times: 1_000 })
      await harness.types('U0ANA', '/deploy dev')
      await expect
        .poll(() => auditOf(harness.folder))
        .toContainEqual(
          expect.objectContaining({
            what: 'waiting',
            detail: expect.objectContaining({ precondition: 'card' }),
          }),
        )
      const read = () => [aws.log.exchanges.length, github.log.of(tipRoute).length]
      const before = read()
      // Twenty rounds of polling.
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      expect(read()).toEqual(before)
      expect(harness.dispatches()).toBe(0)
      slack.faults.clear()
      await harness.shows('succeeded')
      const [, tips = 0] = before
      const order = github.log.exchanges.map(({ on }) => on)
      expect(
        order.slice(0, order.indexOf(dispatchRoute)).filter((on) => on === tipRoute).length,
      ).toBeGreaterThan(tips)
    },
  )
})
