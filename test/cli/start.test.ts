import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { testPace } from '../../src/sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { ownFolder } from '../store/folder.ts'
import { twokey } from './twokey.ts'

const config = fileURLToPath(new URL('../../src/sandbox/twokey.yml', import.meta.url))

let sandbox: Sandbox | undefined
afterEach(() => sandbox?.close())

const outside = ({ slack, github, aws }: Sandbox) => ({
  ...slack.env,
  ...github.env,
  ...aws.env,
  TWOKEY_CONFIG: config,
  PORT: '0',
})

test('start tells what is wrong in the environment and in the config file together; an empty variable names no file', async () => {
  const { status, err } = await twokey(ownFolder(), ['start'], { env: { TWOKEY_CONFIG: '' } })
  expect(status).toBe(2)
  expect(err).toContain('GITHUB_TOKEN')
  expect(err).toMatch(/^\.\/twokey\.yml:1 /m)
})

test('waits for a Slack that is down, and is there once it is up; told to stop before, it ends with status 0', async () => {
  sandbox = await startSandbox({ pace: testPace })
  const { slack } = sandbox
  const body = { ok: false, error: 'internal_error' }
  slack.faults.queue('auth.test', { kind: 'answer', status: 200, body }, { times: 2 })
  slack.faults.queue('apps.connections.open', { kind: 'answer', status: 200, body }, { times: 2 })
  const up = twokey(ownFolder(), ['start'], {
    env: outside(sandbox),
    until: () => slack.sockets.open === 2,
  })
  expect((await up).status).toBe(0)
  slack.faults.queue('auth.test', { kind: 'answer', status: 200, body }, { times: 99 })
  const asked = slack.log.of('auth.test').length
  const down = twokey(ownFolder(), ['start'], {
    env: outside(sandbox),
    until: () => slack.log.of('auth.test').length > asked,
  })
  const { status, out } = await down
  expect(status).toBe(0)
  // Its health is served all the same.
  expect(JSON.parse(out.split('\n')[0]!).url).toMatch(/^http:/)
})

test.each(['auth.test', 'apps.connections.open'])(
  'ends with status 1 where Slack refuses the token of %s, and leaves nothing running',
  async (method) => {
    sandbox = await startSandbox({ pace: testPace })
    const { slack } = sandbox
    const body = { ok: false, error: 'invalid_auth' }
    slack.faults.queue(method, { kind: 'answer', status: 200, body }, { times: 9 })
    const { status, out } = await twokey(ownFolder(), ['start'], { env: outside(sandbox) })
    expect(status).toBe(1)
    const lines = out.trim().split('\n')
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      level: 60,
      err: { message: expect.stringContaining('invalid_auth') },
    })
  },
)
