import { repository } from '../seed.ts'
import { arn, home } from './arn.ts'
import type { Iam } from './iam.ts'

/** The issuer of the tokens of jobs: the sandbox is an Enterprise Server on this machine. Source: docs.github.com, OpenID Connect. */
const issuer = '127.0.0.1/_services/token'

/** The role of the deploy job in production, and the only subject that it trusts. */
export const deployRole = {
  name: 'github-actions-deploy',
  subject: `repo:${repository}:environment:production`,
} as const

/** The role of the deploy job of each GitHub environment, the OIDC provider that they trust, and the role that starts tasks. */
export function seedRoles(iam: Iam): void {
  iam.setProviders(home.account, [{ url: issuer, audiences: ['sts.amazonaws.com'] }])
  for (const { name, subject } of [
    deployRole,
    { name: 'github-actions-deploy-dev', subject: `repo:${repository}:environment:dev` },
  ])
    iam.addRole(home, name, { trusts: [], trustPolicy: trustOf(subject) })
  iam.addRole(home, 'ecs-execution', {
    trusts: [],
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    },
    mayRead: [arn.secret(home, 'blog-')],
  })
}

/** Whether the role of the deploy job in production trusts what it did at first. */
export function hasSeededTrust(iam: Iam): boolean {
  const role = iam.role(arn.role(home, deployRole.name))
  return JSON.stringify(role?.trustPolicy) === JSON.stringify(trustOf(deployRole.subject))
}

/** A trust policy for jobs with this subject. */
export function trustOf(subject: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: arn.provider(home, issuer) },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: subject },
        },
      },
    ],
  }
}
