import { expect, it } from 'vitest'
import { trustFindings } from '../../src/doctor/trust.ts'
import { otherJobs } from '../../src/iam/trust/jobs.ts'
import { trustPolicyIn } from '../../src/iam/trust/policy.ts'
import { deploy, issuer, provider } from '../iam/deploy-job.ts'

/** What is found of a role with this condition, by state. */
function found(condition: object) {
  const policy = trustPolicyIn(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Sid: 'Jobs',
        Effect: 'Allow',
        Principal: { Federated: provider },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: condition,
      },
    }),
  )
  const findings = trustFindings(policy!, deploy)
  const about = (state: string) => findings.filter((each) => each.state === state)
  return {
    findings,
    right: about('right'),
    wrong: about('wrong'),
    caution: about('caution'),
    unavailable: about('unavailable'),
  }
}

it('a role for the environment and the branch has no problem', () => {
  const { findings, right } = found({
    StringEquals: {
      [`${issuer}:sub`]: 'repo:myorg/blog-api:environment:production',
      [`${issuer}:ref`]: 'refs/heads/main',
    },
  })
  expect(right).toEqual(findings)
  expect(findings).toHaveLength(1 + otherJobs.length)
})

it('a role for the environment leaves other branches to GitHub, which is no problem of the role', () => {
  const { wrong, caution } = found({
    StringEquals: { [`${issuer}:sub`]: 'repo:myorg/blog-api:environment:production' },
  })
  expect(wrong).toEqual([])
  expect(caution.map(({ about }) => about)).toEqual([
    'production, other branch',
    'production, tag',
    'pull request in the environment',
  ])
})

it('a role for everything of the repository names a token that passes by the gate, the statement, and the fix', () => {
  const { wrong } = found({ StringLike: { [`${issuer}:sub`]: 'repo:myorg/blog-api:*' } })
  const [first] = wrong
  expect(first).toMatchObject({ about: 'no environment, main', next: expect.stringContaining('environment') })
  expect(first!.says).toContain('repo:myorg/blog-api:ref:refs/heads/main')
  expect(first!.says).toContain('statement Jobs')
  expect(wrong.every(({ next }) => next !== null)).toBe(true)
})

it('a deploy job that may not assume the role shows what its token has and what the policy says', () => {
  const { wrong } = found({ StringEquals: { [`${issuer}:sub`]: 'repo:myorg/blog-api:environment:prod' } })
  expect(wrong[0]!.about).toBe('the deploy job')
  expect(wrong[0]!.says).toContain('repo:myorg/blog-api:environment:production')
  expect(wrong[0]!.says).toContain('repo:myorg/blog-api:environment:prod')
})

it('a condition that the token does not decide is named, and is no problem', () => {
  const { wrong, unavailable } = found({
    StringEquals: {
      [`${issuer}:sub`]: 'repo:myorg/blog-api:environment:production',
      [`${issuer}:ref`]: 'refs/heads/main',
    },
    IpAddress: { 'aws:SourceIp': '10.0.0.0/8' },
  })
  expect(wrong).toEqual([])
  expect(unavailable.map(({ about }) => about)).toEqual(['the deploy job'])
  expect(unavailable[0]!.says).toContain('aws:SourceIp')
})
