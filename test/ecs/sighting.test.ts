import type { Deployment, Service } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { commitsBy } from '../../src/aws/ecs/commit.ts'
import type { Reads } from '../../src/aws/ecs/reads.ts'
import type { RolloutSights } from '../../src/aws/ecs/rollout-sighting.ts'
import { runningOf, sightOf } from '../../src/aws/ecs/sighting.ts'
import { trouble } from '../../src/aws/ecs/trouble.ts'
import type { RolloutVerdict } from '../../src/release/sighting.ts'
import { rolloutSighting } from '../release/world.ts'
import { hasAll, prod, source } from './account.ts'

const arnOf = (number: number) => `arn:aws:ecs:eu-west-1:123456789012:task-definition/blog-api:${number}`
const deployment = (number: number, status: string, part: Deployment): Deployment => ({
  id: `ecs-svc/${number}`,
  taskDefinition: arnOf(number),
  status,
  ...part,
})
const serviceOf = (primary: Deployment, before: Deployment): Service => ({
  status: 'ACTIVE',
  deployments: [deployment(44, 'PRIMARY', primary), deployment(43, 'ACTIVE', before)],
})

describe('what serves, by deployments[]', () => {
  it.each<[string, Deployment, Deployment, number | undefined]>([
    ['PRIMARY rolls out and the first task of it runs', { runningCount: 1 }, { runningCount: 2 }, 44],
    ['PRIMARY rolls out and no task of it runs yet', { runningCount: 0 }, { runningCount: 2 }, 43],
    [
      'PRIMARY failed and unhealthy tasks of it still run',
      { runningCount: 2, rolloutState: 'FAILED' },
      { runningCount: 2 },
      43,
    ],
    [
      'PRIMARY failed after most tasks were replaced',
      { runningCount: 3, rolloutState: 'FAILED' },
      { runningCount: 1 },
      44,
    ],
    ['nothing runs', { runningCount: 0 }, { runningCount: 0 }, undefined],
  ])('finds the serving deployment if %s', (_, primary, before, number) => {
    const running = runningOf(serviceOf(primary, before))
    expect(running?.taskDefinition).toBe(number && arnOf(number))
  })
})

const notUsed = async () => {
  throw new Error('ECS deploys the service itself')
}

/** A look at the rollout of 44, which ends between the read of its service and the read of the rollout. */
async function servingAfter(verdict: RolloutVerdict) {
  const service = serviceOf({ runningCount: 2, rolloutState: 'IN_PROGRESS' }, { runningCount: 2 })
  const reads = {
    service: async () => service,
    deployment: async () => ({ status: 'STOPPED' }),
    definition: async () => undefined,
  } as Partial<Reads> as Reads
  const sights = {
    ofDeployment: async ({ arn }) => rolloutSighting({ arn, deploymentId: 'ecs-svc/44', verdict }),
  } as Partial<RolloutSights> as RolloutSights
  const readLook = sightOf({ reads, commits: commitsBy(hasAll), sights, codeDeploySight: notUsed })
  const asked = { source, approved: null, images: 'unwanted', since: 0 } as const
  const seen = await readLook({ target: prod, ...asked, arn: 'arn:rollout/44' })
  return seen?.serving.name
}

describe('what serves after a rollout that ended after its service was read', () => {
  it.each<[RolloutVerdict, string]>([
    ['succeeded', 'blog-api:44'],
    ['failed', 'blog-api:43'],
    ['rolled back', 'blog-api:43'],
    ['rollback failed', 'blog-api:43'],
  ])('after a rollout with the verdict %s, %s serves', async (verdict, serving) => {
    expect(await servingAfter(verdict)).toBe(serving)
  })
})

/**
 * A look since 100. The service shows PRIMARY 44, which began at 200 and is not listed, beside 43. The list has the
 * rollout 43 of the time 150, which completed.
 */
function lookBeforeListed(part: Partial<Deployment>, byEntry: RolloutVerdict, listed = 'ecs-svc/43') {
  const service: Service = {
    status: 'ACTIVE',
    deployments: [
      deployment(44, 'PRIMARY', { runningCount: 0, createdAt: new Date(200), ...part }),
      deployment(43, 'ACTIVE', { runningCount: 2, createdAt: new Date(150) }),
    ],
  }
  const reads = {
    service: async () => service,
    deployment: async () => ({ status: 'SUCCESSFUL' }),
    definition: async () => undefined,
    beginning: (_, date) => date?.getTime() ?? 0,
    async *deployments() {
      yield [{ serviceDeploymentArn: 'arn:rollout/43', targetServiceRevisionArn: 'arn:revision/43' }]
    },
  } as Partial<Reads> as Reads
  const sights = {
    ofDeployment: async ({ arn }) =>
      rolloutSighting({ arn, deploymentId: listed, verdict: 'succeeded', createdAt: 250 }),
    ofEntry: async (id) => rolloutSighting({ arn: id, deploymentId: id, verdict: byEntry, createdAt: 200 }),
  } as Partial<RolloutSights> as RolloutSights
  const readLook = sightOf({ reads, commits: commitsBy(hasAll), sights, codeDeploySight: notUsed })
  return readLook({ target: prod, source, approved: null, images: 'unwanted', since: 100, arn: null })
}

describe('a list of rollouts that does not match the service', () => {
  it('shows the rollout that the service has and the list lacks, so no earlier one looks like the only one', async () => {
    const seen = await lookBeforeListed({}, 'moving')
    expect(seen?.rollouts.map(({ deploymentId, verdict }) => [deploymentId, verdict])).toEqual([
      ['ecs-svc/44', 'moving'],
      ['ecs-svc/43', 'succeeded'],
    ])
  })

  it('fails for the moment if what came of the unlisted rollout is not known without the list', async () => {
    await expect(lookBeforeListed({}, 'unknown')).rejects.toMatchObject({
      kind: 'passing',
      message: 'ECS does not list the rollout ecs-svc/44 yet',
    })
  })

  it('fails for the moment if a rollout began and completed after the service was read', async () => {
    await expect(lookBeforeListed({}, 'moving', 'ecs-svc/45')).rejects.toMatchObject({
      kind: 'passing',
      message: 'ECS shows blog-cluster-prod/blog-api as it was before its last rollout',
    })
  })
})

describe('a followed rollout that ECS does not show', () => {
  it.each<[string, () => Promise<undefined>, RegExp]>([
    ['is not listed', async () => undefined, /does not list the rollout 44/],
    [
      'may not be read',
      async () => {
        throw trouble(Object.assign(new Error('no'), { name: 'AccessDeniedException' }), 'ecs:Describe')
      },
      /ecs:Describe/,
    ],
  ])('requests one that %s once, and fails the look', async (_, deploymentOf, message) => {
    let requests = 0
    const reads = {
      service: async () => serviceOf({ runningCount: 1 }, { runningCount: 1 }),
      deployment: () => {
        requests += 1
        return deploymentOf()
      },
      definition: async () => undefined,
      beginning: (_of, date) => date?.getTime() ?? 0,
    } as Partial<Reads> as Reads
    const sights = {} as RolloutSights
    const readLook = sightOf({ reads, commits: commitsBy(hasAll), sights, codeDeploySight: notUsed })
    const arn = 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/blog/api/44'
    const asked = { target: prod, source, approved: null, images: 'unwanted', since: 0, arn } as const
    await expect(readLook(asked)).rejects.toThrow(message)
    expect(requests).toBe(1)
  })
})
