import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testPace } from '../../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { ownFolder } from '../store/folder.ts'
import { configText } from './config.ts'
import { runHere } from './run-here.ts'
import { twokey } from './twokey.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ pace: testPace, rates: 'off' })
})
afterAll(() => sandbox.close())

type Printed = {
  readonly id: string
  readonly about: string
  readonly verdict: string
  readonly evidence: string
  readonly next: string | null
}

type How = {
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
  readonly run?: typeof runHere
}

/** `twokey doctor` against the sandbox. An empty variable counts as unset. */
async function doctor(
  words: readonly string[] = [],
  { config = configText, env = {}, run = runHere }: How = {},
) {
  const folder = ownFolder()
  const file = join(folder, 'twokey.yml')
  writeFileSync(file, config)
  const { slack, github, aws } = sandbox
  return run(folder, ['doctor', ...words], {
    env: {
      ...slack.env,
      ...github.env,
      ...aws.env,
      AWS_EC2_METADATA_DISABLED: 'true',
      TWOKEY_CONFIG: file,
      ...env,
    },
  })
}

/** What it found, as JSON. */
async function printed(how: How = {}) {
  const { status, out, err } = await doctor(['--json'], how)
  expect(err).toBe('')
  const all = JSON.parse(out) as readonly Printed[]
  return { status, all, problems: all.filter(({ verdict }) => verdict !== 'ok') }
}

describe('twokey doctor', () => {
  test('finds what the world of the sandbox leaves open, as warnings, and exits with status 0', async () => {
    const { status, problems } = await printed()
    expect(problems.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['gate', 'warning'],
      ['branch-policy', 'warning'],
    ])
    expect(status).toBe(0)
    expect(sandbox.github.world.violations).toEqual([])
  })

  test('prints what is wrong first, with what to do, and exits with status 1', async () => {
    const config = configText.replaceAll('service: blog-api }', 'service: blog-apo }')
    const { status, out } = await doctor(['prod'], { config, run: twokey })
    expect(status).toBe(1)
    const [first] = out.split('\n\n')
    expect(first).toContain('blog-cluster-prod/blog-apo')
    expect(first).toContain('Next: ')
    expect(out).not.toContain('blog-cluster-dev')
  })

  test('needs no tokens: what it cannot read is a warning that says what is missing', async () => {
    const { status, problems } = await printed({ env: { GITHUB_TOKEN: '', SLACK_BOT_TOKEN: '' } })
    expect(status).toBe(0)
    expect(new Set(problems.map(({ verdict }) => verdict))).toEqual(new Set(['not readable']))
    const about = (id: string) => problems.find((each) => each.id === id)?.evidence
    expect(about('workflow-file')).toContain('GITHUB_TOKEN is not set')
    expect(about('channel')).toContain('SLACK_BOT_TOKEN is not set')
  })

  test.each([
    ['no credentials', { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }],
    ['credentials that AWS does not know', { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWNUNKNOWN00' }],
  ])('a sentence says that there are %s', async (_, env) => {
    const { status, problems } = await printed({ env })
    expect(status).toBe(0)
    const service = problems.find(({ id }) => id === 'service')
    expect(service).toMatchObject({ verdict: 'not readable', next: expect.stringContaining('ecs:Describe') })
    expect(service?.evidence).toMatch(/credentials/)
  })

  test('a sentence says that GitHub does not accept the token', async () => {
    const { problems } = await printed({ env: { GITHUB_TOKEN: 'ghp_unknown' } })
    expect(problems.find(({ id }) => id === 'github-account')?.evidence).toMatch(/401|expired/)
  })

  test.each([
    ['an environment that twokey.yml does not have', ['staging'], configText, 'dev, prod'],
    ['a config with problems', [], 'slack: {}\n', 'slack.channel'],
  ])('refuses %s with status 2', async (_, words, config, says) => {
    const { status, err } = await doctor(words, { config })
    expect(err).toContain(says)
    expect(status).toBe(2)
  })
})
