import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** dev names no region, prod names one; all else is the same. */
const twoRegions = `slack: { channel: C0DEPLOYS }
environments:
  dev: { branch: develop, approvals: { required: 0 } }
  prod: { branch: main, approvals: { required: 0 }, aws: { region: eu-west-1 } }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    environments:
      dev: { cluster: blog-cluster, service: blog-api }
      prod: { cluster: blog-cluster, service: blog-api }
`

test.each([
  ['check', undefined, true],
  ['check', 'ap-northeast-2', true],
  ['start', undefined, true],
  ['start', '', true],
  ['start', 'eu-west-1', true],
  ['start', 'ap-northeast-2', false],
])(
  '%s, AWS_REGION %s: one ECS service with and without its region is refused: %s',
  async (word, region, refused) => {
    const folder = ownFolder()
    const file = join(folder, 'twokey.yml')
    writeFileSync(file, twoRegions)
    const env = { TWOKEY_CONFIG: file, ...(region !== undefined && { AWS_REGION: region }) }
    const { status, err } = await twokey(folder, [word], { env })
    // `start` lacks its tokens here, so its status is 2 in any case.
    expect(status).toBe(2)
    expect(err.includes('twokey.yml:12  services.blog-api.environments.prod.service')).toBe(refused)
  },
)

test.each(['check', 'start'])(
  '%s reports all problems of the inputs, each with its line, and ends with status 2',
  async (word) => {
    const folder = ownFolder()
    const file = join(folder, 'twokey.yml')
    const inputs = '    workflow: deploy.yml\n    inputs:\n      ref: $sah\n      1st: a\n      stage: prod\n'
    writeFileSync(
      file,
      twoRegions
        .replace('    workflow: deploy.yml\n', inputs)
        .replace('cluster: blog-cluster,', 'cluster: other,'),
    )
    const { status, err } = await twokey(folder, [word], { env: { TWOKEY_CONFIG: file } })
    expect(status).toBe(2)
    const places = [...err.matchAll(/twokey\.yml:(\d+ {2}\S+)/g)].map(([, place]) => place)
    expect(places).toEqual([
      '10  services.blog-api.inputs.ref',
      '11  services.blog-api.inputs.1st',
      '12  services.blog-api.inputs.stage',
    ])
  },
)

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
