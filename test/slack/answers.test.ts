import { describe, expect, it, onTestFinished } from 'vitest'
import type { Origin } from '../../src/messages/intent.ts'
import type { Reply } from '../../src/messages/reply.ts'
import { commandItem } from '../../src/slack/payloads.ts'
import { connectSlack } from '../../src/slack/receivers.ts'
import { channel, log, noForms, type OutboxHarness, openOutbox, until } from './harness.ts'

const reply: Reply = { reply: 'done', sentence: 'Written down.' }

/** The place of Ana's command, where an answer to her may go. */
async function asked(harness: OutboxHarness): Promise<Origin> {
  const { slack } = harness
  let from: Origin | undefined
  const bot = await connectSlack({
    botToken: slack.env.SLACK_BOT_TOKEN,
    appToken: slack.env.SLACK_APP_TOKEN,
    apiUrl: slack.env.SLACK_API_URL,
    log,
    onFatal: () => undefined,
  })
  onTestFinished(() => bot.stop())
  await bot.start({
    vocabulary: { services: [], environments: [] },
    source: noForms,
    receive: async (item) => {
      from = item.from
      return 'new'
    },
    signals: { changed: () => undefined },
  })
  await slack.as('U0ANA').types(channel, '/deploy status')
  if (!from) throw new Error('nothing came in')
  return from
}

async function answered(harness: OutboxHarness, to: Origin): Promise<void> {
  await harness.store.transact((tx) => tx.reply(to, reply, Date.now()))
  harness.start()
}

const seen = (harness: OutboxHarness) =>
  harness.slack.workspace.ephemerals('U0ANA').filter(({ text }) => text === 'Written down.')

describe('an answer to one person', () => {
  it('answers the person alone, in the channel of the command', async () => {
    const harness = await openOutbox()
    await answered(harness, await asked(harness))
    await harness.slack.until(() => seen(harness).length === 1)
    expect(harness.slack.log.of('chat.postEphemeral')).toEqual([])
    expect(harness.slack.workspace.messages(channel)).toEqual([])
  })

  it('answers by an ephemeral message if the response_url has expired', async () => {
    const harness = await openOutbox()
    const to = await asked(harness)
    harness.slack.workspace.responseUrls.clear()
    await answered(harness, to)
    await harness.slack.until(() => seen(harness).length === 1)
    expect(harness.slack.log.of('chat.postEphemeral')).toHaveLength(1)
  })

  it('answers by direct message if the bot is not in the channel', async () => {
    const harness = await openOutbox()
    const { members } = harness.slack.workspace.channels.get(channel)!
    members.delete(harness.slack.workspace.app.userId)
    await answered(harness, { user: 'U0ANA', team: 'T0TEAM', channel, responseUrl: null })
    const dm = harness.slack.workspace.dm('U0ANA').id
    await harness.slack.until(() => harness.slack.workspace.messages(dm).length === 1)
  })

  it('drops an answer with its reason if no way leads to the person', async () => {
    const harness = await openOutbox()
    await answered(harness, { user: 'U0NOBODY', team: 'T0TEAM', channel, responseUrl: null })
    await until(() => harness.slack.log.of('chat.postMessage')[0]?.status === 200)
    await harness.idle()
    expect(await harness.store.outbox.nextDue()).toBeNull()
  })
})

describe('an answer that another version of twokey stored in another shape', () => {
  it('drops an unreadable answer, and delays no other', async () => {
    const harness = await openOutbox()
    const from: Origin = { user: 'U0ANA', team: 'T0TEAM', channel, responseUrl: null }
    const strange = { reply: 'status', lines: ['blog-api prod'] } as unknown as Reply
    await harness.store.transact((tx) => tx.reply(from, strange, Date.now()))
    await answered(harness, from)
    await harness.slack.until((workspace) => workspace.ephemerals('U0ANA').length === 1)
    await harness.idle()
    expect(await harness.store.outbox.nextDue()).toBeNull()
  })
})

describe('a command without a trigger', () => {
  it('identifies a command without a trigger by its envelope, so that a redelivery is the same', () => {
    const vocabulary = { services: [], environments: [] }
    const item = () =>
      commandItem('/deploy', { payload: { text: 'status' }, envelopeId: 'e-1', now: 1 }, vocabulary)
    expect(item().id).toBe(item().id)
  })
})
