import { createHmac } from 'node:crypto'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serveHttp } from '../../src/http/server.ts'
import type { HandleSlackRequest, SlackRequest } from '../../src/ports/slack-request.ts'

const secret = '8f742231b10e8888abcd99e0a0b0c0d0'
const form = 'application/x-www-form-urlencoded'
const command = 'command=%2Fdeploy&text=prod+blog-api&trigger_id=1.2&user_id=U0ANA'

const seconds = (off = 0) => String(Math.floor(Date.now() / 1_000) + off)

function sign(body: string, timestamp: string, by = secret): string {
  return `v0=${createHmac('sha256', by).update(`v0:${timestamp}:${body}`).digest('hex')}`
}

type Post = Readonly<{
  body?: string
  timestamp?: string
  /** Seconds that the timestamp is ahead. */
  off?: number
  type?: string
  signature?: string | null
  retry?: number
}>

async function opened(handle: HandleSlackRequest | null = async () => ({ status: 200 })) {
  const requests: SlackRequest[] = []
  const http = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    gitHubWebhookSecret: undefined,
    slackSigningSecret: secret,
    store: { ping: async () => {}, countInFlight: async () => 0 },
    setAsides: { counts: {} },
    awsEvents: {},
    log: pino({ level: 'silent' }),
  })
  onTestFinished(() => http.close())
  http.onSlackRequest(
    handle &&
      ((request) => {
        requests.push(request)
        return handle(request)
      }),
  )
  const posts = ({
    body = command,
    off = 0,
    timestamp = seconds(off),
    type = form,
    signature = sign(body, timestamp),
    retry,
  }: Post = {}) =>
    fetch(`${http.url}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': timestamp,
        ...(signature !== null && { 'x-slack-signature': signature }),
        ...(retry !== undefined && {
          'x-slack-retry-num': String(retry),
          'x-slack-retry-reason': 'http_timeout',
        }),
      },
      body,
    })
  return { http, requests, posts }
}

test("a command is handed over as its fields, a click as its JSON, and the answer is Slack's", async () => {
  const { requests, posts } = await opened(async () => ({ status: 200, body: { text: 'on it' } }))
  const answer = await posts()
  expect([answer.status, await answer.json()]).toEqual([200, { text: 'on it' }])
  const click = { type: 'block_actions', trigger_id: '3.4' }
  await posts({ body: new URLSearchParams({ payload: JSON.stringify(click) }).toString() })
  expect(requests.map(({ payload }) => payload)).toEqual([
    { command: '/deploy', text: 'prod blog-api', trigger_id: '1.2', user_id: 'U0ANA' },
    click,
  ])
})

test('an acknowledgement without a body has none, and a text is sent as it is', async () => {
  const bodies = [undefined, '', 'on it']
  const { posts } = await opened(async () => ({ status: 200, body: bodies.shift() }))
  for (const [n, expected] of ['', '', 'on it'].entries()) {
    const answer = await posts({ body: `${command}&n=${n}` })
    expect([answer.status, await answer.text()]).toEqual([200, expected])
  }
})

describe('a request that Slack did not send now', () => {
  test.each<[string, Post]>([
    ['is unsigned', { signature: null }],
    ['has an empty signature', { signature: 'v0=' }],
    ['is signed with another secret', { signature: sign(command, seconds(), 'guess') }],
    ['is signed for another body', { signature: sign(`${command}+v9`, seconds()) }],
    ['is signed for another time', { timestamp: seconds(-1), signature: sign(command, seconds(-2)) }],
    ['is more than five minutes old', { off: -302 }],
    ['is more than five minutes ahead', { off: 330 }],
    ['has no time', { timestamp: '', signature: sign(command, '') }],
    ['has a time that is no number', { timestamp: 'now', signature: sign(command, 'now') }],
  ])('a request that %s is refused', async (_what, post) => {
    const { requests, posts } = await opened()
    expect((await posts(post)).status).toBe(401)
    expect(requests).toEqual([])
  })

  test.each([-270, 298])('a request whose time is off by %d seconds is handled', async (off) => {
    const { posts } = await opened()
    expect((await posts({ off })).status).toBe(200)
  })
})

test.each<[string, number, Post]>([
  ['of more than a mebibyte', 413, { body: `${command}&x=${'x'.repeat(1024 * 1024)}` }],
  ['with another content type', 415, { type: 'text/plain' }],
  ['without readable JSON', 400, { body: 'payload=%7B' }],
  ['with a list as JSON', 400, { body: '[]', type: 'application/json' }],
])('a request %s is refused with %d', async (_what, status, post) => {
  const { requests, posts } = await opened()
  expect((await posts(post)).status).toBe(status)
  expect(requests).toEqual([])
})

describe('a copy of a request', () => {
  const copied = { timestamp: seconds() }

  test('a copy of a request that was handled is refused', async () => {
    const { requests, posts } = await opened()
    expect((await posts(copied)).status).toBe(200)
    expect((await posts(copied)).status).toBe(401)
    expect(requests).toHaveLength(1)
  })

  test('copies that come at the same moment are handled once', async () => {
    const { requests, posts } = await opened()
    const statuses = (await Promise.all(Array.from({ length: 8 }, () => posts(copied)))).map(
      ({ status }) => status,
    )
    expect(statuses.sort()).toEqual([200, 401, 401, 401, 401, 401, 401, 401])
    expect(requests).toHaveLength(1)
  })

  test("Slack's own retry of a request that was handled is acknowledged and not handled again", async () => {
    const { requests, posts } = await opened()
    await posts(copied)
    expect((await posts({ ...copied, retry: 1 })).status).toBe(200)
    expect(requests).toHaveLength(1)
  })

  test('a copy of a request that failed is handled, as it may be all that is left of it', async () => {
    const statuses = [503, 500, 200] as const
    const left = [...statuses]
    const { requests, posts } = await opened(async () => ({ status: left.shift() ?? 200 }))
    expect((await posts(copied)).status).toBe(503)
    expect((await posts({ ...copied, retry: 1 })).status).toBe(500)
    expect((await posts(copied)).status).toBe(200)
    expect((await posts(copied)).status).toBe(401)
    expect(requests.map(({ retry }) => retry?.number)).toEqual([undefined, 1, undefined])
  })

  test('a menu may be opened twice within a second', async () => {
    const { requests, posts } = await opened()
    const body = new URLSearchParams({ payload: JSON.stringify({ type: 'block_suggestion' }) }).toString()
    for (let n = 0; n < 2; n += 1) expect((await posts({ ...copied, body })).status).toBe(200)
    expect(requests).toHaveLength(2)
  })
})

test('the challenge of a request URL is answered only if Slack signed it', async () => {
  const { requests, posts } = await opened(null)
  const body = JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1aB' })
  const answer = await posts({ body, type: 'application/json' })
  expect([answer.status, await answer.text()]).toEqual([200, '3eZbrw1aB'])
  expect((await posts({ body, type: 'application/json', signature: null })).status).toBe(401)
  expect(requests).toEqual([])
})

test("Slack's check of the certificate is answered, which is not signed, and does nothing", async () => {
  const { requests, posts } = await opened()
  const answer = await posts({ body: `${command}&ssl_check=1`, signature: null })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
  expect(requests).toEqual([])
})

test('a request is refused for now while nobody handles it', async () => {
  const { posts } = await opened(null)
  expect((await posts()).status).toBe(503)
})

test('work goes on once the answer has left', async () => {
  let left = false
  const { posts } = await opened(async () => ({
    status: 200,
    sent: () => {
      left = true
    },
  }))
  await (await posts()).text()
  await expect.poll(() => left).toBe(true)
})
