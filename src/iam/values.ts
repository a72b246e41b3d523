import { unknown, type ValueName } from './text.ts'

/** A value of policies that twokey.yml does not have. */
export type Value = {
  readonly name: ValueName
  /** What it is, without a full stop. */
  readonly what: string
  /** An example, or a command that prints the value. */
  readonly example: string
  /** What one entry has to look like. */
  readonly pattern: RegExp
  /** Whether it has one entry only; otherwise commas separate several. */
  readonly isSingle?: true
}

/** A name in an ARN, in which IAM's wildcards may be. */
const namePattern = /^[\w.*?/+=@-]+$/

const fixed: readonly Value[] = [
  {
    name: 'account',
    what: 'the AWS account that twokey runs in, 12 digits',
    example: 'aws sts get-caller-identity --query Account --output text',
    pattern: /^\d{12}$/,
    isSingle: true,
  },
  {
    name: 'twokey_role',
    what: 'the name of the IAM role that twokey runs as',
    example: 'twokey',
    pattern: /^[\w+=.@/-]+$/,
    isSingle: true,
  },
  {
    name: 'log_groups',
    what: 'the log groups of the services and migrations',
    example: '/ecs/blog-*',
    pattern: namePattern,
  },
  {
    name: 'ecr_repositories',
    what: 'the ECR repositories of the images',
    example: 'blog-*',
    pattern: namePattern,
  },
  {
    name: 'task_families',
    what: 'the task definition families that the services run',
    example: 'blog-api',
    pattern: namePattern,
  },
  {
    name: 'task_roles',
    what: 'the names of the task roles and execution roles of the services and migrations',
    example: 'blog-api-task,blog-api-execution',
    pattern: namePattern,
  },
  {
    name: 'deploy_roles',
    what: 'the names of the roles that the deploy workflows assume',
    example: 'blog-api-deploy-*',
    pattern: namePattern,
  },
  {
    name: 'secrets',
    what: 'the names of the secrets of the containers in Secrets Manager',
    example: 'blog/*',
    pattern: namePattern,
  },
  {
    name: 'codedeploy_applications',
    what: 'the CodeDeploy applications of the services',
    example: 'AppECS-blog-cluster-prod-blog-api',
    pattern: namePattern,
  },
]

export const account = unknown('account')
export const twokeyRole = unknown('twokey_role')
export const logGroups = unknown('log_groups')
export const ecrRepositories = unknown('ecr_repositories')
export const taskFamilies = unknown('task_families')
export const taskRoles = unknown('task_roles')
export const deployRoles = unknown('deploy_roles')
export const secrets = unknown('secrets')
export const codeDeployApplications = unknown('codedeploy_applications')

/** The value with GitHub's ID of a repository (`owner/name`). */
export function repositoryId(repository: string): Value {
  return {
    name: `repository_id_${identifier(repository)}`,
    what: `GitHub's ID of ${repository}`,
    example: `gh api repos/${repository} --jq .id`,
    pattern: /^\d+$/,
  }
}

/** The value with the beginning of the subject that GitHub puts in tokens of a repository (`owner/name`). */
export function subjectPrefix(repository: string): Value {
  return {
    name: `subject_prefix_${identifier(repository)}`,
    what: `the beginning of the subject in tokens of ${repository}`,
    example: `gh api repos/${repository}/actions/oidc/customization/sub --jq .sub_claim_prefix`,
    pattern: /^[^*?$\s]+$/,
  }
}

/** Names of values are also names of variables in Terraform. */
function identifier(repository: string): string {
  return repository.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
}

/** All values that policies for these repositories may need. */
export function valuesFor(repositories: readonly string[]): readonly Value[] {
  const each = [...new Set(repositories)].flatMap((repository) => [
    subjectPrefix(repository),
    repositoryId(repository),
  ])
  return [...fixed, ...each]
}
