import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs'
import type { Octokit } from '@octokit/rest'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type AwsSandbox, startAws } from '../../sandbox/aws/server.ts'
import { type GitHubSandbox, startGitHub } from '../../sandbox/github/github.ts'
import { latest, type Run, type RunPlan } from '../../sandbox/github/runs.ts'
import { patience, testPace } from '../../sandbox/pace.ts'
import { mainCommits, registry, services } from '../../sandbox/seed.ts'
import { blogApi, ended, octokit, steps } from './github-client.ts'

let aws: AwsSandbox
let github: GitHubSandbox
let client: Octokit
let ecs: ECSClient

beforeEach(async () => {
  aws = await startAws({ pace: testPace })
  github = await startGitHub({ pace: testPace, aws: aws.env })
  client = octokit(github)
  ecs = new ECSClient({
    endpoint: aws.env.AWS_ENDPOINT_URL,
    region: aws.env.AWS_REGION,
    credentials: {
      accessKeyId: aws.env.AWS_ACCESS_KEY_ID,
      secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY,
    },
  })
})

afterEach(async () => {
  await github.close()
  await aws.close()
  expect(github.world.violations).toEqual([])
})

const wanted = mainCommits.at(-1)!.sha

/** Dispatches a deploy of the last commit of main, and returns the run. */
async function deploy(environment: 'dev' | 'production', plan: RunPlan = {}): Promise<Run> {
  github.world.next = plan
  const { data } = await client.request(
    'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
    {
      ...blogApi,
      workflow_id: 'deploy.yml',
      ref: 'main',
      inputs: { environment, sha: wanted, release_id: 'r1' },
      return_run_details: true,
    },
  )
  const { workflow_run_id } = data as unknown as { workflow_run_id: number }
  return github.world.find(workflow_run_id).run
}

async function serving(environment: 'dev' | 'prod') {
  const { cluster, service } = services[environment]
  const found = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))
  const taskDefinition = found.services![0]!.taskDefinition!
  const { taskDefinition: definition, tags } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }),
  )
  return {
    revision: definition!.revision,
    image: definition!.containerDefinitions![0]!.image,
    tags: tags ?? [],
    deployments: found.services![0]!.deployments!.length,
  }
}

const deployLog = (run: Run) =>
  latest(run)
    .jobs.find(({ key }) => key === 'deploy')!
    .log.join('\n')

it('the deploy workflow migrates, then rolls out the commit to prod with the release tag', async () => {
  const run = await deploy('production')
  expect(await ended(github.world, run)).toBe('success')
  expect(await serving('prod')).toEqual({
    revision: 44,
    image: `${registry}:${wanted}`,
    tags: [{ key: 'twokey-release', value: 'r1' }],
    deployments: 1,
  })
  expect(await serving('dev')).toMatchObject({ revision: 43 })
  expect(aws.log.of('RunTask').map(({ body }) => body)).toMatchObject([
    { cluster: 'blog-cluster-prod', startedBy: `deploy-${wanted}-r1`, launchType: 'FARGATE' },
  ])
})

it('the deploy workflow rolls out nothing after a failed migration, and shows its last lines', async () => {
  aws.world.migrations.next({ kind: 'exits', code: 1, log: ['relation "posts" exists already'] })
  const run = await deploy('production')
  expect(await ended(github.world, run)).toBe('failure')
  expect(steps(run, 'deploy').slice(6, 9)).toEqual(['Migrate: failure', 'Render: skipped', 'Deploy: skipped'])
  expect(deployLog(run)).toContain('relation "posts" exists already')
  expect(deployLog(run)).toContain('##[error]The migration ended with exit code 1')
  expect(aws.log.of('UpdateService')).toEqual([])
})

it('the deploy workflow treats a migration without an exit code as failed', async () => {
  aws.world.migrations.next({ kind: 'never-starts', stoppedReason: 'CannotPullContainerError: no route' })
  const run = await deploy('production')
  expect(await ended(github.world, run)).toBe('failure')
  expect(deployLog(run)).toContain('##[error]The migration ended with exit code None')
})

it('the deploy workflow fails if the circuit breaker rolled back', async () => {
  aws.world.unhealthy('next')
  const run = await deploy('production')
  expect(await ended(github.world, run)).toBe('failure')
  expect(steps(run, 'deploy')).toContain('Deploy: failure')
  expect(await serving('prod')).toMatchObject({ revision: 43, deployments: 1 })
})

it('the deploy workflow times out while ECS continues', async () => {
  const run = await deploy('production', { stabilityMs: 1 })
  expect(await ended(github.world, run)).toBe('failure')
  expect(deployLog(run)).toContain('Waiter has timed out')
  await aws.until(() => aws.log.of('UpdateService').length === 1)
  await expect
    .poll(() => serving('prod'), { timeout: patience })
    .toMatchObject({ revision: 44, deployments: 1 })
})

it('a cancelled deploy workflow stops, and ECS continues the rollout', async () => {
  const run = await deploy('production', { cancelAt: 'Smoke test' })
  expect(await ended(github.world, run)).toBe('cancelled')
  expect(await serving('prod')).toMatchObject({ revision: 44 })
})

it('the deploy workflow can be cancelled while it waits for stability', async () => {
  aws.world.rollouts.next({ kind: 'stuck' })
  const run = await deploy('dev')
  await aws.until(() => aws.log.of('UpdateService').length === 1)
  await client.actions.cancelWorkflowRun({ ...blogApi, run_id: run.id })
  expect(await ended(github.world, run)).toBe('cancelled')
  expect(await serving('dev')).toMatchObject({ revision: 44, deployments: 2 })
})

it('a push to develop deploys to dev without a release', async () => {
  const sha = github.world.push('develop', { message: 'Try another editor', author: 'Chloe' })
  const run = github.world.repository().runs.at(-1)!
  expect(await ended(github.world, run)).toBe('success')
  expect(await serving('dev')).toMatchObject({ image: `${registry}:${sha}`, tags: [] })
  expect(aws.log.of('RunTask')[0]!.body).toMatchObject({ startedBy: `deploy-${sha}` })
})

it('the deploy workflow fails with AWS’s message if AWS refuses', async () => {
  aws.world.deny('ecs:UpdateService')
  const run = await deploy('production')
  expect(await ended(github.world, run)).toBe('failure')
  expect(deployLog(run)).toContain('not authorized to perform: ecs:UpdateService')
})
