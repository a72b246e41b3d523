import { afterEach, beforeEach, expect, it } from 'vitest'
import { prepareDemo } from '../../sandbox/demo/prepare.ts'
import { testPace } from '../../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { web } from '../../sandbox/seed.ts'
import { ended } from './github-client.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ pace: testPace, rates: 'off' })
  prepareDemo(sandbox)
})
afterEach(() => sandbox.close())

it('the workflow of the demo’s third service creates a deployment of CodeDeploy and does not wait for it', async () => {
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
