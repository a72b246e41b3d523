import { describe, expect, it, onTestFinished } from 'vitest'
import type { Origin } from '../../src/messages/intent.ts'
import type { Reply } from '../../src/messages/reply.ts'
import { commandItem } from '../../src/slack/payloads.ts'
import { connectSlack } from '../../src/slack/receivers.ts'
import { channel, log, noForms, type SendingRoom, sendingRoom, until } from './room.ts'

const reply: Reply = { reply: 'done', sentence: 'Written down.' }

/** The place of Ana's command, where an answer to her may go. */
async function asked(room: SendingRoom): Promise<Origin> {
  const { slack } = room
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

async function answered(room: SendingRoom, to: Origin): Promise<void> {
  await room.store.transact((tx) => tx.reply(to, reply, Date.now()))
  room.start()
}

const seen = (room: SendingRoom) =>
  room.slack.workspace.ephemerals('U0ANA').filter(({ text }) => text === 'Written down.')

describe('an answer to one person', () => {
  it('answers the person alone, in the channel of the command', async () => {
    const room = await sendingRoom()
    await answered(room, await asked(room))
    await room.slack.until(() => seen(room).length === 1)
    expect(room.slack.log.of('chat.postEphemeral')).toEqual([])
    expect(room.slack.workspace.messages(channel)).toEqual([])
  })

  it('answers by an ephemeral message if the response_url has expired', async () => {
    const room = await sendingRoom()
    const to = await asked(room)
    room.slack.workspace.responseUrls.clear()
    await answered(room, to)
    await room.slack.until(() => seen(room).length === 1)
    expect(room.slack.log.of('chat.postEphemeral')).toHaveLength(1)
  })

  it('answers by direct message if the bot is not in the channel', async () => {
    const room = await sendingRoom()
    const { members } = room.slack.workspace.channels.get(channel)!
    members.delete(room.slack.workspace.app.userId)
    await answered(room, { user: 'U0ANA', team: 'T0TEAM', channel, responseUrl: null })
    const dm = room.slack.workspace.dm('U0ANA').id
    await room.slack.until(() => room.slack.workspace.messages(dm).length === 1)
  })

  it('drops an answer with its reason if no way leads to the person', async () => {
    const room = await sendingRoom()
    await answered(room, { user: 'U0NOBODY', team: 'T0TEAM', channel, responseUrl: null })
    await until(() => room.slack.log.of('chat.postMessage')[0]?.status === 200)
    await room.idle()
    expect(await room.store.outbox.nextDue()).toBeNull()
  })
})

describe('an answer that another version of twokey stored in another shape', () => {
  it('drops an unreadable answer, and delays no other', async () => {
    const room = await sendingRoom()
    const from: Origin = { user: 'U0ANA', team: 'T0TEAM', channel, responseUrl: null }
    const strange = { reply: 'status', lines: ['blog-api prod'] } as unknown as Reply
    await room.store.transact((tx) => tx.reply(from, strange, Date.now()))
    await answered(room, from)
    await room.slack.until((workspace) => workspace.ephemerals('U0ANA').length === 1)
    await room.idle()
    expect(await room.store.outbox.nextDue()).toBeNull()
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
