import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { startBotProcess } from '../../sandbox/demo/bot.ts'
import { patience, testPace } from '../../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { addressFor } from '../../src/http/server.ts'
import { ownFolder } from '../store/folder.ts'
import { configText } from './config.ts'
import { runHere } from './run-here.ts'
import { twokey } from './twokey.ts'

const config = fileURLToPath(new URL('../../sandbox/twokey.yml', import.meta.url))

let sandbox: Sandbox | undefined
afterEach(() => sandbox?.close())

const outside = ({ slack, github, aws }: Sandbox) => ({
  ...slack.env,
  ...github.env,
  ...aws.env,
  TWOKEY_CONFIG: config,
  PORT: '0',
})

test('start reports problems of the environment and the config file together; an empty variable names no file', async () => {
  const { status, err } = await twokey(ownFolder(), ['start'], { env: { TWOKEY_CONFIG: '' } })
  expect(status).toBe(2)
  expect(err).toContain('GITHUB_TOKEN')
  expect(err).toMatch(/^\.\/twokey\.yml {2}There is no file /m)
})

/** dev names no region, prod names one; everything else is the same. */
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
  ['check', 'eu-west-1', true],
  ['check', 'ap-northeast-2', false],
  ['start', undefined, true],
  ['start', '', true],
  ['start', 'eu-west-1', true],
  ['start', 'ap-northeast-2', false],
])(
  '%s with AWS_REGION %s refuses one ECS service with and without its region: %s',
  async (word, region, refused) => {
    const folder = ownFolder()
    const file = join(folder, 'twokey.yml')
    writeFileSync(file, twoRegions)
    const env = { TWOKEY_CONFIG: file, ...(region !== undefined && { AWS_REGION: region }) }
    const { status, err } = await runHere(folder, [word], { env })
    // `start` has no tokens here, so its status is 2 in any case.
    expect(status).toBe(word === 'check' && !refused ? 0 : 2)
    expect(err.includes('twokey.yml:12  services.blog-api.environments.prod.service')).toBe(refused)
  },
)

test('start finds the region as the AWS SDK does, including the profile, and says where to write it if there is none', async () => {
  const started = async (profile: string) => {
    const folder = ownFolder()
    const [file, aws] = [join(folder, 'twokey.yml'), join(folder, 'aws')]
    writeFileSync(file, twoRegions)
    writeFileSync(aws, profile)
    const { status, err } = await runHere(folder, ['start'], {
      env: {
        SLACK_BOT_TOKEN: 'xoxb-1-a',
        SLACK_APP_TOKEN: 'xapp-1-a',
        GITHUB_TOKEN: 'ghp_a',
        AWS_CONFIG_FILE: aws,
        TWOKEY_CONFIG: file,
      },
    })
    expect(status).toBe(2)
    return err
  }
  expect(await started('[default]\nregion = eu-west-1\n')).toContain('is the same ECS service')
  expect(await started('')).toContain('may be the same')
})

test('start refuses a service environment without any region', async () => {
  const folder = ownFolder()
  const [file, aws] = [join(folder, 'twokey.yml'), join(folder, 'aws')]
  writeFileSync(file, twoRegions.replace('cluster: blog-cluster,', 'cluster: other,'))
  writeFileSync(aws, '')
  const { status, err } = await runHere(folder, ['start'], {
    env: {
      SLACK_BOT_TOKEN: 'xoxb-1-a',
      SLACK_APP_TOKEN: 'xapp-1-a',
      GITHUB_TOKEN: 'ghp_a',
      AWS_CONFIG_FILE: aws,
      TWOKEY_CONFIG: file,
    },
  })
  expect(status).toBe(2)
  expect(err).toMatch(/No AWS region for blog-api in dev: .*Set AWS_REGION/)
})

test.each(['check', 'start'])(
  '%s reports all problems of the inputs, each with its line, and exits with status 2',
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
    const { status, err } = await runHere(folder, [word], { env: { TWOKEY_CONFIG: file } })
    expect(status).toBe(2)
    const places = [...err.matchAll(/twokey\.yml:(\d+ {2}\S+)/g)].map(([, place]) => place)
    expect(places).toEqual([
      '10  services.blog-api.inputs.ref',
      '11  services.blog-api.inputs.1st',
      '12  services.blog-api.inputs.stage',
    ])
  },
)

test('start waits for a Slack that is down; if stopped before, it exits with status 0', async () => {
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
  // Its health endpoint is served anyway.
  expect(JSON.parse(out.split('\n')[0]!).url).toMatch(/^http:/)
})

test.each([
  ['auth.test', 'SLACK_BOT_TOKEN'],
  ['apps.connections.open', 'SLACK_APP_TOKEN'],
])(
  'start exits with status 1 if Slack rejects the token at %s, names %s without a stack, and leaves no process behind',
  async (method, variable) => {
    sandbox = await startSandbox({ pace: testPace })
    const { slack } = sandbox
    const body = { ok: false, error: 'invalid_auth' }
    slack.faults.queue(method, { kind: 'answer', status: 200, body }, { times: 9 })
    const { status, out } = await twokey(ownFolder(), ['start'], { env: outside(sandbox) })
    expect(status).toBe(1)
    const lines = out.trim().split('\n')
    const last = JSON.parse(lines.at(-1)!)
    expect(last).toMatchObject({ level: 60, msg: `twokey stops: ${last.reason}` })
    expect(last.reason).toContain(
      `${variable} is not valid for any installed app (Slack answered invalid_auth)`,
    )
    expect(last).not.toHaveProperty('err')
  },
)

/** The bot as a separate process, once it is connected. */
async function running(folder: string, env: Readonly<Record<string, string>>) {
  sandbox = await startSandbox({ pace: testPace })
  const log = join(folder, 'bot.log')
  const bot = await startBotProcess(
    { ...outside(sandbox), TWOKEY_DATA_DIR: join(folder, 'store'), ...env },
    log,
  )
  onTestFinished(() => bot.stop())
  return { bot, port: new URL(bot.url).port, log }
}

const answers = (address: string) =>
  fetch(`${address}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  )

test('HOST limits the address of health and metrics, and of nothing else', async () => {
  const { bot, port } = await running(ownFolder(), { HOST: '127.0.0.1' })
  expect(bot.url).toBe(`http://127.0.0.1:${port}`)
  expect(await answers(bot.url)).toBe(true)
  expect(await answers(`http://127.0.0.2:${port}`)).toBe(false)
})

test('health and metrics listen on all interfaces without HOST', async () => {
  const { port } = await running(ownFolder(), {})
  expect(await answers(`http://127.0.0.2:${port}`)).toBe(true)
})

test.each([
  [undefined, 'http://127.0.0.1:3000'],
  ['0.0.0.0', 'http://127.0.0.1:3000'],
  ['::', 'http://[::1]:3000'],
  ['::1', 'http://[::1]:3000'],
  ['10.0.0.7', 'http://10.0.0.7:3000'],
  ['twokey.internal', 'http://twokey.internal:3000'],
])('the address in the log can be opened: HOST %s is %s', (host, address) => {
  expect(addressFor(host, 3000)).toBe(address)
})

test('start creates files for its user only, and warns of a data folder that others can read', async () => {
  const folder = ownFolder()
  const store = join(folder, 'store')
  mkdirSync(store)
  chmodSync(store, 0o755)
  const { log } = await running(folder, {})
  const modes = readdirSync(store).map((name) => (statSync(join(store, name)).mode & 0o777).toString(8))
  expect(modes.length).toBeGreaterThanOrEqual(2)
  expect(new Set(modes)).toEqual(new Set(['600']))
  expect((statSync(store).mode & 0o777).toString(8)).toBe('700')
  const warned = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"level":40') && line.includes('0755'))
  expect(warned).toHaveLength(1)
  expect((statSync(log).mode & 0o777).toString(8)).toBe('600')
})

test('start says what the config names wrongly: in the log, and in the channel once though it is killed; it keeps running', async () => {
  const folder = ownFolder()
  const file = join(folder, 'twokey.yml')
  writeFileSync(file, configText.replaceAll('blog-cluster-prod', 'blog-cluster-prd'))
  const { bot, log } = await running(folder, { TWOKEY_CONFIG: file, GITHUB_TOKEN: 'ghp_wrong' })
  const { slack } = sandbox!
  const notices = () => slack.workspace.messages('C0DEPLOYS').filter(({ text }) => text.includes('setup'))
  const post = await slack.until(() => notices()[0])
  expect(post.text).toMatch(/GitHub.*Bad credentials \(401\)/s)
  expect(post.text).toContain('blog-cluster-prd')
  expect(await answers(bot.url)).toBe(true)
  const errors = () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"level":50'))
  expect(errors()).toEqual([
    expect.stringContaining('setup: GitHub: GitHub answered GET /user: Bad credentials (401)'),
    expect.stringContaining('setup: ECS blog-cluster-prd/blog-api (ap-northeast-2): AWS refused'),
  ])
  await bot.stop('SIGKILL')
  const again = await startBotProcess(
    {
      ...outside(sandbox!),
      TWOKEY_CONFIG: file,
      GITHUB_TOKEN: 'ghp_wrong',
      TWOKEY_DATA_DIR: join(folder, 'store'),
    },
    log,
  )
  onTestFinished(() => again.stop())
  await vi.waitUntil(() => readFileSync(log, 'utf8').includes('checked a moment ago'), { timeout: patience })
  expect(notices()).toHaveLength(1)
  expect(await answers(again.url)).toBe(true)
})

test('a stop while the setup is checked does not wait for a GitHub that hangs, and exits with status 0', async () => {
  sandbox = await startSandbox({ pace: testPace })
  const { slack, github } = sandbox
  const hangs = { kind: 'delay', ms: 20_000 } as const
  github.faults.queue('GET /user', hangs)
  let asked = Number.NaN
  const { status, out } = await twokey(ownFolder(), ['start'], {
    env: outside(sandbox),
    until() {
      const isAsked = slack.sockets.open > 0 && github.log.of('GET /user').length > 0
      if (isAsked) asked = Date.now()
      return isAsked
    },
  })
  expect(Date.now() - asked).toBeLessThan(hangs.ms / 2)
  expect(status).toBe(0)
  expect(out).toContain('stopping: saving work in progress')
  expect(out).not.toContain('the setup was checked')
})
