import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { channel } from '../sandbox/slack-app.ts'
import { openPageHarness, type PageHarness } from './page-harness.ts'

let pageHarness: PageHarness
beforeAll(async () => {
  pageHarness = await openPageHarness()
})
afterAll(() => pageHarness.close())

const get = (path: string) => fetch(pageHarness.url + path)
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(pageHarness.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

/** The status of a request with a Host of its own, which `fetch` does not send. */
function statusFor(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(pageHarness.url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.once('error', reject).end()
  })
}

/** The changes that somebody is sent, until this is in them. */
async function changesFor(user: string, until: string): Promise<string> {
  const response = await get(`/events?as=${user}`)
  let text = ''
  for await (const chunk of response.body!) {
    text += new TextDecoder().decode(chunk)
    if (text.includes(until)) break
  }
  return text
}

describe('what is served', () => {
  it.each([
    ['/', 'text/html'],
    ['/web/main.ts', 'text/javascript'],
    ['/web/frame.css', 'text/css'],
    ['/web/icon.svg', 'image/svg+xml'],
    ['/packages/preact/dist/preact.mjs', 'text/javascript'],
  ])('%s', async (path, type) => {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain(type)
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self' 'sha256-/,
    )
  })

  it.each([
    '/web/tsconfig.json',
    '/web/..%2Fserver.ts',
    '/web/../server.ts',
    '/packages/hono/dist/index.js',
    '/packages/preact/package.json',
    '/packages/preact/..%2f..%2fhono/dist/index.js',
    '/elsewhere',
  ])('not %s', async (path) => {
    expect((await get(path)).status).toBe(404)
  })

  it('modules have lost their types', async () => {
    expect(await (await get('/web/reader.ts')).text()).not.toMatch(/\b(type|readonly)\b.*=/)
  })
})

describe('strangers', () => {
  it.each([
    ['localhost:4400', 200],
    ['127.0.0.1', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example:80', 403],
  ])('host %s: %i', async (host, status) => {
    expect(await statusFor(host)).toBe(status)
  })

  it.each([
    ['of another site', { origin: 'https://evil.example' }],
    ['of a plain form', { 'content-type': 'text/plain' }],
  ])('a post %s is refused', async (_, headers) => {
    const before = pageHarness.sandbox.slack.workspace.messages(channel).length
    expect((await post('/people/U0ANA', { do: 'type', line: 'hi' }, headers)).status).toBe(403)
    expect(pageHarness.sandbox.slack.workspace.messages(channel).length).toBe(before)
  })

  it.each(['U0DORA', 'U0TWOKEY', 'U0NOBODY'])('%s is nobody one can be', async (user) => {
    expect((await get(`/events?as=${user}`)).status).toBe(404)
    expect((await post(`/people/${user}`, { do: 'type', line: 'hi' })).status).toBe(404)
  })
})

describe('what is sent', () => {
  it('everything at first, then what changed', async () => {
    const seen = changesFor('U0ANA', 'a new post')
    await pageHarness.client.chat.postMessage({ channel, text: 'a new post' })
    const [first = '', ...others] = (await seen).split('\n\n').filter(Boolean)
    expect(first).toContain('"isFirst":true')
    expect(first).toContain('"frame"')
    expect(others.join()).not.toContain('"frame"')
  })

  it('no word that is for another person alone', async () => {
    await pageHarness.client.chat.postEphemeral({ channel, user: 'U0BEN', text: 'for Ben alone' })
    await pageHarness.client.chat.postMessage({ channel, text: 'for all to see' })
    expect(await changesFor('U0BEN', 'for all to see')).toContain('for Ben alone')
    expect(await changesFor('U0ANA', 'for all to see')).not.toContain('for Ben alone')
  })

  it('no metadata and no token of the app', async () => {
    await pageHarness.client.chat.postMessage({
      channel,
      text: 'with metadata',
      metadata: { event_type: 'secret_type', event_payload: { id: 'r-1' } },
    })
    expect(await changesFor('U0ANA', 'with metadata')).not.toMatch(/secret_type|xoxb|xapp/)
  })
})

describe('what a person does', () => {
  it.each([
    ['a command that does not exist', { do: 'type', line: '/nonsense' }, 409],
    ['a button that does not exist', { do: 'click', ts: '1.1', actionId: 'x' }, 409],
    ['an action that does not exist', { do: 'steal' }, 400],
    ['a failure that does not exist', { do: 'trouble', name: 'fire', next: 'fails' }, 400],
  ])('%s is told', async (_, action, status) => {
    const response = await post('/people/U0ANA', action)
    expect(response.status).toBe(status)
    expect(await response.json()).toHaveProperty('problem')
  })

  it('text that is typed is kept as Slack keeps it', async () => {
    await post('/people/U0ANA', { do: 'type', line: '<!channel> & <b>' })
    const { messages } = await pageHarness.client.conversations.history({ channel, limit: 1 })
    expect(messages?.[0]?.text).toBe('&lt;!channel&gt; &amp; &lt;b&gt;')
  })
})
