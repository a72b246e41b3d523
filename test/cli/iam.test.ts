import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { twoAccounts, values } from '../iam/setup.ts'
import { ownFolder } from '../store/folder.ts'
import { runHere } from './run-here.ts'
import { twokey } from './twokey.ts'

function iam(...words: readonly string[]) {
  return iamWith('', ...words)
}

function iamWith(piped: string, ...words: readonly string[]) {
  const folder = ownFolder()
  writeFileSync(join(folder, 'twokey.yml'), twoAccounts)
  return runHere(folder, ['iam', ...words], {
    piped,
    env: { TWOKEY_CONFIG: join(folder, 'twokey.yml'), AWS_REGION: 'eu-west-1' },
  })
}

const set = [...values].flatMap(([name, entries]) => ['--set', `${name}=${entries.join(',')}`])

describe('twokey iam', () => {
  it('explains each statement, and lists what twokey.yml does not have', async () => {
    const { status, out } = await iam()
    expect(status).toBe(0)
    for (const said of ['follow: FollowServices', 'deploy: PassRoles', 'repository_id_myorg_blog_api'])
      expect(out).toContain(said)
    expect(out).not.toContain('codedeploy:')
  })

  it('prints JSON of one role and feature, with the given values', async () => {
    const { status, out } = await iam(...set, '--format', 'json', '--role', 'twokey', '--feature', 'events')
    expect(status).toBe(0)
    expect(JSON.parse(out)).toEqual([
      {
        RoleName: 'twokey',
        Policies: [
          {
            PolicyName: 'events',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Sid: 'ReceiveEvents',
                  Effect: 'Allow',
                  Action: ['sqs:DeleteMessage', 'sqs:ReceiveMessage'],
                  Resource: ['arn:aws:sqs:eu-west-1:123456789012:twokey'],
                },
              ],
            },
          },
        ],
      },
    ])
  })

  it.each([
    ['JSON with values missing', ['--format', 'json'], 'task_roles'],
    ['roles of several accounts in one template', ['--format', 'terraform'], '--role twokey-prod'],
    ['a format that does not exist', ['--format', 'hcl'], 'cloudformation'],
    ['a feature that does not exist', ['--feature', 'login'], 'follow, rollback'],
    ['an environment that does not exist', ['--environment', 'staging'], 'dev, prod'],
    ['a role that does not exist', ['--role', 'admin'], 'twokey-prod'],
    ['a value that does not exist', ['--set', 'acount=123456789012'], 'account'],
    ['an account that is none', ['--set', 'account=12'], '12 digits'],
    ['two accounts', ['--set', 'account=123456789012,210987654321'], 'one value'],
  ])('%s: exit status 2, nothing on stdout', async (_name, words, said) => {
    const { status, out, err } = await iam(...words)
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(said)
  })
})

it.each([['iam'], ['iam', 'trust', '-', '--environment', 'prod']])(
  'GITHUB_API_URL is no URL: `twokey %s` has exit status 2 and names it',
  async (...words) => {
    const folder = ownFolder()
    writeFileSync(join(folder, 'twokey.yml'), twoAccounts)
    const env = {
      TWOKEY_CONFIG: join(folder, 'twokey.yml'),
      AWS_REGION: 'eu-west-1',
      GITHUB_API_URL: 'github',
    }
    const { status, err } = await twokey(folder, words, { env, piped: '{}' })
    expect(status).toBe(2)
    expect(err).toContain('GITHUB_API_URL')
  },
)

describe('twokey iam trust', () => {
  const trustOf = async () => {
    const { out } = await iam(...set, '--format', 'json', '--role', 'blog-api-deploy-production')
    return (JSON.parse(out) as { AssumeRolePolicyDocument: object }[])[0]!.AssumeRolePolicyDocument
  }
  const id = ['--set', 'repository_id_myorg_blog_api=4711']

  it('finds no problem in the trust policy that `twokey iam` prints', async () => {
    const policy = JSON.stringify(await trustOf())
    const { status, out } = await iamWith(policy, 'trust', '-', '--environment', 'prod', ...id)
    expect({ status, marks: out.match(/^[✗!?]/gm) }).toEqual({ status: 0, marks: null })
  })

  it('exit status 1 if the deploy job of another environment is refused', async () => {
    const policy = encodeURIComponent(JSON.stringify(await trustOf()))
    const { status, out } = await iamWith(policy, 'trust', '-', '--environment', 'dev', ...id)
    expect(status).toBe(1)
    expect(out).toMatch(/^✗ the deploy job/m)
  })

  it.each([
    ['no file', ['no-such-file.json', '--environment', 'prod'], 'no-such-file.json'],
    ['a file without a trust policy', ['-', '--environment', 'prod'], 'aws iam get-role'],
    ['several deploy jobs', ['-'], '--environment'],
  ])('%s: exit status 2, nothing on stdout', async (_name, words, said) => {
    const { status, out, err } = await iamWith('{}', 'trust', ...words)
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(said)
  })
})
