import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deployByCodeDeploy } from '../../sandbox/aws/codedeploy/seed.ts'
import { testPace } from '../../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { parseConfig } from '../../src/config/load.ts'
import { deployWorkflow } from '../../src/init/workflow.ts'
import { examplePlan } from '../init/example-plan.ts'
import { ownFolder } from '../store/folder.ts'
import { runHere } from './run-here.ts'
import { twokey } from './twokey.ts'

let sandbox: Sandbox
let clone: string

beforeEach(async () => {
  sandbox = await startSandbox({ pace: testPace, rates: 'off' })
  clone = ownFolder()
  const git = (...args: string[]) => execFileSync('git', ['-C', clone, ...args], { stdio: 'ignore' })
  git('init', '--initial-branch', 'main')
  git('remote', 'add', 'origin', 'git@github.com:myorg/blog-api.git')
  for (const branch of ['main', 'develop'])
    git('-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', 'commit', '--allow-empty', '-m', branch)
  for (const branch of ['main', 'develop']) git('update-ref', `refs/remotes/origin/${branch}`, 'HEAD')
  for (const file of ['package-lock.json', 'Dockerfile']) writeFileSync(join(clone, file), '')
})
afterEach(() => sandbox.close())

const env = () => {
  const { aws, github } = sandbox
  return { ...aws.env, ...github.env }
}
const init = (words: readonly string[], over: Readonly<Record<string, string>> = {}, run = runHere) =>
  run(clone, ['init', '--folder', clone, ...words], { env: { ...env(), ...over } })
const slack = ['--channel', 'C0DEPLOYS', '--approvers', 'S0DEPLOYERS,U0APPROVER']
const read = (file: string) => readFileSync(join(clone, file), 'utf8')

describe('twokey init', () => {
  test('init writes the config, the workflow and the roles from what it reads, with two answers about Slack', async () => {
    const { status, out, err } = await init(['--yes', ...slack], {}, twokey)
    expect(err).toBe('')
    expect(status).toBe(0)
    expect(out).toContain('✓ twokey.yml')
    expect(out).toContain('https://api.slack.com/apps?new_app=1&')
    expect(out).toContain('/organizations/myorg/settings/apps/new?')
    const [, ...config] = read('twokey.yml').split('\n')
    const loaded = parseConfig(config.join('\n'))
    expect(loaded).toMatchObject({
      config: {
        serviceEnvironments: [
          { environment: 'dev', branch: 'develop', targets: [{ cluster: 'blog-cluster-dev' }] },
          { environment: 'prod', branch: 'main', githubEnvironment: 'production', policy: { required: 2 } },
        ],
      },
    })
    const roles = (name: string) => `arn:aws:iam::123456789012:role/blog-api-deploy-${name}`
    const environments = examplePlan.environments.map((each) => ({
      ...each,
      deployRole: roles(each.githubEnvironment),
    }))
    const [dev, prod] = environments
    expect(read('.github/workflows/deploy.yml').replace(/^.*\n/, '')).toBe(
      deployWorkflow({ ...examplePlan, environments: [dev!, prod!] }),
    )
    const terraform = read('aws/twokey.tf')
    expect(terraform).toContain('repo:myorg/blog-api:environment:production')
    expect([...terraform.matchAll(/^variable "(.*)"/gm)].map(([, name]) => name)).toEqual([
      'create_oidc_provider',
    ])
    expect(terraform).toContain('resource "aws_sqs_queue" "events"')
    expect(read('twokey.yml')).toContain(
      `https://sqs.${sandbox.aws.env.AWS_REGION}.amazonaws.com/123456789012/twokey`,
    )
  })

  test('init writes the file for AWS as JSON, and names the values that only GitHub knows', async () => {
    const { status, out } = await init(['--yes', ...slack, '--format', 'json'], { GITHUB_TOKEN: '' })
    expect(status).toBe(0)
    const { Roles, Queue } = JSON.parse(read('aws/twokey.json'))
    expect(Roles.map(({ RoleName }: { readonly RoleName: string }) => RoleName)).toEqual([
      'twokey',
      'blog-api-deploy-dev',
      'blog-api-deploy-production',
    ])
    expect(Queue.QueueName).toBe('twokey')
    expect(out).toContain('subject_prefix_myorg_blog_api')
  })

  test('the command in the files makes the same files again', async () => {
    await init(['--yes', ...slack, '--format', 'cloudformation'])
    const [, words = ''] = /`twokey init (.*)`/.exec(read('aws/twokey.yaml')) ?? []
    const again = await init(words.split(' '))
    expect(again.status).toBe(0)
    expect(again.out).toContain('✓ aws/twokey.yaml is there already')
  })

  test('init reads what CodeDeploy deploys, for the workflow and for the roles', async () => {
    const { world } = sandbox.aws
    const names = { application: 'shop', group: 'shop-prod' }
    deployByCodeDeploy(world, world.service('blog-cluster-prod', 'blog-api')!, names)
    const { status, err } = await init(['--yes', ...slack])
    expect(err).toBe('')
    expect(status).toBe(0)
    expect(read('.github/workflows/deploy.yml')).toContain("'shop-prod'")
    expect(read('aws/twokey.tf')).toContain(':application:shop"')
  })

  test('init overwrites nothing: it shows the difference, writes the rest, and fails', async () => {
    writeFileSync(join(clone, 'twokey.yml'), 'slack: { channel: C0OTHER }\n')
    const { status, out } = await init(['--yes', ...slack])
    expect(status).toBe(1)
    expect(out).toContain('-slack: { channel: C0OTHER }')
    expect(read('twokey.yml')).toBe('slack: { channel: C0OTHER }\n')
    expect(existsSync(join(clone, 'aws/twokey.tf'))).toBe(true)
    const again = await init(['--yes', ...slack])
    expect(again.out).toContain('✓ aws/twokey.tf is there already')
  })

  test('init removes what it has written if another file cannot be written', async () => {
    mkdirSync(join(clone, '.github'))
    writeFileSync(join(clone, '.github/workflows'), 'a file where a folder should be')
    const { status, err } = await init(['--yes', ...slack])
    expect(status).toBe(1)
    expect(err).toContain('.github/workflows')
    expect(existsSync(join(clone, 'twokey.yml'))).toBe(false)
  })

  test.each([
    ['no channel', ['--approvers', 'S0DEPLOYERS'], {}, 2, '--channel is missing'],
    ['a service that ECS does not have', [...slack, '--production', 'blog/none'], {}, 2, '--production'],
    ['a channel by its name', ['--channel', '#deploys', '--approvers', 'U0BEN'], {}, 2, 'begins with C'],
    ['a format that there is not', [...slack, '--format', 'hcl'], {}, 2, '--format hcl'],
    ['no region', slack, { AWS_REGION: '' }, 2, 'AWS_REGION'],
    ['an address of GitHub that is no URL', slack, { GITHUB_API_URL: 'github' }, 2, 'GITHUB_API_URL'],
    ['GitHub without encryption', slack, { GITHUB_API_URL: 'http://ghe.acme.example' }, 2, 'GITHUB_API_URL'],
    ['AWS without encryption', slack, { AWS_ENDPOINT_URL: 'http://aws.acme.example' }, 2, 'AWS_ENDPOINT_URL'],
    ['no credentials', slack, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, 1, 'credentials'],
    ['a token that GitHub does not know', slack, { GITHUB_TOKEN: 'ghp_other' }, 1, 'GITHUB_TOKEN'],
  ] as const)('init with %s writes nothing and says why', async (_, words, over, expected, said) => {
    const { status, err } = await init(['--yes', ...words], over)
    expect(err).toContain(said)
    expect(status).toBe(expected)
    expect(existsSync(join(clone, 'twokey.yml'))).toBe(false)
  })
})
