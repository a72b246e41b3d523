import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolve } from '../../sandbox/aws/hooks.ts'
import { prepareDemo } from '../../sandbox/demo/prepare.ts'
import { testPace } from '../../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { search, web } from '../../sandbox/seed.ts'
import { ended } from './github-client.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ pace: testPace, rates: 'off' })
  prepareDemo(sandbox)
})
afterEach(() => sandbox.close())

it('the workflow of `blog-web` creates a deployment of CodeDeploy and does not wait for it', async () => {
  const { aws, github } = sandbox
  const sha = github.world.repository().git.tip('heads/main')!.sha
  const inputs = { environment: 'production', sha, release_id: 'r-k3v9' }
  const run = github.world.startRun({ workflow: 'deploy-web.yml', event: 'workflow_dispatch', inputs })
  expect(await ended(github.world, run)).toBe('success')
  const deployment = aws.world.codeDeploy.deployments[0]!
  expect(deployment).toMatchObject({ creator: 'user', config: { name: 'Canary50Percent1Minute' } })
  expect(deployment.description).toMatch(/^Run \d+$/)
  await aws.until(() => deployment.status === 'Ready')
  deployment.isContinued = true
  aws.world.codeDeploy.minute = 50
  await aws.until(() => deployment.status === 'Succeeded')
  const service = aws.world.service(web.cluster, web.service)!
  expect(service.taskDefinition).toMatchObject({ family: 'blog-web', revision: 6 })
  expect(service.taskDefinition.tags).toContainEqual({ key: 'twokey-release', value: 'r-k3v9' })
})

it('ECS deploys `blog-search` as a canary that waits for a person before each shift of traffic', async () => {
  const { aws, github } = sandbox
  const sha = github.world.repository().git.tip('heads/main')!.sha
  const inputs = { environment: 'production', sha, release_id: 'r-k3v9' }
  github.world.startRun({ workflow: 'deploy-search.yml', event: 'workflow_dispatch', inputs })
  const service = aws.world.service(search.cluster, search.service)!
  const weights: number[] = []
  for (const shift of [1, 2]) {
    await aws.until(() => service.rollouts[0]!.hooks.length === shift)
    const rollout = service.rollouts[0]!
    weights.push(rollout.weights.production)
    resolve(rollout, rollout.hooks.at(-1)!.id, 'CONTINUE')
  }
  expect(weights).toEqual([0, 10])
  await aws.until(() => service.rollouts[0]!.lifecycleStage === 'BAKE_TIME')
  expect(service.taskDefinition).toMatchObject({ family: 'blog-search', revision: 13 })
  expect(service.taskDefinition.containerDefinitions![0]!.image).toContain(sha)
})
