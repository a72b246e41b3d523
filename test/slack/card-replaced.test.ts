import { describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/faults.ts'
import type { SlackSandbox } from '../../sandbox/slack/slack.ts'
import { card } from '../../src/slack/cards/card.ts'
import { click } from '../release/click.ts'
import { cardsOf, channel, type OutboxHarness, openOutbox, until } from './harness.ts'
import { approver, DrivenRelease, plainWords, run } from './releases.ts'

const refusal = (error: string): Fault => ({ kind: 'answer', status: 200, body: { ok: false, error } })
const id = 'r-abc123'

/** A card in the channel, and the loop that updates it. */
async function posted() {
  const harness = await openOutbox()
  const driven = new DrivenRelease()
  await harness.save(driven.release)
  const outbox = harness.start({ workspace: 'https://twokey.example' })
  const first = await harness.slack.until(() => cardsOf(harness.slack)[0])
  await harness.idle()
  return { harness, driven, outbox, first }
}

const remove = ({ workspace }: SlackSandbox, ts: string) => workspace.remove(workspace.message(channel, ts)!)

const keysOf = (harness: OutboxHarness, index: number) =>
  cardsOf(harness.slack)[index]?.replies.map(({ metadata }) => String(metadata?.event_payload.key)) ?? []

const posts = ({ slack }: OutboxHarness) => slack.log.of('chat.postMessage').length

describe('a card that can no longer be edited', () => {
  const reasons: readonly [string, (slack: SlackSandbox, ts: string) => void, 'there' | 'gone'][] = [
    ['the app was installed again', ({ workspace }) => workspace.installAnew(), 'there'],
    ['the workspace does not allow edits', ({ workspace }) => (workspace.editWindowMs = -1), 'there'],
    ['a person deleted it', remove, 'gone'],
  ]

  it.each(reasons)(
    'posts the card again at once, once, and continues its thread there: %s',
    async (_, happens, left) => {
      const { harness, driven, outbox, first } = await posted()
      happens(harness.slack, first.ts)
      const { release, told } = driven.approvedBy('U0BEN')
      await harness.save(release, told.slice(-1))
      outbox.wake()
      const cards = await harness.slack.until(() => {
        const all = cardsOf(harness.slack).filter(({ ts }) => ts !== first.ts)
        return all[0]?.replies.length === 2 ? all : undefined
      })
      await harness.idle()
      expect(cards).toHaveLength(1)
      expect(cards[0]!.text).toContain('1 of 2')
      expect(await harness.store.card(id)).toEqual({ channel, ts: cards[0]!.ts })
      expect(keysOf(harness, left === 'there' ? 1 : 0)).toEqual([
        `card-replaced-${first.ts}`,
        told.at(-1)!.key,
      ])
      if (left === 'there') {
        await harness.slack.until(() => keysOf(harness, 0).length === 1)
        const outdated = JSON.stringify(cardsOf(harness.slack)[0]!.replies)
        expect(outdated).toContain(
          `https://twokey.example/archives/${channel}/p${cards[0]!.ts.replace('.', '')}`,
        )
      }
      expect(harness.slack.log.of('chat.update')).toHaveLength(1)
    },
  )

  it('edits the new card from then on', async () => {
    const { harness, driven, outbox } = await posted()
    harness.slack.workspace.installAnew()
    await harness.save(driven.approvedBy('U0BEN').release)
    outbox.wake()
    await harness.slack.until(() => cardsOf(harness.slack).length === 2)
    await harness.idle()
    await harness.save(driven.on(click('cancel', approver('U0ANA'))).release)
    outbox.wake()
    await harness.slack.until(() => cardsOf(harness.slack)[1]?.text.startsWith('blog-api prod: cancelled'))
    expect(cardsOf(harness.slack)).toHaveLength(2)
  })

  it('does not post a card again for progress if Slack allows no edits', async () => {
    const { harness, driven, outbox } = await posted()
    harness.slack.workspace.editWindowMs = -1
    let ahead = 0
    await outbox.stop()
    const later = harness.start({ clock: () => Date.now() + ahead })
    await harness.save(driven.dispatched().look({ run: run('moving', plainWords) }).release)
    later.wake()
    await harness.slack.until(() => cardsOf(harness.slack).length === 2)
    await harness.idle()
    for (const title of ['Build', 'Migrate', 'Deploy']) {
      ahead += 5_000
      await harness.save(driven.look({ run: run('moving', { ...plainWords, title }) }).release)
      later.wake()
      await harness.idle()
    }
    await until(() => harness.slack.log.of('chat.update').length >= 2)
    expect(cardsOf(harness.slack)).toHaveLength(2)
    await harness.save(driven.on(click('cancel', approver('U0ANA'))).release)
    later.wake()
    await harness.slack.until(() => cardsOf(harness.slack).length === 3)
  })

  it('posts the card again each time a person deletes it, also for progress', async () => {
    const { harness, driven, outbox } = await posted()
    let ahead = 0
    await outbox.stop()
    const later = harness.start({ clock: () => Date.now() + ahead })
    for (const title of ['Build', 'Migrate', 'Deploy']) {
      const { ts } = cardsOf(harness.slack)[0]!
      remove(harness.slack, ts)
      ahead += 5_000
      if (driven.release.stage.at === 'approval') driven.dispatched()
      await harness.save(driven.look({ run: run('moving', { ...plainWords, title }) }).release)
      later.wake()
      await harness.slack.until(() => cardsOf(harness.slack).some((card) => card.ts !== ts))
      await harness.idle()
    }
    expect(cardsOf(harness.slack)).toHaveLength(1)
  })

  it('waits until an archived channel is opened again', async () => {
    const { harness, driven, outbox } = await posted()
    const there = harness.slack.workspace.channels.get(channel)!
    there.archived = true
    await harness.save(driven.approvedBy('U0BEN').release)
    outbox.wake()
    await until(() => harness.slack.log.of('chat.update').length === 1)
    await outbox.stop()
    there.archived = false
    harness.start({ clock: () => Date.now() + 120_000 })
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.text.includes('1 of 2'))
    expect(cardsOf(harness.slack)).toHaveLength(1)
    expect(posts(harness)).toBe(1)
  })
})

describe('a process that dies while it posts a card again', () => {
  /** The old card is still in the channel, and the process died right after it stored that the card cannot be edited. */
  async function lost() {
    const { harness, driven, outbox, first } = await posted()
    await outbox.stop()
    harness.slack.workspace.editWindowMs = -1
    await harness.store.outbox.cardLost(id, { ts: first.ts, why: 'uneditable' }, Date.now())
    await harness.save(driven.approvedBy('U0BEN').release)
    return { harness, driven, first }
  }

  it('does not take the old card for the new one if it died before the post', async () => {
    const { harness } = await lost()
    await harness.store.outbox.cardSending(id, Date.now())
    harness.start()
    await harness.slack.until(() => cardsOf(harness.slack).length === 2)
    await harness.idle()
    expect(await harness.store.card(id)).toEqual({ channel, ts: cardsOf(harness.slack)[1]!.ts })
  })

  it('finds the new card and does not post it twice if it died after the post', async () => {
    const { harness, driven } = await lost()
    await harness.store.outbox.cardSending(id, Date.now())
    const { text, blocks, metadata } = card(driven.release)
    const user = harness.slack.workspace.app.userId
    const { ts } = harness.slack.workspace.post({ channel, user, text, blocks, metadata: metadata ?? null })
    harness.slack.workspace.editWindowMs = null
    const before = posts(harness)
    harness.start()
    await until(() => harness.slack.log.of('chat.update').length === 1)
    await harness.idle()
    expect(cardsOf(harness.slack)).toHaveLength(2)
    expect(await harness.store.card(id)).toEqual({ channel, ts })
    expect(posts(harness) - before).toBeLessThanOrEqual(2)
  })
})

describe('a post in the thread of a card', () => {
  const tells = async ({ harness, driven }: Awaited<ReturnType<typeof posted>>) => {
    const { release, told } = driven.approvedBy('U0BEN')
    await harness.save(driven.release, told.slice(-1))
    return { key: told.at(-1)!.key, release }
  }

  it.each(['thread_not_found', 'message_not_found', 'cannot_reply_to_message'])(
    'posts under the new card if the thread is gone (%s)',
    async (error) => {
      const opened = await posted()
      const { harness, outbox, first } = opened
      remove(harness.slack, first.ts)
      harness.slack.faults.queue('chat.postMessage', refusal(error))
      const { key } = await tells(opened)
      await harness.store.outbox.cardSent(id, { ts: first.ts, version: 99, shown: 'as it is' })
      outbox.wake()
      await harness.slack.until(() => keysOf(harness, 0).length === 2)
      expect(cardsOf(harness.slack)).toHaveLength(1)
      expect(keysOf(harness, 0)).toEqual([`card-replaced-${first.ts}`, key])
    },
  )

  it.each(['restricted_action_thread_locked', 'restricted_action_non_threadable_channel'])(
    'posts in the channel and keeps the card if the thread is closed (%s)',
    async (error) => {
      const opened = await posted()
      const { harness, outbox, first } = opened
      harness.slack.faults.queue('chat.postMessage', refusal(error))
      const { key } = await tells(opened)
      outbox.wake()
      const inChannel = await harness.slack.until(() =>
        harness.slack.workspace.messages(channel).find(({ metadata }) => metadata?.event_payload.key === key),
      )
      expect(inChannel.threadTs).toBeNull()
      expect(cardsOf(harness.slack).map(({ ts }) => ts)).toEqual([first.ts])
    },
  )

  it('posts in the channel if Slack accepts no reply to the new card either', async () => {
    const opened = await posted()
    const { harness, outbox } = opened
    harness.slack.faults.queue('chat.postMessage', refusal('thread_not_found'))
    harness.slack.faults.queue('chat.postMessage', refusal('thread_not_found'), { skip: 1, times: 2 })
    const { key } = await tells(opened)
    outbox.wake()
    await harness.slack.until(() =>
      harness.slack.workspace.messages(channel).find(({ metadata }) => metadata?.event_payload.key === key),
    )
    expect(cardsOf(harness.slack)).toHaveLength(2)
  })
})
