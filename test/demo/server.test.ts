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

/** The status of a request with another Host header, which `fetch` cannot send. */
function statusFor(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(pageHarness.url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.once('error', reject).end()
  })
}

/** The changes that a person receives, until they contain this text. */
async function changesFor(user: string, until: string): Promise<string> {
  const response = await get(`/events?as=${user}`)
  let text = ''
  for await (const chunk of response.body!) {
    text += new TextDecoder().decode(chunk)
    if (text.includes(until)) break
  }
  return text
}

describe('served files', () => {
  it.each([
    ['/', 'text/html'],
    ['/web/main.ts', 'text/javascript'],
    ['/web/frame.css', 'text/css'],
    ['/web/icon.svg', 'image/svg+xml'],
    ['/packages/preact/dist/preact.mjs', 'text/javascript'],
  ])('%s is served', async (path, type) => {
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
  ])('%s is not served', async (path) => {
    expect((await get(path)).status).toBe(404)
  })

  it('modules are served without types', async () => {
    expect(await (await get('/web/reader.ts')).text()).not.toMatch(/\b(type|readonly)\b.*=/)
  })
})

describe('requests from elsewhere', () => {
  it.each([
    ['localhost:4400', 200],
    ['127.0.0.1', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example:80', 403],
  ])('a request with the host %s answers %i', async (host, status) => {
    expect(await statusFor(host)).toBe(status)
  })

  it.each([
    ['of another site', { origin: 'https://evil.example' }],
    ['of an HTML form', { 'content-type': 'text/plain' }],
  ])('a POST %s is refused', async (_, headers) => {
    const before = pageHarness.sandbox.slack.workspace.messages(channel).length
    expect((await post('/people/U0ANA', { do: 'type', line: 'hi' }, headers)).status).toBe(403)
    expect(pageHarness.sandbox.slack.workspace.messages(channel).length).toBe(before)
  })

  it.each(['U0DORA', 'U0TWOKEY', 'U0NOBODY'])('a visitor cannot act as %s', async (user) => {
    expect((await get(`/events?as=${user}`)).status).toBe(404)
    expect((await post(`/people/${user}`, { do: 'type', line: 'hi' })).status).toBe(404)
  })
})

describe('events of the page', () => {
  it('the first event has all parts, later ones only the changed parts', async () => {
    const seen = changesFor('U0ANA', 'a new post')
    await pageHarness.client.chat.postMessage({ channel, text: 'a new post' })
    const [first = '', ...others] = (await seen).split('\n\n').filter(Boolean)
    expect(first).toContain('"isFirst":true')
    expect(first).toContain('"frame"')
    expect(others.join()).not.toContain('"frame"')
  })

  it('events never contain ephemeral messages of other people', async () => {
    await pageHarness.client.chat.postEphemeral({ channel, user: 'U0BEN', text: 'for Ben alone' })
    await pageHarness.client.chat.postMessage({ channel, text: 'for all to see' })
    expect(await changesFor('U0BEN', 'for all to see')).toContain('for Ben alone')
    expect(await changesFor('U0ANA', 'for all to see')).not.toContain('for Ben alone')
  })

  it('events never contain metadata or tokens of the app', async () => {
    await pageHarness.client.chat.postMessage({
      channel,
      text: 'with metadata',
      metadata: { event_type: 'secret_type', event_payload: { id: 'r-1' } },
    })
    expect(await changesFor('U0ANA', 'with metadata')).not.toMatch(/secret_type|xoxb|xapp/)
  })
})

describe('actions of a visitor', () => {
  it.each([
    ['a command that does not exist', { do: 'type', line: '/nonsense' }, 409],
    ['a button that does not exist', { do: 'click', ts: '1.1', actionId: 'x' }, 409],
    ['an action that does not exist', { do: 'steal' }, 400],
    ['a failure that does not exist', { do: 'trouble', name: 'fire', next: 'fails' }, 400],
  ])('%s is answered with a problem', async (_, action, status) => {
    const response = await post('/people/U0ANA', action)
    expect(response.status).toBe(status)
    expect(await response.json()).toHaveProperty('problem')
  })

  it('a typed message is encoded as in Slack', async () => {
    await post('/people/U0ANA', { do: 'type', line: '<!channel> & <b>' })
    const { messages } = await pageHarness.client.conversations.history({ channel, limit: 1 })
    expect(messages?.[0]?.text).toBe('&lt;!channel&gt; &amp; &lt;b&gt;')
  })
})
