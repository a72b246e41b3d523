import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { startBotProcess } from '../../sandbox/demo/bot.ts'
import { testPace } from '../../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { childEnv } from '../child-env.ts'
import { ownFolder } from '../store/folder.ts'
import { configText } from './config.ts'

/** The hosts of the outside services, whose names only the proxy resolves. */
const hosts = ['slack.twokey.test', 'github.twokey.test', 'aws.twokey.test'] as const

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A key and a certificate for these names, by an authority that no machine trusts. */
function certificate(folder: string) {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = hosts.map((host) => `DNS:${host}`).join(',')
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const files = ['-nodes', '-keyout', key, '-out', cert]
  const subject = ['-days', '3650', '-subj', '/CN=twokey.test', '-addext', `subjectAltName=${names}`]
  execFileSync('openssl', ['req', '-x509', ...curve, ...files, ...subject], { stdio: 'ignore' })
  return { file: cert, key: readFileSync(key), cert: readFileSync(cert) }
}

/** What went through the proxy: hosts that requests named, and hosts of tunnels. */
type Passed = { readonly requests: string[]; readonly tunnels: string[] }

/**
 * Puts servers for `hosts` before the sandbox, and a proxy before these. The sandbox gives addresses of sockets by the host
 * of the request, without TLS.
 */
async function proxied({ slack, github, aws }: Sandbox, scheme: 'http' | 'https', folder: string) {
  const passed: Passed = { requests: [], tunnels: [] }
  const behind = new Map(
    [slack.env.SLACK_API_URL, github.url, aws.url].map((url, index) => [
      hosts[index] as string,
      Number(new URL(url).port),
    ]),
  )
  const socketScheme = scheme === 'http' ? 'ws' : 'wss'
  const forward = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, search, hostname } = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const { method, headers } = request
    const path = `${pathname}${search}`
    const sent = http.request(
      { host: '127.0.0.1', port: behind.get(hostname), method, path, headers },
      async (answer) => {
        const body = Buffer.concat(await answer.toArray())
        const { 'content-length': _, 'transfer-encoding': __, ...kept } = answer.headers
        response.writeHead(answer.statusCode ?? 502, kept)
        response.end(
          path.endsWith('apps.connections.open') ? body.toString().replace('ws:', `${socketScheme}:`) : body,
        )
      },
    )
    request.pipe(sent)
  }
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const to = net.connect(behind.get(hosts[0]) ?? 0, '127.0.0.1', () => {
      const lines = request.rawHeaders.flatMap((name, index, all) =>
        index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
      )
      to.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
      to.write(head)
      joinSockets(socket, to)
    })
  }
  const { key, cert, file } =
    scheme === 'https' ? certificate(folder) : { key: undefined, cert: undefined, file: undefined }
  const front = (cert ? https.createServer({ key, cert }, forward) : http.createServer(forward)).on(
    'upgrade',
    upgrade,
  )
  const port = await listening(front)
  const proxy = http.createServer((request, response) => {
    passed.requests.push(new URL(request.url ?? '').hostname)
    forward(request, response)
  })
  proxy.on('connect', (request: IncomingMessage, socket: Duplex) => {
    passed.tunnels.push(request.url?.split(':')[0] ?? '')
    const to = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      joinSockets(socket, to)
    })
  })
  return { passed, address: `http://127.0.0.1:${await listening(proxy)}`, ca: file }
}

function joinSockets(one: Duplex, other: Socket): void {
  one.pipe(other).pipe(one)
  one.on('error', () => other.destroy())
  other.on('error', () => one.destroy())
}

test.each([
  ['http', 'HTTP_PROXY'],
  ['https', 'HTTPS_PROXY'],
] as const)(
  'start reaches Slack, its sockets, GitHub and AWS by %s through the proxy that %s names',
  async (scheme, variable) => {
    const sandbox = await startSandbox({ pace: testPace })
    onTestFinished(() => sandbox.close())
    const folder = ownFolder()
    const { passed, address, ca } = await proxied(sandbox, scheme, folder)
    const [log, config] = [join(folder, 'bot.log'), join(folder, 'twokey.yml')]
    writeFileSync(config, configText)
    const [slack, github, aws] = hosts.map((host) => `${scheme}://${host}`)
    const bot = await startBotProcess(
      {
        ...childEnv,
        ...sandbox.slack.env,
        ...sandbox.github.env,
        ...sandbox.aws.env,
        SLACK_API_URL: `${slack}/api/`,
        GITHUB_API_URL: github!,
        AWS_ENDPOINT_URL: aws!,
        [variable]: address,
        ...(ca === undefined ? { TWOKEY_ALLOW_HTTP: '1' } : { NODE_EXTRA_CA_CERTS: ca }),
        TWOKEY_CONFIG: config,
        TWOKEY_DATA_DIR: join(folder, 'store'),
        PORT: '0',
      },
      log,
    )
    onTestFinished(() => bot.stop())
    await expect.poll(() => readFileSync(log, 'utf8'), { timeout: 60_000 }).toContain('the setup was checked')
    expect(readFileSync(log, 'utf8')).toMatch(/"wrong":0,"unavailable":0/)
    // The setup check may end before the second socket is open.
    await expect.poll(() => sandbox.slack.sockets.open, { timeout: 60_000 }).toBe(2)
    const through = (host: string) =>
      [...passed.requests, ...passed.tunnels].filter((each) => each === host).length
    for (const host of hosts) expect(through(host)).toBeGreaterThan(0)
    // Two sockets, each in a tunnel of its own.
    const sockets = passed.tunnels.filter((host) => host === hosts[0])
    expect(sockets.length).toBeGreaterThanOrEqual(2)
    if (scheme === 'https') expect(passed.requests).toEqual([])
  },
)
