import { describe, expect, it } from 'vitest'
import type { Notice } from '../../src/release/notice.ts'
import type { SetAside } from '../../src/store/store.ts'
import { cardsOf, channel, type OutboxHarness, openOutbox, until } from './harness.ts'
import { DrivenRelease } from './releases.ts'

const from = { user: 'U0ANA', team: 'T0TEAM', channel, responseUrl: null }
const lock = { environment: 'prod', service: null, by: 'U0ANA', why: 'an incident', since: 1, until: null }

/** A notice of a kind that this version does not know. */
const unknownNotice = { notice: 'of-tomorrow' } as unknown as Notice

async function announce(harness: OutboxHarness, ...notices: readonly Notice[]): Promise<void> {
  for (const notice of notices)
    await harness.store.transact((tx) =>
      tx.announce(channel, { notice, chain: 'environment:prod', head: { seq: 1, hash: 'abc' } }, 1),
    )
}

function postsOf({ slack }: OutboxHarness) {
  return slack.workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'twokey_notice')
}

function setAside() {
  const told: SetAside[] = []
  return { told, onSetAside: (aside: SetAside) => told.push(aside) }
}

describe('a card that cannot be drawn', () => {
  /** No date can be that late. */
  const undrawable = (id: string) => ({ ...new DrivenRelease({ id }).release, requestedAt: 1e20 })

  it('sets only that card aside; other cards, notices and answers are sent', async () => {
    const harness = await openOutbox()
    const { told, onSetAside } = setAside()
    await harness.save(undrawable('r-bad'))
    await harness.save(new DrivenRelease({ id: 'r-good', targets: [{ cluster: 'c', service: 's' }] }).release)
    await announce(harness, { notice: 'locked', lock })
    await harness.store.transact((tx) =>
      tx.reply(from, { reply: 'help', command: '/deploy', services: [], environments: [] }, 1),
    )
    harness.start({ onSetAside })
    await harness.slack.until(() => cardsOf(harness.slack).length === 1 && postsOf(harness).length === 1)
    await until(() => harness.slack.log.of('chat.postEphemeral').length === 1)
    await harness.idle()
    expect(told).toMatchObject([{ what: 'card', id: 'r-bad', error: expect.any(Error) }])
  })

  it('tries a card that was set aside again after ten minutes', async () => {
    const harness = await openOutbox()
    const { told, onSetAside } = setAside()
    const now = Date.now()
    await harness.save(undrawable('r-bad'))
    harness.start({ onSetAside, clock: () => now })
    await until(() => told.length === 1)
    await harness.idle()
    expect(await harness.store.outbox.nextDue()).toBe(now + 600_000)
  })
})

describe('a notice that cannot be sent', () => {
  it('a notice that cannot be drawn does not delay the next ones in its channel', async () => {
    const harness = await openOutbox()
    const { told, onSetAside } = setAside()
    await announce(harness, unknownNotice, { notice: 'locked', lock })
    harness.start({ onSetAside })
    await harness.slack.until(() => postsOf(harness).length === 1)
    await harness.idle()
    expect(told).toMatchObject([{ what: 'post', id: '1' }])
  })

  it('a notice that Slack refuses each time is skipped after the third attempt', async () => {
    const harness = await openOutbox()
    const { told, onSetAside } = setAside()
    const refuses = { kind: 'answer', status: 200, body: { ok: false, error: 'no_text' } } as const
    for (let time = 0; time < 3; time += 1) harness.slack.faults.queue('chat.postMessage', refuses)
    await announce(harness, { notice: 'locked', lock }, { notice: 'unlocked', lock, by: 'U0BEN' })
    let now = Date.now()
    const outbox = harness.start({ onSetAside, clock: () => now })
    for (let time = 1; time <= 3; time += 1) {
      await until(() => harness.slack.log.of('chat.postMessage').length === time)
      await harness.idle()
      now += 300_000
      outbox.wake()
    }
    await harness.slack.until(() => postsOf(harness).length === 1)
    expect(told).toMatchObject([{ what: 'post', id: '1' }])
    now += 600_000
    outbox.wake()
    await harness.slack.until(() => postsOf(harness).length === 2)
  })
})

it('drops an answer that cannot be drawn, and logs that', async () => {
  const harness = await openOutbox()
  const { told, onSetAside } = setAside()
  await harness.store.transact((tx) => tx.reply(from, { reply: 'of-tomorrow' } as never, 1))
  harness.start({ onSetAside })
  await until(() => told.length === 1)
  await harness.idle()
  expect(told).toMatchObject([{ what: 'post', id: '1' }])
  expect(await harness.store.outbox.nextDue()).toBeNull()
})
