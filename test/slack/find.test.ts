import { describe, expect, it } from 'vitest'
import type { Notice } from '../../src/release/notice.ts'
import { mib } from '../../src/runtime/bounded.ts'
import type { Message } from '../../src/slack/blocks.ts'
import { card } from '../../src/slack/cards/card.ts'
import { notice } from '../../src/slack/cards/notice.ts'
import { threadPost } from '../../src/slack/cards/thread-post.ts'
import { cardsOf, channel, type OutboxHarness, openOutbox, until } from './harness.ts'
import { DrivenRelease } from './releases.ts'

type Where = { readonly threadTs?: string }

/** Slack carries out a post, and the answer is lost. */
function posted({ slack }: OutboxHarness, { text, blocks, metadata }: Message, where: Where = {}) {
  const user = slack.workspace.app.userId
  return slack.workspace.post({ channel, user, text, blocks, metadata: metadata ?? null, ...where })
}

/** People write messages, at most one in 10 ms. */
async function written({ slack }: OutboxHarness, texts: readonly string[], where: Where = {}) {
  for (const text of texts) {
    await millisecondsPass()
    slack.workspace.post({ channel, user: 'U0ELI', text, blocks: [], ...where })
  }
  await millisecondsPass()
}

function millisecondsPass(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 12))
}

/** 7 MB: the longest messages that Slack accepts from each person. */
const long = Array.from({ length: 60 }, () => '한'.repeat(40_000))

/** A message as an app may post it, with its attachments. */
const giant = ['x'.repeat(5 * mib)]

const crowds = [
  ['60 long messages', long],
  ['a message that is larger than twokey reads', giant],
] as const

describe('a post whose answer was lost', () => {
  it.each(crowds)('finds a card between %s', async (_, crowd) => {
    const harness = await openOutbox()
    const { release } = new DrivenRelease()
    await harness.save(release)
    await harness.store.outbox.cardSending(release.id, Date.now())
    await written(harness, crowd)
    const { ts } = posted(harness, card(release))
    await written(harness, crowd)
    harness.start()
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.edits === 1)
    await harness.idle()
    expect(await harness.store.card(release.id)).toEqual({ channel, ts })
    expect(harness.slack.log.of('chat.postMessage')).toEqual([])
  })

  it.each(crowds)('finds a thread post between %s', async (_, crowd) => {
    const harness = await openOutbox()
    const driven = new DrivenRelease()
    const [told] = driven.told
    await harness.save(driven.release, [told!])
    const threadTs = posted(harness, card(driven.release)).ts
    await harness.store.outbox.cardSent(driven.release.id, { ts: threadTs, version: 0, shown: '' })
    const [due] = await harness.store.outbox.duePosts(Date.now(), 10)
    await harness.store.outbox.postSending(due!.id, Date.now())
    await written(harness, crowd, { threadTs })
    posted(harness, threadPost(driven.release, told!, null), { threadTs })
    await written(harness, crowd, { threadTs })
    harness.start()
    await until(() => harness.slack.log.of('conversations.replies').length > 0)
    await harness.idle()
    expect(await harness.store.outbox.duePosts(Date.now() + 3_600_000, 10)).toEqual([])
    expect(harness.slack.log.of('chat.postMessage')).toEqual([])
  })

  it.each(crowds)('finds a notice between %s', async (_, crowd) => {
    const harness = await openOutbox()
    const lock = {
      environment: 'prod',
      service: null,
      by: 'U0ANA',
      why: 'an incident',
      since: 1,
      until: null,
    }
    const locked: Notice = { notice: 'locked', lock }
    const announced = { notice: locked, chain: 'environment:prod', head: { seq: 1, hash: 'abc' } }
    await harness.store.transact((tx) => tx.announce(channel, announced, 1))
    const [due] = await harness.store.outbox.duePosts(Date.now(), 10)
    await harness.store.outbox.postSending(due!.id, Date.now())
    await written(harness, crowd)
    posted(harness, notice(due!.id, announced))
    await written(harness, crowd)
    harness.start()
    await until(() => harness.slack.log.of('conversations.history').length > 0)
    await harness.idle()
    expect(await harness.store.outbox.duePosts(Date.now() + 3_600_000, 10)).toEqual([])
    expect(harness.slack.log.of('chat.postMessage')).toEqual([])
  })

  it.each([
    ['was ten minutes ahead then, and was set back afterwards', 10, 0],
    ['was two days ahead then, and was set back afterwards', 2 * 24 * 60, 0],
    ['was right then, and was set back by a day afterwards', 0, -24 * 60],
    ['is ten minutes behind all the time', -10, -10],
    ['is ten minutes ahead all the time', 10, 10],
  ])('finds a post although our clock %s', async (_, then, now) => {
    let minutes = then
    const clock = () => Date.now() + minutes * 60_000
    const harness = await openOutbox({}, clock)
    const { release } = new DrivenRelease()
    await harness.save(release)
    await harness.clients.web.auth.test()
    await harness.store.outbox.cardSending(release.id, harness.clients.slackTime())
    const { ts } = posted(harness, card(release))
    minutes = now
    harness.start({ clock })
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.edits === 1)
    await harness.idle()
    expect(await harness.store.card(release.id)).toEqual({ channel, ts })
    expect(harness.slack.log.of('chat.postMessage')).toEqual([])
  })
})

describe('a message in Slack’s answer', () => {
  const bare = { type: 'message', user: undefined, bot_id: undefined, bot_profile: undefined }

  it.each<[string, object, 'found' | 'not found']>([
    ['without `bot_id`', { user: 'U0TWOKEY' }, 'found'],
    ['with `bot_id: null`', { user: 'U0TWOKEY', bot_id: null }, 'found'],
    ['without `user`', { bot_id: 'B0TWOKEY' }, 'found'],
    ['with `user: null`', { bot_id: 'B0TWOKEY', user: null }, 'found'],
    [
      'with only a profile of the bot',
      { user: null, bot_id: null, bot_profile: { id: 'B0TWOKEY' } },
      'found',
    ],
    ['with `bot_profile: null`', { user: 'U0TWOKEY', bot_id: 'B0TWOKEY', bot_profile: null }, 'found'],
    ['with a number for the bot', { user: 'U0TWOKEY', bot_id: 7 }, 'found'],
    ['by another app', { user: 'U0OTHER', bot_id: 'B0OTHER', bot_profile: { id: 'B0OTHER' } }, 'not found'],
    ['by nobody', { user: null, bot_id: null }, 'not found'],
    ['by nobody, with empty ids', { user: '', bot_id: '', bot_profile: {} }, 'not found'],
  ])('recognizes a message of twokey’s %s: %s', async (_, part, is) => {
    const harness = await openOutbox()
    const { release } = new DrivenRelease()
    await harness.save(release)
    await harness.store.outbox.cardSending(release.id, Date.now())
    const { ts } = posted(harness, card(release))
    const message = { ...bare, ts, text: '', metadata: card(release).metadata, ...part }
    const unreadable = [{ ...message, ts: null }, { ...message, metadata: null }, null]
    harness.slack.faults.queue('conversations.history', {
      kind: 'answer',
      status: 200,
      body: { ok: true, messages: [...unreadable, message], has_more: false },
    })
    harness.start()
    await until(() =>
      harness.slack.log.exchanges.some(({ on }) => on === 'chat.update' || on === 'chat.postMessage'),
    )
    await harness.idle()
    expect(cardsOf(harness.slack)).toHaveLength(is === 'found' ? 1 : 2)
    expect(await harness.store.card(release.id)).toEqual({ channel, ts: cardsOf(harness.slack).at(-1)!.ts })
  })
})

describe('a post that Slack does not let twokey search for', () => {
  /** A card that was marked this many minutes ago, and a process that looks for it now. */
  async function lookedForAt(minutes: number, error: string) {
    const harness = await openOutbox()
    const { release } = new DrivenRelease()
    await harness.save(release)
    await harness.store.outbox.cardSending(release.id, Date.now() - minutes * 60_000)
    posted(harness, card(release))
    harness.slack.faults.queue('conversations.history', {
      kind: 'answer',
      status: 200,
      body: { ok: false, error },
    })
    const outbox = harness.start()
    await until(() => harness.slack.log.of('conversations.history').length === 1)
    await outbox.idle()
    return { harness, release }
  }

  it('does not send a post again for ten minutes while the search fails for good', async () => {
    const { harness } = await lookedForAt(9, 'missing_scope')
    expect(harness.slack.log.of('chat.postMessage').filter(({ body }) => isIn(channel, body))).toEqual([])
    expect(cardsOf(harness.slack)).toHaveLength(1)
  })

  it('sends a card again after ten minutes, and knows only the new one', async () => {
    const { harness, release } = await lookedForAt(11, 'missing_scope')
    const [older, newer] = cardsOf(harness.slack)
    expect(newer).toBeDefined()
    expect(await harness.store.card(release.id)).toEqual({ channel, ts: newer?.ts })
    expect(newer?.ts).not.toBe(older?.ts)
  })

  it('does not send a card again while Slack itself has errors, however long', async () => {
    const { harness } = await lookedForAt(60, 'internal_error')
    expect(harness.slack.log.of('chat.postMessage')).toEqual([])
  })
})

function isIn(wanted: string, body: unknown): boolean {
  return (body as { readonly channel?: unknown }).channel === wanted
}

it('stops reading when a channel has more messages than twokey reads in a minute, and posts the card again after ten minutes', async () => {
  const harness = await openOutbox()
  const { release } = new DrivenRelease()
  await harness.save(release)
  await harness.store.outbox.cardSending(release.id, Date.now() - 11 * 60_000)
  const endless = {
    kind: 'answer',
    status: 200,
    body: { ok: true, messages: [], response_metadata: { next_cursor: 'bmV4dDox' } },
  } as const
  harness.slack.faults.queue('conversations.history', endless, { times: 1_000 })
  harness.start()
  await harness.slack.until(() => cardsOf(harness.slack).length === 1)
  expect(harness.slack.log.of('conversations.history')).toHaveLength(60)
})
