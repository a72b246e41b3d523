import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { trustOf } from '../../sandbox/aws/seed-roles.ts'
import { testPace } from '../../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { ownFolder } from '../store/folder.ts'
import { configText } from './config.ts'
import { runHere } from './run-here.ts'
import { twokey } from './twokey.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ pace: testPace, rates: 'off' })
})
afterEach(() => sandbox.close())

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
      ['trust-leak', 'warning'],
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

  test('finds each fault of AWS that is there at the same time', async () => {
    const { world, iam } = sandbox.aws
    const image = [...world.images][3]!
    iam.setProviders('123456789012', [{ url: '127.0.0.1/_services/token', audiences: ['somebody-else'] }])
    iam.addRole({ account: '123456789012' }, 'github-actions-deploy', {
      trustPolicy: trustOf('repo:myorg/blog-api:ref:refs/heads/main'),
    })
    iam.addRole({ account: '123456789012' }, 'ecs-execution', { mayRead: [] })
    world.subnets.set('subnet-0a1b2c3d', { free: 0 }).set('subnet-0e4f5a6b', { free: 1 })
    world.secrets.clear()
    world.logs.groups.delete('/ecs/blog-api')
    world.archived.add(world.push(image))
    const { status, problems } = await printed()
    const errors = problems.filter(({ verdict }) => verdict === 'error').map(({ id }) => id)
    expect(new Set(errors)).toEqual(
      new Set([
        'oidc-provider',
        'assume-role',
        'trust-leak',
        'free-addresses',
        'images-stored',
        'log-group',
        'secrets',
      ]),
    )
    expect(status).toBe(1)
  })

  test('names the permission for each thing of AWS that it may not read', async () => {
    const actions = [
      'iam:GetRole',
      'iam:ListOpenIDConnectProviders',
      'iam:SimulatePrincipalPolicy',
      'ec2:DescribeSubnets',
      'elasticloadbalancing:DescribeTargetGroups',
      'secretsmanager:DescribeSecret',
      'logs:DescribeLogGroups',
      'ecr:DescribeImages',
    ]
    sandbox.aws.world.deny(...actions)
    const { problems } = await printed()
    sandbox.aws.world.allow(...actions)
    const said = problems.filter(({ verdict }) => verdict === 'not readable').map(({ next }) => next)
    for (const action of actions) expect(said.join('\n')).toContain(action)
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
