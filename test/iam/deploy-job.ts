import type { DeployJob } from '../../src/iam/trust/jobs.ts'

/** The issuer of GitHub's tokens, and its provider in the account. */
export const issuer = 'token.actions.githubusercontent.com'
export const provider = `arn:aws:iam::123456789012:oidc-provider/${issuer}`

/** The job that deploys blog-api to production. */
export const deploy: DeployJob = {
  issuer,
  repository: 'myorg/blog-api',
  repositoryId: '4711',
  subjectPrefix: 'repo:myorg/blog-api',
  subjectClaims: null,
  githubEnvironment: 'production',
  branch: 'main',
}
