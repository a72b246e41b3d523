import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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

/** `check --online` against the sandbox. @param edit of the config, pairs of a text and its replacement */
async function checked({
  edit = [],
  env = {},
  run = runHere,
}: {
  edit?: readonly (readonly [string, string])[]
  env?: Readonly<Record<string, string>>
  run?: typeof runHere
} = {}) {
  const file = join(ownFolder(), 'twokey.yml')
  const text = edit.reduce((all, [from, to]) => {
    expect(all).toContain(from)
    return all.replaceAll(from, to)
  }, configText)
  writeFileSync(file, text)
  const { slack, github, aws } = sandbox
  const ran = await run(ownFolder(), ['check', file, '--online'], {
    env: { ...slack.env, ...github.env, ...aws.env, AWS_EC2_METADATA_DISABLED: 'true', ...env },
  })
  expect(github.world.violations).toEqual([])
  return { ...ran, lines: ran.out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' ')) }
}

describe('check --online', () => {
  test('prints one line for each thing that the config names, and exits with status 0', async () => {
    const { status, lines } = await checked({ run: twokey })
    expect(lines).toEqual([
      expect.stringMatching(/^✓ SLACK_BOT_TOKEN as twokey in https:/),
      '✓ SLACK_APP_TOKEN Socket Mode can be used',
      '✓ C0DEPLOYS #deploys',
      '✓ user group S0DEPLOYERS @deployers, 4 people',
      '✓ user group S0ONCALL @oncall, 1 person',
      '✓ approvals: blog-api in prod 2 approvals needed, at least 3 people may approve',
      '✓ approvals: rollbacks of blog-api in prod 1 approval needed, at least 2 people may approve',
      '✓ U0APPROVER full members of the workspace',
      '✓ GitHub as twokey-bot',
      expect.stringMatching(/^✓ blog-api in dev: myorg\/blog-api deploy\.yml on develop \([0-9a-f]{7}\)$/),
      expect.stringMatching(
        /^! blog-api in prod: myorg\/blog-api deploy\.yml on main \([0-9a-f]{7}\)\. It also starts on push/,
      ),
      '! gate production: myorg/blog-api approvals for prod can be bypassed on GitHub (no required reviewers; private repositories have them on GitHub Enterprise only): see docs/gates.md',
      "✓ AWS dev, prod account 123456789012, ap-northeast-2, with twokey's own credentials",
      '✓ ECS blog-cluster-dev/blog-api (ap-northeast-2) runs blog-api:43',
      '✓ ECS blog-cluster-prod/blog-api (ap-northeast-2) runs blog-api:43',
      '',
      'No problems found.',
      '',
    ])
    expect(status).toBe(0)
  })

  describe('with a queue of events', () => {
    const url = (name: string) => `https://sqs.ap-northeast-2.amazonaws.com/123456789012/${name}`
    const withQueue = (name: string) => ({
      edit: [['slack:\n', `events: [{ queueUrl: "${url(name)}" }]\nslack:\n`]] as const,
    })
    const lineOf = (lines: readonly string[]) => lines.filter((line) => line.includes('event queue'))

    test('reads the queue, and leaves its messages there', async () => {
      const queue = sandbox.aws.world.createQueue('twokey')
      queue.send('hello')
      const { status, lines } = await checked(withQueue('twokey'))
      expect(lineOf(lines)).toEqual([
        '✓ event queue twokey (account 123456789012) twokey can read events from it',
      ])
      expect(await queue.receive({ most: 1, waitMs: 0 })).toHaveLength(1)
      expect(status).toBe(0)
    })

    test('names a queue that does not exist', async () => {
      const { status, lines } = await checked(withQueue('nothere'))
      expect(lineOf(lines)).toEqual(['✗ event queue nothere (account 123456789012) SQS has no such queue'])
      expect(status).toBe(1)
    })
  })

  describe('with an environment in another account', () => {
    const other = { account: '210987654321', region: 'eu-west-1' } as const
    const awsOf = (account: string, region: string) =>
      `branch: main\n    aws: { region: ${region}, roleArn: "arn:aws:iam::${account}:role/twokey" }`

    test('names the account, the region and the role', async () => {
      sandbox.aws.seeded(other)
      sandbox.aws.iam.addRole(other, 'twokey')
      const { status, lines } = await checked({
        edit: [['branch: main', awsOf(other.account, other.region)]],
      })
      expect(lines.filter((line) => /AWS|ECS/.test(line))).toEqual([
        "✓ AWS dev account 123456789012, ap-northeast-2, with twokey's own credentials",
        '✓ AWS prod account 210987654321, eu-west-1, as arn:aws:iam::210987654321:role/twokey',
        '✓ ECS blog-cluster-dev/blog-api (ap-northeast-2) runs blog-api:43',
        '✓ ECS blog-cluster-prod/blog-api (eu-west-1, account 210987654321) runs blog-api:43',
      ])
      expect(status).toBe(0)
    })

    test('an ECS service that two environments reach, one of them by a role, is a problem', async () => {
      sandbox.aws.iam.addRole({ account: '123456789012' }, 'twokey')
      const { status, lines } = await checked({
        edit: [
          ['branch: main', awsOf('123456789012', 'ap-northeast-2')],
          ['blog-cluster-dev', 'blog-cluster-prod'],
        ],
      })
      expect(lines.filter((line) => line.includes('both deploy'))).toEqual([
        expect.stringMatching(
          /^✗ blog-api in dev, blog-api in prod both deploy to ECS blog-cluster-prod\/blog-api \(ap-northeast-2\), in account 123456789012$/,
        ),
      ])
      expect(status).toBe(1)
    })

    test('a role that cannot be assumed is named once', async () => {
      const { status, lines } = await checked({
        edit: [['branch: main', awsOf('999999999999', 'eu-west-1')]],
      })
      expect(lines.filter((line) => line.includes('999999999999'))).toEqual([
        expect.stringMatching(
          /^✗ ECS .*AWS did not let twokey assume arn:aws:iam::999999999999:role\/twokey/,
        ),
      ])
      expect(status).toBe(1)
    })
  })

  describe('as a GitHub App', () => {
    const asApp = () => {
      const { GITHUB_APP_INSTALLATION_ID: _, ...app } = sandbox.github.appEnv()
      return { GITHUB_TOKEN: '', ...app }
    }
    const lineOf = (lines: readonly string[], about: string) => lines.find((line) => line.includes(about))
    afterEach(() => {
      sandbox.github.world.gates.disableRule()
      sandbox.github.world.app.state = 'installed'
    })

    test('names the App, and finds its installation', async () => {
      const { status, lines } = await checked({ env: asApp() })
      expect(lines).toContain('✓ GitHub as the GitHub App twokey')
      expect(lineOf(lines, 'blog-api in prod: myorg/blog-api')).toMatch(/^!/)
      expect(status).toBe(0)
    })

    test('a key that is not that of the App is named', async () => {
      const { status, lines } = await checked({ env: { ...asApp(), GITHUB_APP_ID: '1' } })
      expect(lineOf(lines, 'GITHUB_APP_PRIVATE_KEY')).toMatch(/^✗ GitHub/)
      expect(status).toBe(1)
    })

    test('an App that is not installed is named', async () => {
      sandbox.github.world.app.state = 'removed'
      const { status, lines } = await checked({ env: asApp() })
      expect(lineOf(lines, 'is not installed on')).toMatch(/^✗/)
      expect(status).toBe(1)
    })

    test('a gate that twokey holds is wrong if too few logins are known', async () => {
      sandbox.github.world.gates.enableRule()
      const { status, lines } = await checked({ env: asApp() })
      expect(lineOf(lines, 'gate production')).toMatch(/^✗ .*2 approvals needed/)
      expect(status).toBe(1)
    })
  })

  test('starts nothing and posts nothing', async () => {
    const { slack, github } = sandbox
    const before = { posts: slack.log.of('chat.postMessage').length, sockets: slack.sockets.open }
    await checked()
    expect(slack.log.of('chat.postMessage')).toHaveLength(before.posts)
    expect(slack.sockets.open).toBe(before.sockets)
    expect(github.log.exchanges.filter(({ on }) => on.startsWith('POST /repos/'))).toEqual([])
  })

  test.each<[string, Parameters<typeof checked>[0], RegExp]>([
    [
      'a wrong GitHub token, once',
      { env: { GITHUB_TOKEN: 'ghp_wrong' } },
      /^✗ GitHub GitHub answered GET \/user: Bad credentials \(401\): the token has expired or was revoked; set a new GITHUB_TOKEN, or install the GitHub App again$/,
    ],
    [
      'a wrong bot token',
      { env: { SLACK_BOT_TOKEN: 'xoxb-wrong' } },
      /^✗ SLACK_BOT_TOKEN SLACK_BOT_TOKEN is not valid for any installed app \(Slack answered invalid_auth\)/,
    ],
    [
      'a wrong app token',
      { env: { SLACK_APP_TOKEN: 'xapp-wrong' } },
      /^✗ SLACK_APP_TOKEN SLACK_APP_TOKEN is not valid for any installed app/,
    ],
    [
      'a repository that does not exist, once for both environments',
      { edit: [['myorg/blog-api', 'myorg/billing']] },
      /^✗ blog-api in dev: myorg\/billing, blog-api in prod: myorg\/billing, gate production: myorg\/billing .*Not Found \(404\): it does not exist, or the token has no access to it$/,
    ],
    [
      'a branch that does not exist',
      { edit: [['branch: develop', 'branch: developp']] },
      /^✗ blog-api in dev: myorg\/blog-api .*developp/,
    ],
    [
      'a workflow that does not exist, once for both environments',
      { edit: [['deploy.yml', 'ship.yml']] },
      /^✗ blog-api in dev.* GitHub has no workflow ship\.yml in myorg\/blog-api/,
    ],
    [
      'AWS without credentials, once for both services',
      { env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } },
      /^✗ ECS blog-cluster-dev\/blog-api \(ap-northeast-2\), ECS blog-cluster-prod\/blog-api \(ap-northeast-2\) .*give twokey AWS credentials/,
    ],
    [
      'a missing cluster',
      { edit: [['blog-cluster-prod', 'blog-cluster-prd']] },
      /^✗ ECS blog-cluster-prd\/blog-api \(ap-northeast-2\) .*check the cluster and the region/,
    ],
    [
      'a missing service',
      { edit: [['blog-cluster-prod, service: blog-api', 'blog-cluster-prod, service: blog']] },
      /^✗ ECS blog-cluster-prod\/blog \(ap-northeast-2\) ECS has no service blog in the cluster blog-cluster-prod$/,
    ],
    [
      'a missing container',
      { edit: [['containers: [api]', 'containers: [web]']] },
      /^✗ blog-api in dev, blog-api in prod no task definition here has a container web: blog-api:43 has api$/,
    ],
    [
      'a channel that does not exist',
      { edit: [['C0DEPLOYS', 'C0NOTHERE']] },
      /^✗ C0NOTHERE Slack has no channel C0NOTHERE, or it is private and twokey is not in it$/,
    ],
    [
      'a user group that does not exist',
      { edit: [['S0ONCALL', 'S0NOTHERE']] },
      /^✗ user group S0NOTHERE Slack has no user group S0NOTHERE, or it is disabled$/,
    ],
    [
      'an account that does not exist',
      { edit: [['U0APPROVER', 'U0NOTHERE']] },
      /^✗ U0NOTHERE Slack has no account U0NOTHERE$/,
    ],
    [
      'fewer approvers than approvals',
      { edit: [['S0DEPLOYERS, U0APPROVER', 'S0ONCALL']] },
      /^✗ approvals: blog-api in prod 2 approvals needed, but only 1 person may approve$/,
    ],
  ])('names %s, and exits with status 1', async (_, wrong, line) => {
    const { status, lines } = await checked(wrong)
    const problems = lines.filter((each) => /^[✗?]/.test(each))
    expect(problems).toEqual([expect.stringMatching(line)])
    expect(lines.at(-2)).toMatch(/^1 problem, \d+ OK\.$/)
    expect(status).toBe(1)
  })

  test('marks what could not be read with a question mark, and exits with status 1', async () => {
    const { status, lines } = await checked({ env: { GITHUB_API_URL: 'http://127.0.0.1:9' } })
    expect(lines.filter((each) => /^[✗?]/.test(each))).toEqual([
      expect.stringMatching(/^\? GitHub could not be checked: GitHub could not be reached: .+/),
    ])
    expect(status).toBe(1)
  })

  test('rejects an empty AWS_REGION with status 2', async () => {
    const { status, out, err } = await checked({ env: { AWS_REGION: '', AWS_CONFIG_FILE: '/dev/null' } })
    expect(err).toMatch(/^No AWS region for blog-api in dev: AWS_REGION is empty\. Set AWS_REGION, or write/)
    expect(out).toBe('')
    expect(status).toBe(2)
  })

  test('reports a broken config file and missing variables together, and exits with status 2', async () => {
    const { status, err } = await checked({
      edit: [['branch: main', 'brunch: main']],
      env: { GITHUB_TOKEN: '' },
    })
    expect(err).toContain('brunch')
    expect(err).toContain('GITHUB_TOKEN')
    expect(status).toBe(2)
  })
})
