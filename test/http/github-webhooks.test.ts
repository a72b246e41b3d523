import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serveHttp } from '../../src/http/server.ts'
import { isSigned } from '../../src/http/signature.ts'
import type { GitHubSignal } from '../../src/ports/github-signal.ts'

const secret = "It's a Secret to Everybody"
const repository = { full_name: 'myorg/blog-api' }

function sign(body: string, by = secret): string {
  return `sha256=${createHmac('sha256', by).update(body).digest('hex')}`
}

async function opened(gitHubWebhookSecret: string | undefined = secret) {
  const signals: GitHubSignal[] = []
  const http = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    gitHubWebhookSecret,
    slackSigningSecret: undefined,
    store: { ping: async () => {}, countInFlight: async () => 0 },
    setAsides: { counts: {} },
    awsEvents: {},
    log: pino({ level: 'silent' }),
  })
  onTestFinished(() => http.close())
  const address = `${http.url}/github/webhooks`
  const posts = async (
    payload: unknown,
    { event = 'workflow_run', ...headers }: { event?: string } & Record<string, string | undefined> = {},
  ) => {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const all = {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-hub-signature-256': sign(body),
      ...headers,
    }
    const sent = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
    const answer = await fetch(address, { method: 'POST', headers: Object.fromEntries(sent), body })
    return answer.status
  }
  return { http, signals, posts, heard: () => http.onGitHubSignal((signal) => signals.push(signal)) }
}

test("verifies the signature that GitHub's documentation gives as an example", () => {
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
  const signed = {
    secret,
    prefix: 'sha256=',
    signature,
    parts: ['Hello, ', new TextEncoder().encode('World!')],
  }
  expect(isSigned(signed)).toBe(true)
  expect(isSigned({ ...signed, parts: ['Hello, World?'] })).toBe(false)
  expect(isSigned({ ...signed, signature: signature.toUpperCase() })).toBe(false)
  expect(isSigned({ ...signed, signature: signature.slice(0, -1) })).toBe(false)
  expect(isSigned({ ...signed, signature: undefined })).toBe(false)
})

test('there is no webhook without a secret', async () => {
  const http = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    gitHubWebhookSecret: undefined,
    slackSigningSecret: undefined,
    store: { ping: async () => {}, countInFlight: async () => 0 },
    setAsides: { counts: {} },
    awsEvents: {},
    log: pino({ level: 'silent' }),
  })
  onTestFinished(() => http.close())
  expect((await fetch(`${http.url}/github/webhooks`, { method: 'POST', body: '{}' })).status).toBe(404)
})

describe.each<[string, object, Omit<GitHubSignal, 'repository'>]>([
  ['workflow_run', { workflow_run: { id: 7 } }, { runId: 7, isUrgent: false }],
  ['workflow_job', { action: 'waiting', workflow_job: { run_id: 7 } }, { runId: 7, isUrgent: true }],
  [
    'deployment_status',
    { deployment_status: { state: 'waiting' }, workflow_run: { id: 7 } },
    { runId: 7, isUrgent: true },
  ],
  ['deployment_review', { workflow_run: { id: 7 } }, { runId: 7, isUrgent: true }],
  [
    'deployment_protection_rule',
    {
      deployment_callback_url: 'https://evil.example/repos/a/b/actions/runs/7/deployment_protection_rule',
    },
    { runId: 7, isUrgent: true },
  ],
  ['deployment_protection_rule', { deployment: null }, { runId: null, isUrgent: true }],
])('a webhook about %s %j', (event, payload, signal) => {
  test('a webhook is accepted and says where to look', async () => {
    const { posts, signals, heard } = await opened()
    heard()
    expect(await posts({ ...payload, repository }, { event })).toBe(202)
    expect(signals).toEqual([{ repository: 'myorg/blog-api', ...signal }])
  })
})

test.each<[string, string, unknown]>([
  ['without a repository', 'workflow_run', { workflow_run: { id: 7 } }],
  ['whose repository is no name', 'workflow_run', { repository: { full_name: '../../etc' } }],
  ['that is no JSON', 'workflow_run', 'no JSON'],
  ['that is null', 'workflow_run', 'null'],
  ['of another event', 'push', { repository, workflow_run: { id: 7 } }],
  ['that greets a new webhook', 'ping', { zen: 'Speak like a human.', repository }],
])('a webhook %s is accepted and wakes nothing', async (_what, event, payload) => {
  const { posts, signals, heard } = await opened()
  heard()
  expect(await posts(payload, { event })).toBe(202)
  expect(signals).toEqual([])
})

test.each<[string, number, Record<string, string | undefined>]>([
  ['unsigned', 401, { 'x-hub-signature-256': undefined }],
  ['signed with another secret', 401, { 'x-hub-signature-256': sign('{"repository":{}}', 'guess') }],
  ['signed by SHA-1 alone', 401, { 'x-hub-signature-256': undefined, 'x-hub-signature': 'sha1=00' }],
  ['whose signature is too short', 401, { 'x-hub-signature-256': 'sha256=' }],
  ['sent as a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
])('a webhook %s is refused', async (_what, status, headers) => {
  const { posts, signals, heard } = await opened()
  heard()
  expect(await posts({ repository, workflow_run: { id: 7 } }, headers)).toBe(status)
  expect(signals).toEqual([])
})

test('a webhook that comes twice counts once', async () => {
  const { posts, signals, heard } = await opened()
  heard()
  for (const delivery of ['a', 'a', 'b'])
    expect(await posts({ repository, workflow_run: { id: 7 } }, { 'x-github-delivery': delivery })).toBe(202)
  expect(signals).toHaveLength(2)
})

test('an unsigned copy does not make the real delivery look repeated', async () => {
  const { posts, signals, heard } = await opened()
  heard()
  const payload = { repository, workflow_run: { id: 7 } }
  const headers = { 'x-github-delivery': 'a' }
  expect(await posts(payload, { ...headers, 'x-hub-signature-256': undefined })).toBe(401)
  expect(await posts(payload, headers)).toBe(202)
  expect(signals).toHaveLength(1)
})

test('what came before twokey was ready is handed over then', async () => {
  const { posts, signals, heard } = await opened()
  expect(await posts({ repository, workflow_run: { id: 7 } })).toBe(202)
  expect(signals).toEqual([])
  heard()
  expect(signals).toMatchObject([{ runId: 7 }])
})

test('a body of more than a mebibyte is refused, whatever its length is said to be', async () => {
  const { http, posts } = await opened()
  const large = JSON.stringify({ repository, text: 'x'.repeat(1024 * 1024) })
  expect(await posts(large)).toBe(413)
  const { hostname, port } = new URL(http.url)
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes
      if (text.includes('\r\n')) socket.destroy()
    })
    // The server may close the connection while the rest is still being sent.
    socket.on('error', () => {})
    socket.on('close', () => (text ? resolve(text) : reject(new Error('no answer'))))
    socket.write(
      'POST /github/webhooks HTTP/1.1\r\nHost: twokey\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    for (let n = 0; n < 40; n += 1) socket.write(`8000\r\n${'x'.repeat(0x8000)}\r\n`)
    socket.write('0\r\n\r\n')
  })
  expect(answer).toMatch(/^HTTP\/1\.1 413/)
})
