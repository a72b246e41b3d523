import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseDocument, visit } from 'yaml'
import { type AwsSandbox, startAws } from '../../sandbox/aws/server.ts'
import { type GitHubSandbox, startGitHub } from '../../sandbox/github/github.ts'
import { latest, type Run } from '../../sandbox/github/runs.ts'
import {
  deployPath,
  deployWorkflow,
  type PipelineName,
  pipelineWorkflow,
} from '../../sandbox/github/workflow-file.ts'
import { testPace } from '../../sandbox/pace.ts'
import { registry, services } from '../../sandbox/seed.ts'
import { blogApi, ended, octokit } from './github-client.ts'

let aws: AwsSandbox
let github: GitHubSandbox
let ecs: ECSClient

beforeEach(async () => {
  aws = await startAws({ pace: testPace })
  github = await startGitHub({ pace: testPace, aws: aws.env })
  ecs = new ECSClient({
    endpoint: aws.env.AWS_ENDPOINT_URL,
    region: aws.env.AWS_REGION,
    credentials: { accessKeyId: aws.env.AWS_ACCESS_KEY_ID, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY },
  })
})

afterEach(async () => {
  await github.close()
  await aws.close()
  expect(github.world.violations).toEqual([])
})

/** Pushes a workflow to both branches, and waits until the runs that this starts have ended. */
async function install(text: string): Promise<void> {
  for (const branch of ['main', 'develop'])
    github.world.push(branch, { message: 'Our own pipeline', files: { [deployPath]: text } })
  for (const run of github.world.repository().runs) await ended(github.world, run)
}

async function dispatch(ref: string, inputs?: Record<string, string>): Promise<Run> {
  await octokit(github).actions.createWorkflowDispatch({ ...blogApi, workflow_id: 'deploy.yml', ref, inputs })
  return github.world.repository().runs.at(-1)!
}

async function serving(environment: 'dev' | 'prod') {
  const { cluster, service } = services[environment]
  const found = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))
  const taskDefinition = found.services![0]!.taskDefinition!
  const { taskDefinition: definition, tags = [] } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }),
  )
  return { image: definition!.containerDefinitions![0]!.image, tags: tags.map(({ key }) => key) }
}

const jobNames = (run: Run) => latest(run).jobs.map(({ name }) => name)
const logOf = (run: Run, key: string) =>
  latest(run)
    .jobs.filter((job) => job.key === key)
    .flatMap(({ log }) => log)
    .join('\n')

describe.each<[PipelineName, string[]]>([
  ['pipeline', ['test', 'deploy']],
  ['pipeline-branches', ['test', 'setup', 'Deploy to production']],
])('the workflow %s', (name, jobs) => {
  beforeEach(() => install(pipelineWorkflow(name)))

  it('the pipeline deploys main to production by a dispatch without inputs', async () => {
    const run = await dispatch('main')
    expect(await ended(github.world, run)).toBe('success')
    expect(jobNames(run)).toEqual(jobs)
    const { image, tags } = await serving('prod')
    expect(image).toBe(`${registry}:${run.headSha}`)
    expect(tags).not.toContain('twokey-release')
    expect(aws.log.of('RunTask').at(-1)!.body).toMatchObject({
      cluster: 'blog-cluster-prod',
      startedBy: `deploy-${run.headSha}`,
    })
    expect(github.world.repository().deployments.at(-1)).toMatchObject({
      environment: 'production',
      sha: run.headSha,
    })
  })

  it('the pipeline deploys main to production by a push', async () => {
    const sha = github.world.push('main', { message: 'Ship me' })
    const run = github.world.repository().runs.at(-1)!
    expect(await ended(github.world, run)).toBe('success')
    expect(await serving('prod')).toMatchObject({ image: `${registry}:${sha}` })
  })

  it('the pipeline has the lines of the deploy action in its log', async () => {
    const run = await dispatch('main')
    await ended(github.world, run)
    expect(logOf(run, 'deploy')).toContain(
      "Deployment started. Watch this deployment's progress in the Amazon ECS console: " +
        'https://ap-northeast-2.console.aws.amazon.com/ecs/v2/clusters/blog-cluster-prod/services/blog-api/',
    )
  })

  it('the pipeline rolls out nothing after a failed migration', async () => {
    const before = await serving('prod')
    aws.world.migrations.next({ kind: 'exits', code: 1, log: ['relation "posts" exists already'] })
    const run = await dispatch('main')
    expect(await ended(github.world, run)).toBe('failure')
    expect(await serving('prod')).toEqual(before)
  })

  it('the pipeline fails if the service was rolled back', async () => {
    aws.world.unhealthy('next')
    const run = await dispatch('main')
    expect(await ended(github.world, run)).toBe('failure')
    expect(logOf(run, 'deploy')).toContain('likely rolled back')
  })
})

describe('the pipeline whose branch selects the environment', () => {
  beforeEach(() => install(pipelineWorkflow('pipeline-branches')))

  it('the pipeline deploys develop to dev and does not change production', async () => {
    const before = await serving('prod')
    const run = await dispatch('develop')
    expect(await ended(github.world, run)).toBe('success')
    expect(jobNames(run).at(-1)).toBe('Deploy to dev')
    expect(await serving('dev')).toMatchObject({ image: `${registry}:${run.headSha}` })
    expect(await serving('prod')).toEqual(before)
  })

  it('the pipeline deploys a push to develop to dev', async () => {
    const sha = github.world.push('develop', { message: 'Try it' })
    expect(await ended(github.world, github.world.repository().runs.at(-1)!)).toBe('success')
    expect(await serving('dev')).toMatchObject({ image: `${registry}:${sha}` })
  })

  it('the pipeline deploys from no other branch', async () => {
    github.world.push('topic', { message: 'Not yet' })
    const run = await dispatch('topic')
    expect(await ended(github.world, run)).toBe('failure')
    expect(logOf(run, 'setup')).toContain('##[error]topic is deployed nowhere')
    expect(latest(run).jobs.find(({ key }) => key === 'deploy')).toMatchObject({ conclusion: 'skipped' })
  })
})

it('the pipeline’s script shows the last lines of a failed migration', async () => {
  await install(pipelineWorkflow('pipeline'))
  aws.world.migrations.next({ kind: 'exits', code: 1, log: ['relation "posts" exists already'] })
  const run = await dispatch('main')
  await ended(github.world, run)
  const log = logOf(run, 'deploy')
  expect(log).toContain('##[error]Migration failed with exit code 1')
  expect(log).toContain('relation "posts" exists already')
  expect(log).toContain('##[error]Process completed with exit code 1.')
})

it('steps of the default workflow are recognized by their content, not by their ids', async () => {
  const document = parseDocument(deployWorkflow())
  visit(document, {
    Map: (_, map) => {
      if (map.has('id') && (map.has('run') || map.has('uses'))) map.delete('id')
    },
  })
  expect(document.toString()).not.toMatch(/^\s+id: /m)
  await install(document.toString())
  const sha = github.world.repository().git.tip('heads/main')!.sha
  const run = await dispatch('main', { environment: 'production', sha, release_id: 'r9' })
  expect(await ended(github.world, run)).toBe('success')
  expect(await serving('prod')).toEqual({ image: `${registry}:${sha}`, tags: ['twokey-release'] })
})
