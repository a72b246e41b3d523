import { runSimulation } from '@cloud-copilot/iam-simulate'
import { describe, expect, it } from 'vitest'
import { rolesToJson } from '../../src/iam/formats/json.ts'
import { type Evaluation, evaluate } from '../../src/iam/trust/evaluate.ts'
import { deployToken, otherTokens } from '../../src/iam/trust/jobs.ts'
import { trustPolicyIn } from '../../src/iam/trust/policy.ts'
import type { Token } from '../../src/iam/trust/token.ts'
import { Chance } from '../release/chance.ts'
import { deploy, issuer, provider } from './deploy-job.ts'
import { filledRoles, setupOf, twoAccounts } from './setup.ts'

/**
 * The evaluator beside an independent simulator of IAM. That one drops `aud` and `sub`, which IAM's tables do not list, so
 * the policies here are about the other claims.
 */

async function simulated(policy: object, { claims }: Token): Promise<Evaluation['is']> {
  const known = Object.entries(claims).filter(
    ([name, value]) => value !== null && !['aud', 'sub'].includes(name),
  )
  const result = await runSimulation(
    {
      request: {
        principal: provider,
        action: 'sts:AssumeRoleWithWebIdentity',
        resource: { resource: 'arn:aws:iam::123456789012:role/deploy', accountId: '123456789012' },
        contextVariables: Object.fromEntries(known.map(([name, value]) => [`${issuer}:${name}`, value!])),
      },
      identityPolicies: [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: policy,
    },
    {},
  )
  if (result.resultType !== 'single') throw new Error(JSON.stringify(result))
  return result.overallResult === 'Allowed' ? 'allowed' : 'refused'
}

const operators = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
].flatMap((name) => [name, `${name}IfExists`, `ForAllValues:${name}`, `ForAnyValue:${name}`])

const valuesOf: Readonly<Record<string, readonly string[]>> = {
  environment: ['production', 'Production', 'staging', 'prod*', '*', 'productio?', ''],
  ref: ['refs/heads/main', 'refs/heads/*', 'refs/tags/*', 'refs/*/m??n', 'main'],
  repository: ['myorg/blog-api', 'myorg/*', 'MyOrg/blog-api', '*/blog-api'],
  repository_id: ['4711', '47*', '4712'],
}

/** A random policy of up to three statements with up to three conditions each. */
function randomPolicy(chance: Chance) {
  const pick = <T>(things: readonly T[]) => chance.of(things)
  const several = <T>(most: number, each: () => T) =>
    Array.from({ length: 1 + Math.floor(chance.next() * (most + 1)) }, each)
  const condition = () => {
    const claim = pick(Object.keys(valuesOf))
    const isNull = chance.is(0.1)
    return {
      operator: isNull ? 'Null' : pick(operators),
      key: `${issuer}:${claim}`,
      values: isNull ? [pick(['true', 'false'])] : several(1, () => pick(valuesOf[claim]!)),
    }
  }
  const statement = () => {
    const conditions: Record<string, Record<string, string[]>> = {}
    for (const { operator, key, values } of several(2, condition))
      conditions[operator] = { ...conditions[operator], [key]: values }
    return {
      Effect: pick(['Allow', 'Allow', 'Allow', 'Deny']),
      Principal: { Federated: pick([provider, provider, provider, `${provider}/acme`]) },
      Action: pick(['sts:AssumeRoleWithWebIdentity', 'sts:*', 'sts:AssumeRole*', 'sts:TagSession']),
      Condition: conditions,
    }
  }
  return { Version: '2012-10-17', Statement: several(2, statement) }
}

const cluster = 'arn:aws:ecs:us-east-1:210987654321:cluster/blog-prod'
const ecs = (resource: string) => `arn:aws:ecs:us-east-1:210987654321:${resource}`
const taskRole = 'arn:aws:iam::210987654321:role/blog-api-task'

/** Requests as twokey and the deploy workflow send them to prod, and requests that neither should be able to send. */
const requests: readonly (readonly [string, string, string, Record<string, string>, boolean])[] = [
  [
    'twokey-prod',
    'ecs:DescribeServices',
    ecs('service/blog-prod/blog-api'),
    { 'ecs:cluster': cluster },
    true,
  ],
  ['twokey-prod', 'ecs:ListTasks', '*', { 'ecs:cluster': cluster }, true],
  ['twokey-prod', 'ecs:ListTasks', '*', { 'ecs:cluster': cluster.replace('prod', 'dev') }, false],
  ['twokey-prod', 'ecs:DescribeTasks', ecs('task/blog-prod/1a2b'), {}, true],
  ['twokey-prod', 'ecs:DescribeTaskDefinition', '*', {}, true],
  ['twokey-prod', 'ecs:StopServiceDeployment', ecs('service-deployment/blog-prod/blog-api/x1'), {}, true],
  ['twokey-prod', 'ecs:StopServiceDeployment', ecs('service-deployment/blog-prod/shop/x1'), {}, false],
  [
    'twokey-prod',
    'ecs:UpdateService',
    ecs('service/blog-prod/blog-api'),
    { 'ecs:task-definition': ecs('task-definition/blog-api:42') },
    true,
  ],
  [
    'twokey-prod',
    'ecs:UpdateService',
    ecs('service/blog-prod/blog-api'),
    { 'ecs:task-definition': ecs('task-definition/miner:1') },
    false,
  ],
  ['twokey-prod', 'ecs:UpdateService', ecs('service/blog-prod/blog-api'), {}, false],
  [
    'twokey-prod',
    'ecs:UpdateService',
    ecs('service/blog-prod/shop'),
    { 'ecs:task-definition': ecs('task-definition/blog-api:42') },
    false,
  ],
  [
    'twokey-prod',
    'ecs:RunTask',
    ecs('task-definition/blog-api-migrate:7'),
    { 'ecs:cluster': cluster },
    false,
  ],
  ['twokey-prod', 'iam:PassRole', taskRole, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }, false],
  ['twokey-prod', 'ecr:DescribeImages', 'arn:aws:ecr:us-east-1:210987654321:repository/blog-api', {}, true],
  ['twokey', 'sts:AssumeRole', 'arn:aws:iam::210987654321:role/ops/twokey-prod', {}, true],
  [
    'blog-api-deploy-production',
    'ecs:RunTask',
    ecs('task-definition/blog-api-migrate:7'),
    { 'ecs:cluster': cluster },
    true,
  ],
  [
    'blog-api-deploy-production',
    'ecs:RunTask',
    ecs('task-definition/blog-api:7'),
    { 'ecs:cluster': cluster },
    false,
  ],
  [
    'blog-api-deploy-production',
    'ecs:TagResource',
    ecs('task-definition/blog-api:43'),
    { 'ecs:CreateAction': 'RegisterTaskDefinition' },
    true,
  ],
  ['blog-api-deploy-production', 'ecs:TagResource', ecs('task-definition/blog-api:42'), {}, false],
  [
    'blog-api-deploy-production',
    'iam:PassRole',
    taskRole,
    { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    true,
  ],
  [
    'blog-api-deploy-production',
    'iam:PassRole',
    taskRole,
    { 'iam:PassedToService': 'lambda.amazonaws.com' },
    false,
  ],
  [
    'blog-api-deploy-production',
    'iam:PassRole',
    'arn:aws:iam::210987654321:role/admin',
    { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    false,
  ],
  [
    'blog-api-deploy-production',
    'ecr:PutImage',
    'arn:aws:ecr:us-east-1:210987654321:repository/blog-api',
    {},
    true,
  ],
]

const printed = JSON.parse(rolesToJson(filledRoles(setupOf(twoAccounts)))) as {
  readonly RoleName: string
  readonly Policies: readonly { readonly PolicyName: string; readonly PolicyDocument: object }[]
}[]

describe('an independent simulator of IAM', () => {
  it.each(requests)(
    'reads the policies of %s: %s on %s with %j is allowed: %s',
    async (role, action, resource, context, isAllowed) => {
      const { Policies } = printed.find(({ RoleName }) => RoleName === role)!
      const result = await runSimulation(
        {
          request: {
            principal: `arn:aws:iam::${role === 'twokey' ? '123456789012' : '210987654321'}:role/${role}`,
            action,
            resource: { resource, accountId: '210987654321' },
            contextVariables: context,
          },
          identityPolicies: Policies.map((each) => ({ name: each.PolicyName, policy: each.PolicyDocument })),
          serviceControlPolicies: [],
          resourceControlPolicies: [],
          ...(action === 'sts:AssumeRole' && {
            resourcePolicy: {
              Version: '2012-10-17',
              Statement: {
                Effect: 'Allow',
                Principal: { AWS: 'arn:aws:iam::123456789012:role/twokey' },
                Action: action,
              },
            },
          }),
        },
        {},
      )
      expect(result).not.toHaveProperty('errors')
      expect('overallResult' in result && result.overallResult === 'Allowed').toBe(isAllowed)
    },
  )

  it('agrees with the evaluator on random policies and all kinds of jobs', async () => {
    const random = new Chance(20_260_714)
    const found: Record<Evaluation['is'], number> = { allowed: 0, refused: 0, 'cannot tell': 0 }
    const differences: unknown[] = []
    for (let round = 0; round < 150; round++) {
      const policy = randomPolicy(random)
      const read = trustPolicyIn(JSON.stringify(policy))!
      const tokens = [deployToken(deploy), ...[...otherTokens(deploy, read).values()].flat()]
      for (const token of tokens) {
        const ours = evaluate(read, token).is
        found[ours]++
        if (ours === 'cannot tell') continue
        const theirs = await simulated(policy, token)
        if (ours !== theirs) differences.push({ ours, theirs, policy, claims: token.claims })
      }
    }
    expect(differences.slice(0, 2)).toEqual([])
    expect(found['cannot tell']).toBe(0)
    expect(found.allowed).toBeGreaterThan(200)
    expect(found.refused).toBeGreaterThan(200)
  })
})
