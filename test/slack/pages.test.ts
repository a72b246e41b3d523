import { describe, expect, it, onTestFinished } from 'vitest'
import type { InboxItem, Origin, StatusAsked } from '../../src/messages/intent.ts'
import type { Reply, StatusRow } from '../../src/messages/reply.ts'
import { clickItem } from '../../src/slack/payloads.ts'
import { connectSlack } from '../../src/slack/receivers.ts'
import { channel, log, noForms, type OutboxHarness, openOutbox, until } from './harness.ts'

const page = (number: number): StatusAsked => ({
  ask: 'status',
  service: null,
  environment: 'prod',
  page: number,
})

/** The page of this number, of 300 rows. */
function list(number: number, rows: readonly StatusRow[] = []): Reply {
  return {
    reply: 'status',
    asked: page(number),
    rows,
    span: { first: number + 1, of: 300 },
    pages: { previous: number > 0 ? page(number - 1) : null, next: page(number + 1) },
    cards: {},
  }
}

const refusal: Reply = {
  reply: 'refusal',
  refusal: { code: 'cannot_see', sentence: 'The store does not answer.', next: 'Try again.' },
}

const shown = ({ slack }: OutboxHarness) => slack.workspace.ephemerals('U0ANA').map(({ text }) => text)

/** Ana saw a list with a row that says `page` and turned the page: the stored request. */
async function turned(harness: OutboxHarness): Promise<InboxItem> {
  const { slack, store } = harness
  const items: InboxItem[] = []
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
      items.push(item)
      return 'new'
    },
    signals: { changed: () => undefined },
  })
  const from: Origin = { user: 'U0ANA', team: 'T0TEAM', channel, responseUrl: null }
  const row: StatusRow = {
    service: 'shop',
    environment: 'prod',
    targets: [],
    inFlight: [],
    unacknowledged: [],
    locks: [],
    freeze: null,
    policy: { held: 'none' },
  }
  await store.transact((tx) => tx.reply(from, list(0, [row]), Date.now()))
  harness.start()
  await until(() => shown(harness).length === 1)
  await slack.as('U0ANA').clicksEphemeral({ actionId: 'twokey:next-page' })
  await until(() => items.length === 1)
  return items[0]!
}

describe('a page that is turned', () => {
  it('stores the next page of a list as a request, and answers in place of the page', async () => {
    const harness = await openOutbox()
    const { asked, from } = await turned(harness)
    expect(asked).toEqual(page(1))
    const [before] = shown(harness)
    await harness.store.transact((tx) => tx.reply(from, list(1), Date.now()))
    harness.start()
    await until(() => shown(harness)[0] !== before)
    expect(shown(harness)).toHaveLength(1)
  })

  it('keeps the list if the answer is an error, which appears below', async () => {
    const harness = await openOutbox()
    const { from } = await turned(harness)
    const [before] = shown(harness)
    await harness.store.transact((tx) => tx.reply(from, refusal, Date.now()))
    harness.start()
    await until(() => shown(harness).length === 2)
    expect(shown(harness)).toEqual([before, expect.stringContaining('cannot_see')])
  })

  it('answers below the list if its response_url has expired', async () => {
    const harness = await openOutbox()
    const { from } = await turned(harness)
    harness.slack.workspace.responseUrls.clear()
    await harness.store.transact((tx) => tx.reply(from, list(1), Date.now()))
    harness.start()
    await until(() => shown(harness).length === 2)
  })

  it.each([
    ['nothing', ''],
    ['no JSON', 'r-1:0'],
    ['another request', '{"ask":"deploy","service":"shop","environment":"prod","ref":null}'],
    ['an action', '{"ask":"action","action":"approve","releaseId":"r-1"}'],
    ['a page before the first', '{"ask":"status","service":null,"environment":null,"page":-1}'],
    ['an additional field', '{"ask":"status","service":null,"environment":null,"page":0,"reply":"x"}'],
    [
      'half a cursor',
      '{"ask":"history","service":null,"environment":null,"requester":"U1","from":{"go":"older"}}',
    ],
    ['a long name', JSON.stringify({ ...page(0), service: 'x'.repeat(201) })],
  ])('ignores a page button with %s in its value', (_, value) => {
    const payload = { user: { id: 'U0ANA' }, actions: [{ action_id: 'twokey:next-page', value }] }
    expect(clickItem({ payload, envelopeId: 'e-1', now: 1 })).toBeNull()
  })
})
