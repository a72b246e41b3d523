import { describe, expect, it } from 'vitest'
import { rolesToJson } from '../../src/iam/formats/json.ts'
import { evaluate } from '../../src/iam/trust/evaluate.ts'
import { type DeployJob, deployToken, otherJobs, otherTokens } from '../../src/iam/trust/jobs.ts'
import { trustPolicyIn } from '../../src/iam/trust/policy.ts'
import type { Token } from '../../src/iam/trust/token.ts'
import { deploy, issuer, provider } from './deploy-job.ts'
import { filledRoles, setupOf, twoAccounts, values } from './setup.ts'
import { variable } from './variable.ts'

const sub = 'repo:myorg/blog-api:environment:production'

/** A statement that lets the deploy job in, with these parts exchanged. */
function statement(over: Readonly<Record<string, unknown>> = {}) {
  return {
    Effect: 'Allow',
    Principal: { Federated: provider },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${issuer}:sub`]: sub } },
    ...over,
  }
}

function policyOf(statements: unknown, version = '2012-10-17') {
  const policy = trustPolicyIn(JSON.stringify({ Version: version, Statement: statements }))
  if (policy === null) throw new Error('no trust policy')
  return policy
}

const verdict = (statements: unknown, token: Token = deployToken(deploy), version?: string) =>
  evaluate(policyOf(statements, version), token).is

/** A statement with only this condition. */
const when = (operator: string, claim: string, value: unknown) =>
  statement({ Condition: { [operator]: { [claim.includes(':') ? claim : `${issuer}:${claim}`]: value } } })

/** The deploy job is in production, on main; its repository's ID is 4711. */
const conditions: readonly (readonly [string, string, unknown, 'allowed' | 'refused' | 'cannot tell'])[] = [
  ['StringEquals', 'sub', sub, 'allowed'],
  ['StringEquals', 'sub', ['repo:other', sub], 'allowed'],
  ['StringEquals', 'sub', [], 'refused'],
  ['StringEquals', 'sub', sub.toUpperCase(), 'refused'],
  ['StringEquals', 'sub', 'repo:myorg/blog-api:*', 'refused'],
  ['StringEquals', `${issuer.toUpperCase()}:SUB`, sub, 'allowed'],
  ['StringEquals', 'aud', 'sts.amazonaws.com', 'allowed'],
  ['StringEquals', 'aud', 'https://github.com/myorg', 'refused'],
  ['StringEquals', 'ref', 'refs/heads/main', 'allowed'],
  ['StringEquals', 'ref', 'refs/heads/develop', 'refused'],
  ['StringEquals', 'repository_id', '4711', 'allowed'],
  ['StringEquals', 'repository_id', 4711, 'allowed'],
  ['StringEquals', 'environment', 'Production', 'refused'],
  ['StringEqualsIgnoreCase', 'environment', 'Production', 'allowed'],
  ['StringEqualsIgnoreCase', 'sub', '*', 'refused'],
  ['StringNotEquals', 'environment', 'production', 'refused'],
  ['StringNotEquals', 'environment', 'staging', 'allowed'],
  ['StringNotEquals', 'environment', ['staging', 'production'], 'refused'],
  ['StringNotEqualsIgnoreCase', 'environment', 'PRODUCTION', 'refused'],
  ['StringLike', 'sub', 'repo:myorg/*', 'allowed'],
  ['StringLike', 'sub', 'repo:*', 'allowed'],
  ['StringLike', 'sub', 'repo:myorg/blog-ap?:environment:production', 'allowed'],
  ['StringLike', 'sub', 'repo:myorg/blog-ap?', 'refused'],
  ['StringLike', 'sub', 'repo:myorg/blog.api:*', 'refused'],
  ['StringLike', 'sub', ['repo:a/*', 'repo:myorg/*:environment:prod*'], 'allowed'],
  ['StringLike', 'sub', 'REPO:*', 'refused'],
  ['StringNotLike', 'ref', 'refs/heads/m*', 'refused'],
  ['StringNotLike', 'ref', 'refs/tags/*', 'allowed'],
  // A variable of IAM has a value that only the request has; three are literal.
  ['StringLike', 'environment', variable('aws:PrincipalTag/env'), 'cannot tell'],
  ['StringLike', 'environment', [variable('aws:PrincipalTag/env'), 'prod*'], 'allowed'],
  ['StringLike', 'environment', `production${variable('*')}`, 'refused'],
  // Claims with a value that depends on more than the job.
  ['StringEquals', 'actor', 'mona', 'cannot tell'],
  ['StringLike', 'actor', '*', 'allowed'],
  ['StringNotLike', 'actor', '*', 'refused'],
  [
    'StringEquals',
    'job_workflow_ref',
    'myorg/blog-api/.github/workflows/deploy.yml@refs/heads/main',
    'cannot tell',
  ],
  ['StringEquals', 'enterprise_id', '1', 'cannot tell'],
  // Claims that STS does not know are absent.
  ['StringEquals', 'event_name', 'workflow_dispatch', 'refused'],
  ['StringEqualsIfExists', 'event_name', 'push', 'allowed'],
  ['StringNotEquals', 'event_name', 'pull_request', 'allowed'],
  ['StringLikeIfExists', 'environment', 'staging', 'refused'],
  ['StringEqualsIfExists', 'environment', 'production', 'allowed'],
  ['StringEquals', 'repo_property_team', 'blog', 'cannot tell'],
  // Keys of other issuers are absent, those of AWS are not known.
  ['StringEquals', `${issuer}/acme:sub`, sub, 'refused'],
  ['StringEquals', 'accounts.google.com:aud', 'x', 'refused'],
  ['StringEquals', 'aws:RequestedRegion', 'eu-west-1', 'cannot tell'],
  ['StringEquals', 'sts:RoleSessionName', 'deploy', 'cannot tell'],
  // Sets: a claim has one value.
  ['ForAllValues:StringEquals', 'environment', ['production', 'staging'], 'allowed'],
  ['ForAllValues:StringEquals', 'environment', 'staging', 'refused'],
  ['ForAllValues:StringEquals', 'event_name', 'push', 'allowed'],
  ['ForAllValues:StringNotEquals', 'environment', 'production', 'refused'],
  ['ForAnyValue:StringEquals', 'environment', ['production', 'staging'], 'allowed'],
  ['ForAnyValue:StringEquals', 'event_name', 'push', 'refused'],
  ['ForAnyValue:StringNotEquals', 'event_name', 'push', 'refused'],
  ['ForAnyValue:StringLikeIfExists', 'event_name', 'push', 'allowed'],
  ['ForAnyValue:StringLike', 'sub', 'repo:myorg/*', 'allowed'],
  // Whether a claim is there.
  ['Null', 'environment', 'false', 'allowed'],
  ['Null', 'environment', false, 'allowed'],
  ['Null', 'environment', 'true', 'refused'],
  ['Null', 'event_name', 'true', 'allowed'],
  ['Null', 'actor', 'false', 'allowed'],
  ['Null', 'aws:SourceIp', 'false', 'cannot tell'],
  // Operators of other types, and those that do not exist.
  ['IpAddress', 'aws:SourceIp', '10.0.0.0/8', 'cannot tell'],
  ['DateLessThan', 'aws:CurrentTime', '2030-01-01T00:00:00Z', 'cannot tell'],
  ['ArnLike', 'sub', 'arn:aws:*', 'cannot tell'],
  ['NumericEquals', 'repository_id', '4711', 'cannot tell'],
  ['ForAllValues:Null', 'environment', 'false', 'cannot tell'],
  ['StringMatches', 'sub', sub, 'cannot tell'],
  ['ForSomeValues:StringEquals', 'sub', sub, 'cannot tell'],
]

describe('a condition', () => {
  it.each(conditions)('%s of %s with %j: the deploy job is %s', (operator, claim, value, is) => {
    expect(verdict([when(operator, claim, value)])).toBe(is)
  })

  it('policies of 2008 have no variables', () => {
    const literal = variable('aws:username')
    const named = { ...deploy, githubEnvironment: literal }
    expect(verdict([when('StringEquals', 'environment', literal)], deployToken(named), '2008-10-17')).toBe(
      'allowed',
    )
    expect(verdict([when('StringEquals', 'environment', literal)], deployToken(named))).toBe('cannot tell')
  })

  it('GitHub Enterprise Server: STS checks only the audience and the subject', () => {
    const own = 'github.example.com/_services/token'
    const token = deployToken({ ...deploy, issuer: own })
    const of = (claim: string, value: string) =>
      statement({
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${own}` },
        Condition: { StringEquals: { [`${own}:${claim}`]: value } },
      })
    expect(verdict([of('sub', sub)], token)).toBe('allowed')
    expect(verdict([of('environment', 'production')], token)).toBe('refused')
  })
})

const whole: readonly (readonly [string, unknown, 'allowed' | 'refused' | 'cannot tell'])[] = [
  ['one statement, not in a list', statement(), 'allowed'],
  ['no statement', [], 'refused'],
  ['a statement without conditions', [statement({ Condition: undefined })], 'allowed'],
  [
    'two conditions, both met',
    [
      statement({
        Condition: {
          StringEquals: { [`${issuer}:sub`]: sub },
          StringLike: { [`${issuer}:ref`]: 'refs/heads/*' },
        },
      }),
    ],
    'allowed',
  ],
  [
    'two conditions, one not met',
    [
      statement({
        Condition: { StringEquals: { [`${issuer}:sub`]: sub, [`${issuer}:ref`]: 'refs/heads/x' } },
      }),
    ],
    'refused',
  ],
  [
    'one condition not met, one not known',
    [statement({ Condition: { StringEquals: { [`${issuer}:sub`]: 'x', 'aws:SourceVpc': 'vpc-1' } } })],
    'refused',
  ],
  ['two statements, the second one met', [when('StringEquals', 'sub', 'x'), statement()], 'allowed'],
  [
    'one met, one that cannot be told',
    [when('IpAddress', 'aws:SourceIp', '10.0.0.0/8'), statement()],
    'allowed',
  ],
  [
    'one not met, one that cannot be told',
    [when('IpAddress', 'aws:SourceIp', '10.0.0.0/8'), when('StringEquals', 'sub', 'x')],
    'cannot tell',
  ],
  [
    'a Deny that applies',
    [statement(), { ...when('StringLike', 'sub', 'repo:*'), Effect: 'Deny' }],
    'refused',
  ],
  [
    'a Deny that does not apply',
    [statement(), { ...when('StringNotEquals', 'environment', 'production'), Effect: 'Deny' }],
    'allowed',
  ],
  [
    'a Deny that cannot be told',
    [statement(), { ...when('NotIpAddress', 'aws:SourceIp', '10.0.0.0/8'), Effect: 'Deny' }],
    'cannot tell',
  ],
  [
    'a Deny that cannot be told, and nothing that allows',
    [{ ...when('NotIpAddress', 'aws:SourceIp', '10.0.0.0/8'), Effect: 'Deny' }],
    'refused',
  ],
  ['a Deny for everybody', [statement(), statement({ Effect: 'Deny', Principal: '*' })], 'cannot tell'],
  ['all actions of STS', [statement({ Action: 'sts:*' })], 'allowed'],
  ['all actions', [statement({ Action: '*' })], 'allowed'],
  ['an action with wildcards, in other case', [statement({ Action: ['STS:assumerole*'] })], 'allowed'],
  ['another action', [statement({ Action: ['sts:AssumeRole', 'sts:TagSession'] })], 'refused'],
  [
    'all actions but this one',
    [statement({ Action: undefined, NotAction: 'sts:AssumeRoleWith*' })],
    'refused',
  ],
  ['all actions but another one', [statement({ Action: undefined, NotAction: 'sts:TagSession' })], 'allowed'],
  [
    'several providers',
    [statement({ Principal: { Federated: ['cognito-identity.amazonaws.com', provider] } })],
    'allowed',
  ],
  [
    'a provider in China',
    [statement({ Principal: { Federated: provider.replace('arn:aws:', 'arn:aws-cn:') } })],
    'allowed',
  ],
  ['the provider of an enterprise', [statement({ Principal: { Federated: `${provider}/acme` } })], 'refused'],
  ['a service', [statement({ Principal: { Service: 'ec2.amazonaws.com' } })], 'refused'],
  ['an account', [statement({ Principal: { AWS: 'arn:aws:iam::123456789012:root' } })], 'refused'],
  ['everybody', [statement({ Principal: '*' })], 'cannot tell'],
  ['all of AWS', [statement({ Principal: { AWS: '*' } })], 'cannot tell'],
  ['all providers', [statement({ Principal: { Federated: '*' } })], 'cannot tell'],
  [
    'everybody, with a condition that is not met',
    [statement({ Principal: '*', Condition: { StringEquals: { [`${issuer}:sub`]: 'x' } } })],
    'refused',
  ],
  [
    'everybody but this provider',
    [statement({ Principal: undefined, NotPrincipal: { Federated: provider } })],
    'refused',
  ],
  [
    'everybody but somebody else',
    [statement({ Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::1:root' } })],
    'cannot tell',
  ],
]

describe('a trust policy', () => {
  it.each(whole)('with %s', (_what, statements, is) => {
    expect(verdict(statements)).toBe(is)
  })

  it('a trust policy is read from URL-encoded JSON, as IAM returns it', () => {
    const text = JSON.stringify({ Version: '2012-10-17', Statement: [statement()] })
    expect(trustPolicyIn(encodeURIComponent(text))).toEqual(trustPolicyIn(text))
    expect(trustPolicyIn(text)).not.toBeNull()
  })

  it.each([
    ['no JSON', 'Version: 2012-10-17'],
    ['broken encoding', '%7B%'],
    ['no statement', '{}'],
    ['an effect that does not exist', JSON.stringify({ Statement: [statement({ Effect: 'Maybe' })] })],
    [
      'no principal, as a permissions policy',
      JSON.stringify({ Statement: [statement({ Principal: undefined })] }),
    ],
    ['no action', JSON.stringify({ Statement: [statement({ Action: undefined })] })],
    ['a list', '[]'],
  ])('%s is no trust policy', (_what, text) => {
    expect(trustPolicyIn(text)).toBeNull()
  })
})

/** The other jobs that a policy lets in, and those of which it cannot be told. */
function letIn(statements: unknown, job: DeployJob = deploy): readonly string[] {
  const policy = policyOf(statements)
  return [...otherTokens(job, policy)].flatMap(([kind, tokens]) => {
    const found = tokens.map((token) => evaluate(policy, token).is)
    return found.includes('allowed') ? [kind] : found.includes('cannot tell') ? [`${kind}?`] : []
  })
}

describe('the trust policy that twokey prints', () => {
  const printed = (config = twoAccounts, over = {}, own = values) => {
    const roles = JSON.parse(rolesToJson(filledRoles(setupOf(config, over), own)))
    return roles.at(-1).AssumeRolePolicyDocument.Statement
  }

  it.each([
    ['by default', {}],
    ['with the IDs in the subject', { subjectPrefix: 'repo:myorg@1/blog-api@4711' }],
    ['at an enterprise with its own issuer', { issuer: `${issuer}/acme` }],
    ['at a tenant of ghe.com', { issuer: 'token.actions.acme.ghe.com' }],
  ])('lets the deploy job in and %s no other', (_when, over: Partial<DeployJob>) => {
    const job = { ...deploy, ...over }
    const own = new Map([...values, ['subject_prefix_myorg_blog_api', [job.subjectPrefix]]])
    const statements = printed(twoAccounts, { issuer: job.issuer }, own)
    expect(verdict(statements, deployToken(job))).toBe('allowed')
    expect(letIn(statements, job)).toEqual([])
    expect(otherJobs.length).toBeGreaterThanOrEqual(9)
  })

  it('lets the deploy job in whose environment has a colon or a dollar sign in its name', () => {
    const name = `prod:eu ${variable('x')}`
    const config = twoAccounts.replace('Environment: production', `Environment: '${name}'`)
    const job = { ...deploy, githubEnvironment: name }
    expect(deployToken(job).claims.sub).toContain(':environment:prod%3Aeu')
    expect(verdict(printed(config), deployToken(job))).toBe('allowed')
    expect(letIn(printed(config), job)).toEqual([])
  })

  it('leaves the branch to GitHub on GitHub Enterprise Server', () => {
    const own = 'github.example.com/_services/token'
    const statements = printed(twoAccounts, { issuer: own })
    expect(letIn(statements, { ...deploy, issuer: own })).toEqual([
      'other branch',
      'tag',
      'pull request in the environment',
      'new repository of the same name',
    ])
  })
})

const like = (pattern: string) => when('StringLike', 'sub', pattern)
const withoutEnvironment = [
  'no environment',
  'no environment, other branch',
  'no environment, tag',
  'pull request',
]
const inEnvironment = ['other branch', 'tag', 'pull request in the environment']

describe('leaks', () => {
  it.each<readonly [string, unknown, readonly string[]]>([
    ['only the environment in the subject', [statement()], inEnvironment],
    [
      'a second statement for the branch',
      [statement(), when('StringEquals', 'sub', 'repo:myorg/blog-api:ref:refs/heads/main')],
      ['no environment', ...inEnvironment],
    ],
    [
      'a second statement for another branch',
      [statement(), when('StringEquals', 'sub', 'repo:myorg/blog-api:ref:refs/heads/develop')],
      ['no environment, other branch', ...inEnvironment],
    ],
    [
      'a second statement for release branches',
      [statement(), like('repo:myorg/blog-api:ref:refs/heads/release/*')],
      ['no environment, other branch', ...inEnvironment],
    ],
    [
      'a second statement for tags of releases',
      [statement(), like('repo:myorg/blog-api:ref:refs/tags/release-*')],
      ['no environment, tag', ...inEnvironment],
    ],
    [
      'everything of the repository',
      [like('repo:myorg/blog-api:*')],
      [...withoutEnvironment, ...inEnvironment, 'other environment'],
    ],
    [
      'all environments that begin so',
      [like('repo:myorg/blog-api:environment:prod*')],
      [...inEnvironment, 'other environment'],
    ],
    [
      'everything of the owner',
      [like('repo:myorg/*')],
      [...withoutEnvironment, ...inEnvironment, 'other environment', 'other repository'],
    ],
    [
      'repositories that begin so',
      [like('repo:myorg/blog-api*')],
      [...withoutEnvironment, ...inEnvironment, 'other environment', 'other repository'],
    ],
    [
      'any owner',
      [like('repo:*/blog-api:environment:production')],
      [...inEnvironment, 'other repository', 'other owner'],
    ],
    [
      'everything',
      [like('*')],
      [
        ...withoutEnvironment,
        ...inEnvironment,
        'other environment',
        'other repository',
        'other owner',
        'new repository of the same name',
      ],
    ],
    [
      'only the audience',
      [when('StringEquals', 'aud', 'sts.amazonaws.com')],
      [
        ...withoutEnvironment,
        ...inEnvironment,
        'other environment',
        'other repository',
        'other owner',
        'new repository of the same name',
      ],
    ],
    [
      'ForAllValues on a claim that other jobs lack',
      [when('ForAllValues:StringEquals', 'environment', 'production')],
      [
        ...withoutEnvironment,
        ...inEnvironment,
        'other repository',
        'other owner',
        'new repository of the same name',
      ],
    ],
    [
      'IfExists on a claim that other jobs lack',
      [
        statement({
          Condition: {
            StringLike: { [`${issuer}:sub`]: 'repo:myorg/blog-api:*' },
            StringEqualsIfExists: { [`${issuer}:environment`]: 'production' },
          },
        }),
      ],
      [...withoutEnvironment, ...inEnvironment],
    ],
    [
      'the name of the repository, which somebody may take',
      [when('StringEquals', 'repository', 'myorg/blog-api')],
      [...withoutEnvironment, ...inEnvironment, 'other environment', 'new repository of the same name'],
    ],
    [
      'an environment and a branch, but only by GitHub claims',
      [
        statement({
          Condition: {
            StringEquals: {
              [`${issuer}:environment`]: 'production',
              [`${issuer}:ref`]: 'refs/heads/main',
              [`${issuer}:repository_id`]: '4711',
            },
          },
        }),
      ],
      [],
    ],
  ])('%s', (_what, statements, kinds) => {
    const found = letIn(statements)
    expect(found).toEqual(otherJobs.filter((kind) => kinds.includes(kind)))
    expect(verdict(statements)).toBe('allowed')
  })
})

describe('subjects', () => {
  it.each<readonly [string, Partial<DeployJob>, string | null]>([
    ['the default', {}, sub],
    [
      'with IDs',
      { subjectPrefix: 'repo:myorg@1/blog-api@4711' },
      'repo:myorg@1/blog-api@4711:environment:production',
    ],
    ['customized, with the ref', { subjectClaims: ['repo', 'context', 'ref'] }, `${sub}:ref:refs/heads/main`],
    ['customized, without the context', { subjectClaims: ['repository_id'] }, 'repository_id:4711'],
    ['customized, with a claim that is not known', { subjectClaims: ['repo', 'job_workflow_ref'] }, null],
  ])('%s', (_what, over, expected) => {
    expect(deployToken({ ...deploy, ...over }).claims.sub).toBe(expected)
  })

  it('a customized subject without the context does not tell jobs apart', () => {
    const job: DeployJob = { ...deploy, subjectClaims: ['repo', 'ref'] }
    const statements = [when('StringEquals', 'sub', 'repo:myorg/blog-api:ref:refs/heads/main')]
    expect(letIn(statements, job)).toEqual(['no environment', 'other environment'])
  })

  it('a policy for names only refuses the deploy job once GitHub puts IDs into the subject, and the other way round', () => {
    const withIds = { ...deploy, subjectPrefix: 'repo:myorg@1/blog-api@4711' }
    expect(evaluate(policyOf([statement()]), deployToken(withIds))).toMatchObject({
      is: 'refused',
      unmet: [{ operator: 'StringEquals', key: `${issuer}:sub`, values: [sub] }],
    })
    const ids = [when('StringEquals', 'sub', deployToken(withIds).claims.sub)]
    expect(verdict(ids)).toBe('refused')
  })
})
