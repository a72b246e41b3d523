import { runSimulation } from '@cloud-copilot/iam-simulate'
import { describe, expect, it } from 'vitest'
import { type Evaluation, evaluate } from '../../src/iam/trust/evaluate.ts'
import { type DeployJob, deployToken, otherTokens } from '../../src/iam/trust/jobs.ts'
import { trustPolicyIn } from '../../src/iam/trust/policy.ts'
import type { Token } from '../../src/iam/trust/token.ts'
import { Chance } from '../release/chance.ts'

/**
 * The evaluator beside an independent simulator of IAM. That one drops `aud` and `sub`, which IAM's tables do not list, so
 * the policies here are about the other claims.
 */

const issuer = 'token.actions.githubusercontent.com'
const provider = `arn:aws:iam::123456789012:oidc-provider/${issuer}`

const deploy: DeployJob = {
  issuer,
  repository: 'myorg/blog-api',
  repositoryId: '4711',
  subjectPrefix: 'repo:myorg/blog-api',
  subjectClaims: null,
  githubEnvironment: 'production',
  branch: 'main',
}

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

describe('an independent simulator of IAM', () => {
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
