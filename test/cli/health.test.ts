import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { health } from '../../src/cli/health.ts'
import { ownFolder } from '../store/folder.ts'
import { twokey } from './twokey.ts'

/** A server that answers `/healthz` with a status; returns its port. */
async function serving(status: number, host?: string): Promise<string> {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/healthz' ? status : 404).end('x')
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(() => void server.close())
  return String((server.address() as AddressInfo).port)
}

describe('twokey health', () => {
  it('needs only PORT: exit status 0 while twokey answers, without a word', async () => {
    const env = { PORT: await serving(200) }
    expect(await twokey(ownFolder(), ['health'], { env })).toEqual({ status: 0, out: '', err: '' })
  })

  it('exit status 1 with the reason if the store does not answer', async () => {
    const env = { PORT: await serving(503) }
    const { status, err } = await twokey(ownFolder(), ['health'], { env })
    expect(status).toBe(1)
    expect(err).toContain('503')
  })

  it('exit status 1 if nothing listens', async () => {
    const server = createServer().listen(0)
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    expect(await health({ PORT: String(port) })).toBe(1)
  })

  it('asks at HOST, and on the loopback interface if HOST means all of them', async () => {
    const port = await serving(200, '127.0.0.1')
    expect(await health({ PORT: port, HOST: '127.0.0.1' })).toBe(0)
    expect(await health({ PORT: port, HOST: '0.0.0.0' })).toBe(0)
    expect(await health({ PORT: port, HOST: '127.0.0.2' })).toBe(1)
  })

  it('does not ask a proxy', async () => {
    const port = await serving(200)
    const env = { PORT: port, HTTP_PROXY: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1' }
    expect((await twokey(ownFolder(), ['health'], { env })).status).toBe(0)
  })

  it.each([['0'], ['http'], ['70000']])('exit status 2 with PORT=%s', async (PORT) => {
    expect(await health({ PORT })).toBe(2)
  })
})
