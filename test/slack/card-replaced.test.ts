import { describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/faults.ts'
import type { SlackSandbox } from '../../sandbox/slack/slack.ts'
import { card } from '../../src/slack/cards/card.ts'
import { click } from '../release/click.ts'
import { approver, Play, plainWords, run } from './releases.ts'
import { cardsOf, channel, type SendingRoom, sendingRoom, until } from './room.ts'

const refusal = (error: string): Fault => ({ kind: 'answer', status: 200, body: { ok: false, error } })
const id = 'r-abc123'

/** A card in the channel, and the loop that updates it. */
async function posted() {
  const room = await sendingRoom()
  const play = new Play()
  await room.save(play.release)
  const outbox = room.start({ workspace: 'https://twokey.example' })
  const first = await room.slack.until(() => cardsOf(room.slack)[0])
  await room.idle()
  return { room, play, outbox, first }
}

const remove = ({ workspace }: SlackSandbox, ts: string) => workspace.remove(workspace.message(channel, ts)!)

const keysOf = (room: SendingRoom, index: number) =>
  cardsOf(room.slack)[index]?.replies.map(({ metadata }) => String(metadata?.event_payload.key)) ?? []

const posts = ({ slack }: SendingRoom) => slack.log.of('chat.postMessage').length

describe('a card that can no longer be edited', () => {
  const reasons: readonly [string, (slack: SlackSandbox, ts: string) => void, 'there' | 'gone'][] = [
    ['the app was installed again', ({ workspace }) => workspace.installAnew(), 'there'],
    ['the workspace does not allow edits', ({ workspace }) => (workspace.editWindowMs = -1), 'there'],
    ['a person deleted it', remove, 'gone'],
  ]

  it.each(reasons)(
    'posts the card again at once, once, and continues its thread there: %s',
    async (_, happens, left) => {
      const { room, play, outbox, first } = await posted()
      happens(room.slack, first.ts)
      const { release, told } = play.approvedBy('U0BEN')
      await room.save(release, told.slice(-1))
      outbox.wake()
      const cards = await room.slack.until(() => {
        const all = cardsOf(room.slack).filter(({ ts }) => ts !== first.ts)
        return all[0]?.replies.length === 2 ? all : undefined
      })
      await room.idle()
      expect(cards).toHaveLength(1)
      expect(cards[0]!.text).toContain('1 of 2')
      expect(await room.store.card(id)).toEqual({ channel, ts: cards[0]!.ts })
      expect(keysOf(room, left === 'there' ? 1 : 0)).toEqual([`card-replaced-${first.ts}`, told.at(-1)!.key])
      if (left === 'there') {
        await room.slack.until(() => keysOf(room, 0).length === 1)
        const outdated = JSON.stringify(cardsOf(room.slack)[0]!.replies)
        expect(outdated).toContain(
          `https://twokey.example/archives/${channel}/p${cards[0]!.ts.replace('.', '')}`,
        )
      }
      expect(room.slack.log.of('chat.update')).toHaveLength(1)
    },
  )

  it('edits the new card from then on', async () => {
    const { room, play, outbox } = await posted()
    room.slack.workspace.installAnew()
    await room.save(play.approvedBy('U0BEN').release)
    outbox.wake()
    await room.slack.until(() => cardsOf(room.slack).length === 2)
    await room.idle()
    await room.save(play.on(click('cancel', approver('U0ANA'))).release)
    outbox.wake()
    await room.slack.until(() => cardsOf(room.slack)[1]?.text.startsWith('blog-api prod: cancelled'))
    expect(cardsOf(room.slack)).toHaveLength(2)
  })

  it('does not post a card again for progress if Slack allows no edits', async () => {
    const { room, play, outbox } = await posted()
    room.slack.workspace.editWindowMs = -1
    let ahead = 0
    await outbox.stop()
    const later = room.start({ clock: () => Date.now() + ahead })
    await room.save(play.dispatched().look({ run: run('moving', plainWords) }).release)
    later.wake()
    await room.slack.until(() => cardsOf(room.slack).length === 2)
    await room.idle()
    for (const title of ['Build', 'Migrate', 'Deploy']) {
      ahead += 5_000
      await room.save(play.look({ run: run('moving', { ...plainWords, title }) }).release)
      later.wake()
      await room.idle()
    }
    await until(() => room.slack.log.of('chat.update').length >= 2)
    expect(cardsOf(room.slack)).toHaveLength(2)
    await room.save(play.on(click('cancel', approver('U0ANA'))).release)
    later.wake()
    await room.slack.until(() => cardsOf(room.slack).length === 3)
  })

  it('posts the card again each time a person deletes it, also for progress', async () => {
    const { room, play, outbox } = await posted()
    let ahead = 0
    await outbox.stop()
    const later = room.start({ clock: () => Date.now() + ahead })
    for (const title of ['Build', 'Migrate', 'Deploy']) {
      const { ts } = cardsOf(room.slack)[0]!
      remove(room.slack, ts)
      ahead += 5_000
      if (play.release.stage.at === 'approval') play.dispatched()
      await room.save(play.look({ run: run('moving', { ...plainWords, title }) }).release)
      later.wake()
      await room.slack.until(() => cardsOf(room.slack).some((card) => card.ts !== ts))
      await room.idle()
    }
    expect(cardsOf(room.slack)).toHaveLength(1)
  })

  it('waits until an archived channel is opened again', async () => {
    const { room, play, outbox } = await posted()
    const there = room.slack.workspace.channels.get(channel)!
    there.archived = true
    await room.save(play.approvedBy('U0BEN').release)
    outbox.wake()
    await until(() => room.slack.log.of('chat.update').length === 1)
    await outbox.stop()
    there.archived = false
    room.start({ clock: () => Date.now() + 120_000 })
    await room.slack.until(() => cardsOf(room.slack)[0]?.text.includes('1 of 2'))
    expect(cardsOf(room.slack)).toHaveLength(1)
    expect(posts(room)).toBe(1)
  })
})

describe('a process that dies while it posts a card again', () => {
  /** The old card is still in the channel, and the process died right after it stored that the card cannot be edited. */
  async function lost() {
    const { room, play, outbox, first } = await posted()
    await outbox.stop()
    room.slack.workspace.editWindowMs = -1
    await room.store.outbox.cardLost(id, { ts: first.ts, why: 'uneditable' }, Date.now())
    await room.save(play.approvedBy('U0BEN').release)
    return { room, play, first }
  }

  it('does not take the old card for the new one if it died before the post', async () => {
    const { room } = await lost()
    await room.store.outbox.cardSending(id, Date.now())
    room.start()
    await room.slack.until(() => cardsOf(room.slack).length === 2)
    await room.idle()
    expect(await room.store.card(id)).toEqual({ channel, ts: cardsOf(room.slack)[1]!.ts })
  })

  it('finds the new card and does not post it twice if it died after the post', async () => {
    const { room, play } = await lost()
    await room.store.outbox.cardSending(id, Date.now())
    const { text, blocks, metadata } = card(play.release)
    const user = room.slack.workspace.app.userId
    const { ts } = room.slack.workspace.post({ channel, user, text, blocks, metadata: metadata ?? null })
    room.slack.workspace.editWindowMs = null
    const before = posts(room)
    room.start()
    await until(() => room.slack.log.of('chat.update').length === 1)
    await room.idle()
    expect(cardsOf(room.slack)).toHaveLength(2)
    expect(await room.store.card(id)).toEqual({ channel, ts })
    expect(posts(room) - before).toBeLessThanOrEqual(2)
  })
})

describe('a post in the thread of a card', () => {
  const tells = async ({ room, play }: Awaited<ReturnType<typeof posted>>) => {
    const { release, told } = play.approvedBy('U0BEN')
    await room.save(play.release, told.slice(-1))
    return { key: told.at(-1)!.key, release }
  }

  it.each(['thread_not_found', 'message_not_found', 'cannot_reply_to_message'])(
    'posts under the new card if the thread is gone (%s)',
    async (error) => {
      const opened = await posted()
      const { room, outbox, first } = opened
      remove(room.slack, first.ts)
      room.slack.faults.queue('chat.postMessage', refusal(error))
      const { key } = await tells(opened)
      await room.store.outbox.cardSent(id, { ts: first.ts, version: 99, shown: 'as it is' })
      outbox.wake()
      await room.slack.until(() => keysOf(room, 0).length === 2)
      expect(cardsOf(room.slack)).toHaveLength(1)
      expect(keysOf(room, 0)).toEqual([`card-replaced-${first.ts}`, key])
    },
  )

  it.each(['restricted_action_thread_locked', 'restricted_action_non_threadable_channel'])(
    'posts in the channel and keeps the card if the thread is closed (%s)',
    async (error) => {
      const opened = await posted()
      const { room, outbox, first } = opened
      room.slack.faults.queue('chat.postMessage', refusal(error))
      const { key } = await tells(opened)
      outbox.wake()
      const inChannel = await room.slack.until(() =>
        room.slack.workspace.messages(channel).find(({ metadata }) => metadata?.event_payload.key === key),
      )
      expect(inChannel.threadTs).toBeNull()
      expect(cardsOf(room.slack).map(({ ts }) => ts)).toEqual([first.ts])
    },
  )

  it('posts in the channel if Slack accepts no reply to the new card either', async () => {
    const opened = await posted()
    const { room, outbox } = opened
    room.slack.faults.queue('chat.postMessage', refusal('thread_not_found'))
    room.slack.faults.queue('chat.postMessage', refusal('thread_not_found'), { skip: 1, times: 2 })
    const { key } = await tells(opened)
    outbox.wake()
    await room.slack.until(() =>
      room.slack.workspace.messages(channel).find(({ metadata }) => metadata?.event_payload.key === key),
    )
    expect(cardsOf(room.slack)).toHaveLength(2)
  })
})
