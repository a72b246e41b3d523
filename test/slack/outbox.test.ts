import { describe, expect, it } from 'vitest'
import { card } from '../../src/slack/cards/card.ts'
import type { Outbox } from '../../src/store/store.ts'
import { click } from '../release/click.ts'
import { cardsOf, channel, openOutbox, until } from './harness.ts'
import { approver, DrivenRelease, everyState, migration, plainWords, rollouts, run } from './releases.ts'

describe('a card', () => {
  it('posts a card once and then edits it in place, with the state first', async () => {
    const harness = await openOutbox()
    const driven = new DrivenRelease()
    await harness.save(driven.release)
    const outbox = harness.start()
    await harness.slack.until(() => cardsOf(harness.slack).length === 1)
    await harness.save(driven.approvedBy('U0BEN').on(click('cancel', approver('U0ANA'))).release)
    outbox.wake()
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.text.startsWith('blog-api prod: cancelled'))
    expect(cardsOf(harness.slack)).toHaveLength(1)
    expect(cardsOf(harness.slack)[0]?.metadata).toEqual(card(driven.release).metadata)
    expect(harness.slack.log.of('chat.postMessage')[0]?.body).toMatchObject({
      unfurl_links: 'false',
      unfurl_media: 'false',
    })
  })

  it('posts a card once though the answer to the post was lost', async () => {
    const harness = await openOutbox()
    harness.slack.faults.queue('chat.postMessage', { kind: 'lost' })
    await harness.save(new DrivenRelease().release)
    harness.start()
    await until(() => harness.slack.log.of('conversations.history').length === 1)
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.edits === 1)
    expect(harness.slack.log.of('chat.postMessage')).toHaveLength(1)
    await harness.idle()
    expect(await harness.store.card('r-abc123')).toEqual({ channel, ts: cardsOf(harness.slack)[0]?.ts })
  })

  it('posts a card again that never arrived', async () => {
    const harness = await openOutbox()
    harness.slack.faults.queue('chat.postMessage', { kind: 'reset' })
    await harness.save(new DrivenRelease().release)
    harness.start()
    await harness.slack.until(() => cardsOf(harness.slack).length === 1)
    expect(harness.slack.log.of('conversations.history')).toHaveLength(1)
  })

  it('finds a card after the process died while posting it', async () => {
    const harness = await openOutbox()
    const { release } = new DrivenRelease()
    await harness.save(release)
    await harness.store.outbox.cardSending(release.id, Date.now())
    const posted = card(release)
    harness.slack.workspace.post({
      channel,
      user: harness.slack.workspace.app.userId,
      text: posted.text,
      blocks: posted.blocks,
      metadata: posted.metadata ?? null,
    })
    harness.start()
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.edits === 1)
    expect(cardsOf(harness.slack)).toHaveLength(1)
  })

  it('continues to update card and thread after the clock was set back', async () => {
    const harness = await openOutbox()
    let backMs = 0
    const driven = new DrivenRelease().approvedBy('U0BEN')
    await harness.save(driven.release, driven.told)
    harness.slack.faults.queue('chat.postMessage', { kind: 'reset' })
    const outbox = harness.start({ clock: () => Date.now() - backMs })
    await until(() => harness.slack.log.of('chat.postMessage').length === 1)
    await harness.idle()
    backMs = 3_600_000
    outbox.wake()
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.replies.length === driven.told.length)
  })

  it('does not accept another app’s message with forged metadata as the card', async () => {
    const harness = await openOutbox()
    const { release } = new DrivenRelease()
    await harness.save(release)
    await harness.store.outbox.cardSending(release.id, Date.now())
    harness.slack.workspace.post({
      channel,
      user: 'U0ELI',
      text: 'blog-api prod: succeeded',
      blocks: [],
      metadata: { event_type: 'twokey_release', event_payload: { release_id: release.id } },
    })
    harness.start()
    await harness.slack.until(() => cardsOf(harness.slack).length === 2)
    expect(cardsOf(harness.slack)[1]?.user).toBe(harness.slack.workspace.app.userId)
  })

  it('posts a card again that a person deleted', async () => {
    const harness = await openOutbox()
    const driven = new DrivenRelease()
    await harness.save(driven.release)
    const outbox = harness.start()
    const first = await harness.slack.until(() => cardsOf(harness.slack)[0])
    await harness.idle()
    harness.slack.workspace.remove(harness.slack.workspace.message(channel, first.ts)!)
    await harness.save(driven.approvedBy('U0BEN').release)
    outbox.wake()
    await harness.slack.until(() => cardsOf(harness.slack).length === 1)
    await harness.idle()
    expect(await harness.store.card('r-abc123')).toEqual({ channel, ts: cardsOf(harness.slack)[0]?.ts })
    expect(cardsOf(harness.slack)[0]?.ts).not.toBe(first.ts)
  })

  it('sends only the newest state of a card', async () => {
    const harness = await openOutbox()
    const driven = new DrivenRelease().dispatched().look({ run: run('moving', plainWords) })
    await harness.save(driven.release)
    const outbox = harness.start()
    await harness.slack.until(() => cardsOf(harness.slack).length === 1)
    for (let seen = 0; seen < 5; seen += 1) {
      const { release } = driven.look({ run: run('moving', { ...plainWords, title: `step ${seen}` }) })
      await harness.save(release)
      outbox.wake()
    }
    await harness.slack.until(() => JSON.stringify(cardsOf(harness.slack)[0]?.blocks).includes('step 4'))
    expect(harness.slack.log.of('chat.update').length).toBeLessThanOrEqual(2)
  })

  it('sends ends before progress', async () => {
    const harness = await openOutbox()
    const moving = new DrivenRelease({ id: 'r-moving' }).dispatched().look({ run: run('moving', plainWords) })
    const waiting = new DrivenRelease({ id: 'r-waiting', targets: [{ cluster: 'c', service: 's' }] })
    await harness.save(moving.release)
    await harness.save(waiting.release)
    const outbox = harness.start()
    await harness.slack.until(() => cardsOf(harness.slack).length === 2)
    await harness.save(moving.look({ run: run('moving', { ...plainWords, title: 'next' }) }).release)
    await harness.save(waiting.on(click('cancel', approver('U0ANA'))).release)
    outbox.wake()
    await until(() => harness.slack.log.of('chat.update').length === 2)
    const edited = harness.slack.log
      .of('chat.update')
      .map(({ body }) => String((body as { text: string }).text))
    expect(edited[0]).toMatch(/^blog-api prod: cancelled/)
  })

  it('waits as long as a 429 says, and then sends the newest state', async () => {
    const harness = await openOutbox()
    const driven = new DrivenRelease()
    await harness.save(driven.release)
    const outbox = harness.start()
    await harness.slack.until(() => cardsOf(harness.slack).length === 1)
    harness.slack.faults.queue('chat.update', {
      kind: 'answer',
      status: 429,
      headers: { 'retry-after': '1' },
    })
    await harness.save(driven.approvedBy('U0BEN').release)
    outbox.wake()
    await until(() => harness.slack.log.of('chat.update').length === 1)
    await harness.save(driven.on(click('cancel', approver('U0ANA'))).release)
    outbox.wake()
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.text.startsWith('blog-api prod: cancelled'))
    const [refused, taken] = harness.slack.log.of('chat.update')
    expect(taken!.at - refused!.at).toBeGreaterThanOrEqual(990)
    expect(harness.slack.log.of('chat.update')).toHaveLength(2)
  })

  it('keeps a card to send while the bot is not in the channel', async () => {
    const harness = await openOutbox()
    const { members } = harness.slack.workspace.channels.get(channel)!
    members.delete(harness.slack.workspace.app.userId)
    await harness.save(new DrivenRelease().release)
    const first = harness.start()
    await until(() => harness.slack.log.of('chat.postMessage')[0]?.status === 200)
    await first.stop()
    const [due] = await harness.store.outbox.dueCards(Date.now() + 3_600_000, 10)
    expect(due?.release.id).toBe('r-abc123')
    members.add(harness.slack.workspace.app.userId)
    harness.start({ clock: () => Date.now() + 120_000 })
    await harness.slack.until(() => cardsOf(harness.slack).length === 1)
  })

  it('sends the text alone if Slack does not accept the blocks', async () => {
    const harness = await openOutbox()
    harness.slack.faults.queue('chat.postMessage', {
      kind: 'answer',
      status: 200,
      body: { ok: false, error: 'invalid_blocks' },
    })
    await harness.save(new DrivenRelease().release)
    harness.start()
    const shown = await harness.slack.until(() => cardsOf(harness.slack)[0])
    expect(shown.text).toMatch(/^blog-api prod: awaiting approval/)
  })
})

describe('the time of the last update on a card', () => {
  const minute = 60_000
  /** A release in progress on a card, with a clock that the test advances. */
  async function inProgress() {
    let aheadMs = 0
    const harness = await openOutbox({}, () => Date.now() + aheadMs)
    const driven = new DrivenRelease().dispatched().look({ run: run('moving', plainWords) })
    await harness.save(driven.release)
    const outbox = harness.start()
    await harness.slack.until(() => cardsOf(harness.slack).length === 1)
    await harness.idle()
    return {
      ...harness,
      driven,
      edits: () => harness.slack.log.of('chat.update').length,
      updated: () =>
        Number(/updated <!date\^(\d+)/.exec(JSON.stringify(cardsOf(harness.slack)[0]?.blocks))?.[1]),
      async passes(ms: number) {
        aheadMs += ms
        outbox.wake()
        await new Promise((resolve) => setTimeout(resolve, 100))
        await harness.idle()
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

    await card.save(new DrivenRelease({ id: 'r-waits', targets: [{ cluster: 'c', service: 's' }] }).release)
    await card.passes(minute)
    await card.slack.until(() => cardsOf(card.slack).length === 2)
    expect(JSON.stringify(cardsOf(card.slack)[1]?.blocks)).not.toContain('updated')
    await card.passes(60 * minute)
    expect(card.edits()).toBe(edits)
  })
})

describe('many changes of a release', () => {
  it('shows the last state on the card after many changes', async () => {
    const harness = await openOutbox()
    const driven = new DrivenRelease()
    const outbox = harness.start()
    const go = async () => {
      await harness.save(driven.release)
      outbox.wake()
    }
    await go()
    driven.dispatched()
    await go()
    driven.look({ run: run('moving', plainWords), migration: migration('succeeded', plainWords) })
    await go()
    driven.look({ run: run('moving', plainWords), rollouts: rollouts('moving', plainWords) })
    await go()
    driven.look({ run: run('succeeded', plainWords), rollouts: rollouts('succeeded', plainWords) })
    await go()
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.text.startsWith('blog-api prod: succeeded'))
    expect(cardsOf(harness.slack)).toHaveLength(1)
    await harness.idle()
    expect(await harness.store.outbox.dueCards(Date.now(), 10)).toEqual([])
  })
})

it('the outbox stops after the round in progress, and reads nothing from a closed store', async () => {
  const harness = await openOutbox()
  const read = Promise.withResolvers<void>()
  const told: string[] = []
  const outbox = harness.start({
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
