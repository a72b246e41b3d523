import { describe, expect, it } from 'vitest'
import { card } from '../../src/slack/cards/card.ts'
import type { Outbox } from '../../src/store/store.ts'
import { click } from '../release/click.ts'
import { approver, everyState, migration, Play, plainWords, rollouts, run } from './releases.ts'
import { cardsOf, channel, sendingRoom, until } from './room.ts'

describe('a card', () => {
  it('posts a card once and then edits it in place, with the state first', async () => {
    const room = await sendingRoom()
    const play = new Play()
    await room.save(play.release)
    const outbox = room.start()
    await room.slack.until(() => cardsOf(room.slack).length === 1)
    await room.save(play.approvedBy('U0BEN').on(click('cancel', approver('U0ANA'))).release)
    outbox.wake()
    await room.slack.until(() => cardsOf(room.slack)[0]?.text.startsWith('blog-api prod: cancelled'))
    expect(cardsOf(room.slack)).toHaveLength(1)
    expect(cardsOf(room.slack)[0]?.metadata).toEqual(card(play.release).metadata)
    expect(room.slack.log.of('chat.postMessage')[0]?.body).toMatchObject({
      unfurl_links: 'false',
      unfurl_media: 'false',
    })
  })

  it('posts a card once though the answer to the post was lost', async () => {
    const room = await sendingRoom()
    room.slack.faults.queue('chat.postMessage', { kind: 'lost' })
    await room.save(new Play().release)
    room.start()
    await until(() => room.slack.log.of('conversations.history').length === 1)
    await room.slack.until(() => cardsOf(room.slack)[0]?.edits === 1)
    expect(room.slack.log.of('chat.postMessage')).toHaveLength(1)
    await room.idle()
    expect(await room.store.card('r-abc123')).toEqual({ channel, ts: cardsOf(room.slack)[0]?.ts })
  })

  it('posts a card again that never arrived', async () => {
    const room = await sendingRoom()
    room.slack.faults.queue('chat.postMessage', { kind: 'reset' })
    await room.save(new Play().release)
    room.start()
    await room.slack.until(() => cardsOf(room.slack).length === 1)
    expect(room.slack.log.of('conversations.history')).toHaveLength(1)
  })

  it('finds a card after the process died while posting it', async () => {
    const room = await sendingRoom()
    const { release } = new Play()
    await room.save(release)
    await room.store.outbox.cardSending(release.id, Date.now())
    const posted = card(release)
    room.slack.workspace.post({
      channel,
      user: room.slack.workspace.app.userId,
      text: posted.text,
      blocks: posted.blocks,
      metadata: posted.metadata ?? null,
    })
    room.start()
    await room.slack.until(() => cardsOf(room.slack)[0]?.edits === 1)
    expect(cardsOf(room.slack)).toHaveLength(1)
  })

  it('continues to update card and thread after the clock was set back', async () => {
    const room = await sendingRoom()
    let backMs = 0
    const play = new Play().approvedBy('U0BEN')
    await room.save(play.release, play.told)
    room.slack.faults.queue('chat.postMessage', { kind: 'reset' })
    const outbox = room.start({ clock: () => Date.now() - backMs })
    await until(() => room.slack.log.of('chat.postMessage').length === 1)
    await room.idle()
    backMs = 3_600_000
    outbox.wake()
    await room.slack.until(() => cardsOf(room.slack)[0]?.replies.length === play.told.length)
  })

  it('does not accept another app’s message with forged metadata as the card', async () => {
    const room = await sendingRoom()
    const { release } = new Play()
    await room.save(release)
    await room.store.outbox.cardSending(release.id, Date.now())
    room.slack.workspace.post({
      channel,
      user: 'U0ELI',
      text: 'blog-api prod: succeeded',
      blocks: [],
      metadata: { event_type: 'twokey_release', event_payload: { release_id: release.id } },
    })
    room.start()
    await room.slack.until(() => cardsOf(room.slack).length === 2)
    expect(cardsOf(room.slack)[1]?.user).toBe(room.slack.workspace.app.userId)
  })

  it('posts a card again that a person deleted', async () => {
    const room = await sendingRoom()
    const play = new Play()
    await room.save(play.release)
    const outbox = room.start()
    const first = await room.slack.until(() => cardsOf(room.slack)[0])
    await room.idle()
    room.slack.workspace.remove(room.slack.workspace.message(channel, first.ts)!)
    await room.save(play.approvedBy('U0BEN').release)
    outbox.wake()
    await room.slack.until(() => cardsOf(room.slack).length === 1)
    await room.idle()
    expect(await room.store.card('r-abc123')).toEqual({ channel, ts: cardsOf(room.slack)[0]?.ts })
    expect(cardsOf(room.slack)[0]?.ts).not.toBe(first.ts)
  })

  it('sends only the newest state of a card', async () => {
    const room = await sendingRoom()
    const play = new Play().dispatched().look({ run: run('moving', plainWords) })
    await room.save(play.release)
    const outbox = room.start()
    await room.slack.until(() => cardsOf(room.slack).length === 1)
    for (let seen = 0; seen < 5; seen += 1) {
      const { release } = play.look({ run: run('moving', { ...plainWords, title: `step ${seen}` }) })
      await room.save(release)
      outbox.wake()
    }
    await room.slack.until(() => JSON.stringify(cardsOf(room.slack)[0]?.blocks).includes('step 4'))
    expect(room.slack.log.of('chat.update').length).toBeLessThanOrEqual(2)
  })

  it('sends ends before progress', async () => {
    const room = await sendingRoom()
    const moving = new Play({ id: 'r-moving' }).dispatched().look({ run: run('moving', plainWords) })
    const waiting = new Play({ id: 'r-waiting', targets: [{ cluster: 'c', service: 's' }] })
    await room.save(moving.release)
    await room.save(waiting.release)
    const outbox = room.start()
    await room.slack.until(() => cardsOf(room.slack).length === 2)
    await room.save(moving.look({ run: run('moving', { ...plainWords, title: 'next' }) }).release)
    await room.save(waiting.on(click('cancel', approver('U0ANA'))).release)
    outbox.wake()
    await until(() => room.slack.log.of('chat.update').length === 2)
    const edited = room.slack.log.of('chat.update').map(({ body }) => String((body as { text: string }).text))
    expect(edited[0]).toMatch(/^blog-api prod: cancelled/)
  })

  it('waits as long as a 429 says, and then sends the newest state', async () => {
    const room = await sendingRoom()
    const play = new Play()
    await room.save(play.release)
    const outbox = room.start()
    await room.slack.until(() => cardsOf(room.slack).length === 1)
    room.slack.faults.queue('chat.update', { kind: 'answer', status: 429, headers: { 'retry-after': '1' } })
    await room.save(play.approvedBy('U0BEN').release)
    outbox.wake()
    await until(() => room.slack.log.of('chat.update').length === 1)
    await room.save(play.on(click('cancel', approver('U0ANA'))).release)
    outbox.wake()
    await room.slack.until(() => cardsOf(room.slack)[0]?.text.startsWith('blog-api prod: cancelled'))
    const [refused, taken] = room.slack.log.of('chat.update')
    expect(taken!.at - refused!.at).toBeGreaterThanOrEqual(990)
    expect(room.slack.log.of('chat.update')).toHaveLength(2)
  })

  it('keeps a card to send while the bot is not in the channel', async () => {
    const room = await sendingRoom()
    const { members } = room.slack.workspace.channels.get(channel)!
    members.delete(room.slack.workspace.app.userId)
    await room.save(new Play().release)
    const first = room.start()
    await until(() => room.slack.log.of('chat.postMessage')[0]?.status === 200)
    await first.stop()
    const [due] = await room.store.outbox.dueCards(Date.now() + 3_600_000, 10)
    expect(due?.release.id).toBe('r-abc123')
    members.add(room.slack.workspace.app.userId)
    room.start({ clock: () => Date.now() + 120_000 })
    await room.slack.until(() => cardsOf(room.slack).length === 1)
  })

  it('sends the text alone if Slack does not accept the blocks', async () => {
    const room = await sendingRoom()
    room.slack.faults.queue('chat.postMessage', {
      kind: 'answer',
      status: 200,
      body: { ok: false, error: 'invalid_blocks' },
    })
    await room.save(new Play().release)
    room.start()
    const shown = await room.slack.until(() => cardsOf(room.slack)[0])
    expect(shown.text).toMatch(/^blog-api prod: awaiting approval/)
  })
})

describe('the time of the last update on a card', () => {
  const minute = 60_000
  /** A release in progress on a card, with a clock that the test advances. */
  async function inProgress() {
    let aheadMs = 0
    const room = await sendingRoom({}, () => Date.now() + aheadMs)
    const play = new Play().dispatched().look({ run: run('moving', plainWords) })
    await room.save(play.release)
    const outbox = room.start()
    await room.slack.until(() => cardsOf(room.slack).length === 1)
    await room.idle()
    return {
      ...room,
      play,
      edits: () => room.slack.log.of('chat.update').length,
      updated: () =>
        Number(/updated <!date\^(\d+)/.exec(JSON.stringify(cardsOf(room.slack)[0]?.blocks))?.[1]),
      async passes(ms: number) {
        aheadMs += ms
        outbox.wake()
        await new Promise((resolve) => setTimeout(resolve, 100))
        await room.idle()
      },
    }
  }

  it('the time on a card is that of the edit; without other changes it is updated after five minutes', async () => {
    const card = await inProgress()
    const first = card.updated()
    expect(first).toBeGreaterThan(0)
    for (let passed = 0; passed < 4; passed += 1) await card.passes(minute)
    expect([card.edits(), card.updated()]).toEqual([0, first])
    await card.passes(minute)
    await until(() => card.edits() === 1)
    expect(card.updated() - first).toBeGreaterThanOrEqual(300)
    await card.passes(minute)
    expect(card.edits()).toBe(1)
  })

  it('the time on a card is updated once after a restart, though nothing else changed', async () => {
    const card = await inProgress()
    card.start({ clock: () => Date.now() + minute })
    await until(() => card.edits() === 1)
    await card.idle()
    expect(card.edits()).toBe(1)
  })

  it('a card shows no time before something is sent, nor after the end', async () => {
    const card = await inProgress()
    await card.save(everyState(plainWords).failed!.release)
    await card.passes(minute)
    await until(() => cardsOf(card.slack)[0]!.text.startsWith('blog-api prod: failed'))
    expect(card.updated()).toBeNaN()
    await card.passes(60 * minute)
    const edits = card.edits()
    await card.passes(60 * minute)
    expect(card.edits()).toBe(edits)

    await card.save(new Play({ id: 'r-waits', targets: [{ cluster: 'c', service: 's' }] }).release)
    await card.passes(minute)
    await card.slack.until(() => cardsOf(card.slack).length === 2)
    expect(JSON.stringify(cardsOf(card.slack)[1]?.blocks)).not.toContain('updated')
    await card.passes(60 * minute)
    expect(card.edits()).toBe(edits)
  })
})

describe('many changes of a release', () => {
  it('shows the last state on the card after many changes', async () => {
    const room = await sendingRoom()
    const play = new Play()
    const outbox = room.start()
    const go = async () => {
      await room.save(play.release)
      outbox.wake()
    }
    await go()
    play.dispatched()
    await go()
    play.look({ run: run('moving', plainWords), migration: migration('succeeded', plainWords) })
    await go()
    play.look({ run: run('moving', plainWords), rollouts: rollouts('moving', plainWords) })
    await go()
    play.look({ run: run('succeeded', plainWords), rollouts: rollouts('succeeded', plainWords) })
    await go()
    await room.slack.until(() => cardsOf(room.slack)[0]?.text.startsWith('blog-api prod: succeeded'))
    expect(cardsOf(room.slack)).toHaveLength(1)
    await room.idle()
    expect(await room.store.outbox.dueCards(Date.now(), 10)).toEqual([])
  })
})

it('the outbox stops after the round in progress, and reads nothing from a closed store', async () => {
  const room = await sendingRoom()
  const read = Promise.withResolvers<void>()
  const told: string[] = []
  const outbox = room.start({
    outbox: {
      async dueCards() {
        told.push('reading')
        await read.promise
        return []
      },
      duePosts: async () => [],
      async cardsAgain() {},
      async nextDue() {
        told.push('read')
        return null
      },
    } as unknown as Outbox,
  })
  await until(() => told.length === 1)
  const stopped = outbox.stop().then(() => told.push('stopped'))
  read.resolve()
  await stopped
  expect(told).toEqual(['reading', 'read', 'stopped'])
})
