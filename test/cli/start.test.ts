import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { testPace } from '../../src/sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { ownFolder } from '../store/folder.ts'
import { twokey } from './twokey.ts'

const config = fileURLToPath(new URL('../../src/sandbox/twokey.yml', import.meta.url))

let sandbox: Sandbox | undefined
afterEach(() => sandbox?.close())

test('start tells what is wrong in the environment and in the config file together; an empty variable names no file', async () => {
  const { status, err } = await twokey(ownFolder(), ['start'], { env: { TWOKEY_CONFIG: '' } })
  expect(status).toBe(2)
  expect(err).toContain('GITHUB_TOKEN')
  expect(err).toMatch(/^\.\/twokey\.yml:1 /m)
})

test.each(['auth.test', 'apps.connections.open'])(
  'ends with status 1 where Slack refuses the token of %s, and leaves nothing running',
  async (method) => {
    sandbox = await startSandbox({ pace: testPace })
    const { slack, github, aws } = sandbox
    const body = { ok: false, error: 'invalid_auth' }
    slack.faults.queue(method, { kind: 'answer', status: 200, body }, { times: 9 })
    const env = { ...slack.env, ...github.env, ...aws.env, TWOKEY_CONFIG: config, PORT: '0' }
    const { status, out } = await twokey(ownFolder(), ['start'], { env })
    expect(status).toBe(1)
    const lines = out.trim().split('\n')
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      level: 60,
      err: { message: expect.stringContaining('invalid_auth') },
    })
  },
)
