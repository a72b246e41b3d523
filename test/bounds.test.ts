import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { accountOf } from '../src/aws/accounts/access.ts'
import { clientsOf } from '../src/aws/ecs/client.ts'
import { namingAction } from '../src/aws/ecs/trouble.ts'
import { loadConfig } from '../src/config/load.ts'
import { Client as GitHubClient } from '../src/github/client.ts'
import { connectGitHub } from '../src/github/github.ts'
import { Tree } from '../src/github/tree.ts'
import { Trouble } from '../src/ports/ports.ts'
import { fetchBounded, mib, readWithin, TooLarge } from '../src/runtime/bounded.ts'
import { RemoteClock } from '../src/runtime/remote-clock.ts'
import { slackClients } from '../src/slack/clients.ts'
import { slackLogger } from '../src/slack/log.ts'
import { asTrouble } from '../src/slack/trouble.ts'
import { ownFolder } from './store/folder.ts'

/** A server that stands in for one of the services. */
async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** JSON of exactly so many bytes. */
function sized(bytes: number, fields: object): string {
  const bare = JSON.stringify({ ...fields, pad: '' })
  return JSON.stringify({ ...fields, pad: 'x'.repeat(bytes - bare.length) })
}

function slackOf(url: string) {
  const logger = slackLogger(pino({ level: 'silent' }))
  return slackClients({ botToken: 'xoxb-1', apiUrl: `${url}/`, logger })
}

type Client = {
  /** The limit of an answer, MiB. */
  readonly most: number
  /** What the service answers. */
  readonly fields: object
  /** Sends one request; an error is thrown as `Trouble`. */
  readonly ask: (url: string) => Promise<unknown>
}

const sha = 'a'.repeat(40)

const clients: Readonly<Record<string, Client>> = {
  GitHub: {
    most: 8,
    fields: { truncated: false, tree: [{ path: '.github', mode: '040000', type: 'tree', sha }] },
    ask: (apiUrl) => new Tree(new GitHubClient({ token: 't', apiUrl }), 'myorg/blog-api', sha).github(),
  },
  AWS: {
    most: 8,
    fields: { services: [] },
    ask: (endpoint) =>
      namingAction(
        'ecs:DescribeServices',
        clientsOf(accountOf({ endpoint, region: 'eu-west-1' }, new RemoteClock())).ecs.describeServices({
          services: ['blog-api'],
        }),
      ),
  },
  'Slack to a post': {
    most: 4,
    fields: { ok: true, ts: '1.1' },
    ask: (url) =>
      slackOf(url)
        .edits.chat.postMessage({ channel: 'C1', text: 'hello' })
        .catch((error) => {
          throw asTrouble(error)
        }),
  },
  'Slack to a read': {
    most: 4,
    fields: { ok: true, users: [] },
    ask: (url) =>
      slackOf(url)
        .web.usergroups.users.list({ usergroup: 'S1' })
        .catch((error) => {
          throw asTrouble(error)
        }),
  },
}

describe.each(Object.entries(clients))('an answer of %s', (_, { most, fields, ask }) => {
  const asked = async (listener: RequestListener) => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    return ask(await serving(listener))
  }

  test('an answer as large as its limit is read', async () => {
    const body = sized(most * mib, fields)
    await expect(
      asked((_request, response) => response.setHeader('content-type', 'application/json').end(body)),
    ).resolves.toBeDefined()
  })

  test('an answer one byte larger is rejected unparsed, and not requested again', async () => {
    let requests = 0
    const body = sized(most * mib + 1, fields)
    const parse = vi.spyOn(JSON, 'parse')
    onTestFinished(() => parse.mockRestore())
    const answer = asked((_request, response) => {
      requests += 1
      response.setHeader('content-type', 'application/json').end(body)
    })
    await expect(answer).rejects.toThrow(`larger than the ${most} MiB that twokey reads`)
    await expect(answer).rejects.toThrow(Trouble)
    expect(parse.mock.calls.filter(([text]) => text.length > mib)).toEqual([])
    expect(requests).toBe(1)
  })

  test('reading an endless answer stops at the limit', async () => {
    const piece = Buffer.alloc(64 * 1024, ' ')
    const closed = Promise.withResolvers<number>()
    const answer = asked((_request, response) => {
      let sent = 0
      response.setHeader('content-type', 'application/json')
      response.on('close', () => closed.resolve(sent))
      const send = () => {
        while (!response.destroyed && response.write(piece)) sent += piece.length
      }
      response.on('drain', send)
      send()
    })
    await expect(answer).rejects.toThrow(`larger than the ${most} MiB`)
    expect(await closed.promise).toBeLessThan(3 * most * mib)
  })

  test('an endless error answer is still an error', async () => {
    const answer = asked((_request, response) => {
      response.writeHead(400, { 'content-type': 'text/html' })
      const send = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, '<p>no</p>')));
      }
      response.on('drain', send)
      send()
    })
    await expect(answer).rejects.toThrow(Trouble)
  })
})

test('chunks are read up to the limit, and none after it', async () => {
  let given = 0
  async function* pieces() {
    for (; ; given += 1) yield Buffer.alloc(10)
  }
  await expect(readWithin(pieces(), { whose: 'an answer', most: 35 })).rejects.toThrow(TooLarge)
  expect(given).toBe(3)
})

test('an answer without a body stays without a body', async () => {
  const url = await serving((_request, response) => response.writeHead(204).end())
  const answer = await fetchBounded({ whose: 'an answer', most: 1 })(url)
  expect([answer.status, answer.body]).toEqual([204, null])
})

test('decodes no more of a workflow file of 1 MB than it would parse', async () => {
  const content = Buffer.alloc(1_000_000, 'a').toString('base64')
  const apiUrl = await serving((_request, response) =>
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ type: 'file', encoding: 'base64', content })),
  )
  const from = vi.spyOn(Buffer, 'from')
  onTestFinished(() => from.mockRestore())
  const github = connectGitHub({ token: 't', apiUrl })
  const place = { repository: 'myorg/blog-api', workflow: 'deploy.yml', branch: 'main' }
  expect(await github.otherStarts(place)).toEqual([])
  const decoded = (from.mock.calls as readonly (readonly unknown[])[]).flatMap(([text, encoding]) =>
    encoding === 'base64' ? [String(text).length] : [],
  )
  expect(decoded).toHaveLength(1)
  expect(Math.max(...decoded)).toBeLessThan(500_000)
})

test('reports twokey.yml of more than 1 MiB as a problem, without reading it', () => {
  const file = join(ownFolder(), 'twokey.yml')
  writeFileSync(file, '#'.repeat(mib + 1))
  expect(loadConfig(file)).toMatchObject({ problems: [{ found: 'a file of more than 1 MiB' }] })
  writeFileSync(file, '#'.repeat(mib))
  expect(loadConfig(file)).not.toMatchObject({ problems: [{ found: 'a file of more than 1 MiB' }] })
})
