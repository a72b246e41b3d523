import type { Plan } from '../../src/init/plan.ts'

const deployRole = 'arn:aws:iam::123456789012:role/github-actions-deploy'

/** The plan whose workflow is docs/examples/deploy.yml: the service that the sandbox has, too. */
export const examplePlan: Plan = {
  repository: 'myorg/blog-api',
  service: 'blog-api',
  container: 'api',
  image: '123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/blog-api',
  migration: { family: 'blog-api-migrate', container: 'migrate' },
  tests: 'npm',
  channel: 'C0DEPLOYS',
  approvers: ['S0DEPLOYERS', 'U0APPROVER'],
  environments: [
    {
      name: 'dev',
      githubEnvironment: 'dev',
      branch: 'develop',
      approvals: 0,
      region: 'ap-northeast-2',
      cluster: 'blog-cluster-dev',
      ecsService: 'blog-api',
      codeDeploy: null,
      deployRole,
    },
    {
      name: 'prod',
      githubEnvironment: 'production',
      branch: 'main',
      approvals: 2,
      region: 'ap-northeast-2',
      cluster: 'blog-cluster-prod',
      ecsService: 'blog-api',
      codeDeploy: null,
      deployRole,
    },
  ],
}
