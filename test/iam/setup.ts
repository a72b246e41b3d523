import { parseConfig } from '../../src/config/load.ts'
import { queuesOf } from '../../src/config/queues.ts'
import { settingsOf } from '../../src/config/settings.ts'
import { fillRole, type Values } from '../../src/iam/fill.ts'
import { gitHubIssuer } from '../../src/iam/issuer.ts'
import { rolesFor, type Setup } from '../../src/iam/roles.ts'
import { features, type Role } from '../../src/iam/statement.ts'

/** dev in twokey's own account, prod in another one; a queue in each, and a migration. */
export const twoAccounts = `
slack: { channel: C0DEPLOYS }
events:
  - queueUrl: https://sqs.eu-west-1.amazonaws.com/123456789012/twokey
  - queueUrl: https://sqs.us-east-1.amazonaws.com/210987654321/twokey
environments:
  dev: { branch: develop, approvals: { required: 0 } }
  prod:
    branch: main
    githubEnvironment: production
    aws: { region: us-east-1, roleArn: arn:aws:iam::210987654321:role/ops/twokey-prod }
    approvals: { required: 1, approvers: [S0DEPLOYERS] }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    migration: { family: blog-api-migrate }
    environments:
      dev: { cluster: blog-dev, service: blog-api }
      prod: { cluster: blog-prod, service: blog-api }
`

/** What roles are for, as twokey.yml says it. twokey runs in eu-west-1. */
export function setupOf(config: string, over: Partial<Setup> = {}): Setup {
  const loaded = parseConfig(config, { region: 'eu-west-1' })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  return {
    ...settingsOf(loaded.config, 'eu-west-1'),
    queues: queuesOf(loaded.config),
    defaultRegion: 'eu-west-1',
    issuer: gitHubIssuer,
    features,
    ...over,
  }
}

/** Values for everything that `twoAccounts` does not say. */
export const values: Values = new Map([
  ['account', ['123456789012']],
  ['twokey_role', ['twokey']],
  ['log_groups', ['/ecs/blog-api']],
  ['ecr_repositories', ['blog-api', 'blog-migrate']],
  ['task_families', ['blog-api']],
  ['task_roles', ['blog-api-task', 'blog-api-execution']],
  ['codedeploy_applications', ['blog']],
  ['deploy_roles', ['blog-api-deploy-*']],
  ['secrets', ['blog/*']],
  ['repository_id_myorg_blog_api', ['4711']],
  ['subject_prefix_myorg_blog_api', ['repo:myorg/blog-api']],
])

/** The roles of a setup, with these values. */
export function filledRoles(setup: Setup, own: Values = values): readonly Role[] {
  return rolesFor(setup).map((role) => fillRole(role, own))
}
