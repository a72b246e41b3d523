import { describe, expect, it } from 'vitest'
import type { Notice } from '../../src/release/notice.ts'
import type { SetAside } from '../../src/store/store.ts'
import { Play } from './releases.ts'
import { cardsOf, channel, type SendingRoom, sendingRoom, until } from './room.ts'

const from = { user: 'U0ANA', team: 'T0TEAM', channel, responseUrl: null }
const lock = { environment: 'prod', service: null, by: 'U0ANA', why: 'an incident', since: 1, until: null }

/** A notice of a kind that this version does not know. */
const unknownNotice = { notice: 'of-tomorrow' } as unknown as Notice

async function announce(room: SendingRoom, ...notices: readonly Notice[]): Promise<void> {
  for (const notice of notices)
    await room.store.transact((tx) =>
      tx.announce(channel, { notice, chain: 'environment:prod', head: { seq: 1, hash: 'abc' } }, 1),
    )
}

function postsOf({ slack }: SendingRoom) {
  return slack.workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'twokey_notice')
}

function setAside() {
  const told: SetAside[] = []
  return { told, onSetAside: (aside: SetAside) => told.push(aside) }
}

describe('a card that cannot be drawn', () => {
  /** No date can be that late. */
  const undrawable = (id: string) => ({ ...new Play({ id }).release, requestedAt: 1e20 })

  it('sets only that card aside; other cards, notices and answers are sent', async () => {
    const room = await sendingRoom()
    const { told, onSetAside } = setAside()
    await room.save(undrawable('r-bad'))
    await room.save(new Play({ id: 'r-good', targets: [{ cluster: 'c', service: 's' }] }).release)
    await announce(room, { notice: 'locked', lock })
    await room.store.transact((tx) =>
      tx.reply(from, { reply: 'help', command: '/deploy', services: [], environments: [] }, 1),
    )
    room.start({ onSetAside })
    await room.slack.until(() => cardsOf(room.slack).length === 1 && postsOf(room).length === 1)
    await until(() => room.slack.log.of('chat.postEphemeral').length === 1)
    await room.idle()
    expect(told).toMatchObject([{ what: 'card', id: 'r-bad', error: expect.any(Error) }])
  })

  it('tries a card that was set aside again after ten minutes', async () => {
    const room = await sendingRoom()
    const { told, onSetAside } = setAside()
    const now = Date.now()
    await room.save(undrawable('r-bad'))
    room.start({ onSetAside, clock: () => now })
    await until(() => told.length === 1)
    await room.idle()
    expect(await room.store.outbox.nextDue()).toBe(now + 600_000)
  })
})

describe('a notice that cannot be sent', () => {
  it('a notice that cannot be drawn does not delay the next ones in its channel', async () => {
    const room = await sendingRoom()
    const { told, onSetAside } = setAside()
    await announce(room, unknownNotice, { notice: 'locked', lock })
    room.start({ onSetAside })
    await room.slack.until(() => postsOf(room).length === 1)
    await room.idle()
    expect(told).toMatchObject([{ what: 'post', id: '1' }])
  })

  it('a notice that Slack refuses each time is skipped after the third attempt', async () => {
    const room = await sendingRoom()
    const { told, onSetAside } = setAside()
    const refuses = { kind: 'answer', status: 200, body: { ok: false, error: 'no_text' } } as const
    for (let time = 0; time < 3; time += 1) room.slack.faults.queue('chat.postMessage', refuses)
    await announce(room, { notice: 'locked', lock }, { notice: 'unlocked', lock, by: 'U0BEN' })
    let now = Date.now()
    const outbox = room.start({ onSetAside, clock: () => now })
    for (let time = 1; time <= 3; time += 1) {
      await until(() => room.slack.log.of('chat.postMessage').length === time)
      await room.idle()
      now += 300_000
      outbox.wake()
    }
    await room.slack.until(() => postsOf(room).length === 1)
    expect(told).toMatchObject([{ what: 'post', id: '1' }])
    now += 600_000
    outbox.wake()
    await room.slack.until(() => postsOf(room).length === 2)
  })
})

it('drops an answer that cannot be drawn, and logs that', async () => {
  const room = await sendingRoom()
  const { told, onSetAside } = setAside()
  await room.store.transact((tx) => tx.reply(from, { reply: 'of-tomorrow' } as never, 1))
  room.start({ onSetAside })
  await until(() => told.length === 1)
  await room.idle()
  expect(told).toMatchObject([{ what: 'post', id: '1' }])
  expect(await room.store.outbox.nextDue()).toBeNull()
})
