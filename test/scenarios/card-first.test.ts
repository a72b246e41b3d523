import { describe, expect } from 'vitest'
import { scenario } from './harness.ts'

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
})
