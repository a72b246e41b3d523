import { WebClient } from '@slack/web-api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SlackSandbox, startSlack } from '../../sandbox/slack/slack.ts'
import { channel, clientOf, codeOf, quiet } from './slack-app.ts'

let now = 1_790_000_000_000
let slack: SlackSandbox
beforeEach(async () => {
  slack = await startSlack({ now: () => now })
})
afterEach(() => slack.close())

/** How many of these calls succeed before Slack answers 429. */
async function passing(call: () => Promise<unknown>): Promise<number> {
  for (let n = 0; ; n += 1) {
    const code = await codeOf(call())
    if (code !== 'ok') return n
  }
}

describe('rates', () => {
  test('a rate tier is counted per method for the whole workspace, across clients', async () => {
    const { ts = '' } = await clientOf(slack).chat.postMessage({ channel, text: 'card' })
    const update = () => clientOf(slack).chat.update({ channel, ts, text: 'edited' })
    expect(await passing(update)).toBe(60)
    expect(await codeOf(clientOf(slack).conversations.history({ channel }))).toBe('ok')
    now += 60_000
    expect(await codeOf(update())).toBe('ok')
  })

  test.each<[string, number, (client: WebClient) => Promise<unknown>]>([
    [
      'usergroups.users.list, tier 2',
      24,
      (client) => client.usergroups.users.list({ usergroup: 'S0ONCALL' }),
    ],
    ['users.info, tier 4', 120, (client) => client.users.info({ user: 'U0ANA' })],
  ])('the rate of %s is limited', async (_, limit, call) => {
    const client = clientOf(slack)
    expect(await passing(() => call(client))).toBe(limit)
  })

  test('posts are limited per channel to about one a second', async () => {
    const post = (to: string) => clientOf(slack).chat.postMessage({ channel: to, text: 'hello' })
    expect(await passing(() => post(channel))).toBe(5)
    expect(await codeOf(post('U0ANA'))).toBe('ok')
    now += 5_000
    expect(await codeOf(post(channel))).toBe('ok')
  })

  test('a rate-limited call answers HTTP 429 with Retry-After', async () => {
    const call = () =>
      fetch(`${slack.env.SLACK_API_URL}usergroups.list`, {
        method: 'POST',
        headers: { authorization: `Bearer ${slack.env.SLACK_BOT_TOKEN}` },
      })
    for (let n = 0; n < 24; n += 1) await call()
    now += 20_000
    const refused = await call()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '40'])
    expect(await refused.json()).toEqual({ ok: false, error: 'ratelimited' })
  })
})

describe('faults of the Web API', () => {
  const patient = () =>
    new WebClient(slack.env.SLACK_BOT_TOKEN, {
      slackApiUrl: slack.env.SLACK_API_URL,
      retryConfig: { retries: 1, minTimeout: 1, maxTimeout: 1 },
      logger: quiet,
    })

  test('the real WebClient waits after a 429 and retries', async () => {
    slack.faults.queue('chat.postMessage', { kind: 'answer', status: 429, headers: { 'retry-after': '0' } })
    await patient().chat.postMessage({ channel, text: 'hello' })
    expect(slack.log.of('chat.postMessage').map(({ status }) => status)).toEqual([429, 200])
    expect(slack.workspace.messages(channel)).toHaveLength(1)
  })

  test('an answer lost after success makes the WebClient post twice', async () => {
    slack.faults.queue('chat.postMessage', { kind: 'lost' })
    await patient().chat.postMessage({ channel, text: 'hello' })
    expect(slack.workspace.messages(channel).map(({ text }) => text)).toEqual(['hello', 'hello'])
  })

  test('a connection cut before the post makes the WebClient post once', async () => {
    slack.faults.queue('chat.postMessage', { kind: 'reset' })
    await patient().chat.postMessage({ channel, text: 'hello' })
    expect(slack.workspace.messages(channel)).toHaveLength(1)
  })
})
