import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { serveHttp } from '../../src/http/server.ts'
import { SetAsides } from '../../src/set-aside.ts'
import type { Store } from '../../src/store/store.ts'

function captured() {
  const lines: Record<string, unknown>[] = []
  return { lines, log: pino({}, { write: (line) => lines.push(JSON.parse(line)) }) }
}

async function served(
  store: Partial<Store>,
  { log }: ReturnType<typeof captured>,
  setAsides = new SetAsides(log),
) {
  const http = await serveHttp({
    host: undefined,
    port: 0,
    gitHubWebhookSecret: undefined,
    slackSigningSecret: undefined,
    store: store as Store,
    setAsides,
    awsEvents: {},
    log,
  })
  onTestFinished(() => http.close())
  return async (path: string) => {
    const answer = await fetch(`${http.url}${path}`)
    return { status: answer.status, text: await answer.text() }
  }
}

test('metrics count the releases in progress without reading one', async () => {
  const get = await served({ countInFlight: async () => 7 }, captured())
  expect((await get('/metrics')).text).toContain('twokey_releases_in_flight 7\n')
})

test('metrics count each thing that was set aside once', async () => {
  const logged = captured()
  const setAsides = new SetAsides(logged.log)
  const get = await served({ countInFlight: async () => 0 }, logged, setAsides)
  for (const id of ['r-1', 'r-1', 'r-2']) setAsides.tell({ what: 'card', id, error: new Error('no date') })
  for (let look = 0; look < 2; look += 1) {
    const { text } = await get('/metrics')
    expect(text).toContain('twokey_set_aside_total{what="card"} 2\n')
    expect(text).toContain('twokey_set_aside_total{what="release"} 0\n')
  }
})

test('health reports a store that does not answer without its path, which is in the log', async () => {
  const logged = captured()
  const ping = async () => {
    throw new Error('/var/lib/twokey/twokey.db: disk I/O error')
  }
  const get = await served({ ping }, logged)
  const { status, text } = await get('/healthz')
  expect(status).toBe(503)
  expect(text).not.toContain('/var/lib')
  expect(JSON.stringify(logged.lines)).toContain('/var/lib/twokey/twokey.db')
})

test('the log has an error for each thing that was set aside, with what to do, again after ten minutes', () => {
  const { lines, log } = captured()
  let now = 0
  const setAsides = new SetAsides(log, () => now)
  const aside = { what: 'release', id: 'r-1', error: new Error('shape 9') } as const
  setAsides.tell(aside)
  setAsides.tell(aside)
  expect(lines).toMatchObject([
    { level: 50, what: 'release', id: 'r-1', err: { message: 'shape 9' }, next: expect.stringMatching(/./) },
  ])
  now += 600_000
  setAsides.tell(aside)
  expect(lines).toHaveLength(2)
})
