import { describe, expect, it } from 'vitest'
import { addService, fargate } from '../../sandbox/aws/seed-world.ts'
import { register } from '../../sandbox/aws/task-definition-operations.ts'
import type { World } from '../../sandbox/aws/world.ts'
import { account, counts, prod, serviceEnvironment, source } from './account.ts'

const arnOf = (revision: number) =>
  `arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api:${revision}`

/** Registers `blog-api:44`, which never ran anywhere. */
function registerNext(world: World): void {
  register(world, fargate('blog-api', { name: 'api', image: 'blog-api:next' }, '/ecs/blog-api'), Date.now())
}

/** A service that ran `blog-worker:7` before it ran `blog-api:43`. */
function renamed(world: World) {
  const history = ['blog-worker:7', 'blog-api:43'].map((taskDefinition, index) => ({
    taskDefinition,
    at: 1_000 + index,
  }))
  addService(world, { cluster: prod.cluster, service: 'renamed', desired: 1, history })
  return { ...prod, service: 'renamed' }
}

describe('rollback target', () => {
  it('accepts a revision of the family that completed in this service', async () => {
    const { ecs } = await account()
    const found = await ecs.inspect({
      serviceEnvironment,
      target: prod,
      number: 42,
      source,
      ranWell: [],
      serving: null,
    })
    expect(found).toMatchObject({
      revision: { name: 'blog-api:42', arn: arnOf(42), commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
    })
  })

  it.each<[string, number, string]>([
    ['deregistered', 40, 'revision_inactive'],
    ['never registered', 99, 'revision_unknown'],
    ['of another service’s family', 12, 'revision_unknown'],
    ['registered, but never rolled out', 44, 'revision_never_ran'],
  ])('refuses a revision that is %s', async (_, number, code) => {
    const { ecs, aws } = await account()
    registerNext(aws.world)
    expect(
      await ecs.inspect({ serviceEnvironment, target: prod, number, source, ranWell: [], serving: null }),
    ).toMatchObject({
      refused: { code },
    })
  })

  it('refuses a number that the service ran of another family', async () => {
    const { ecs, aws } = await account()
    const target = renamed(aws.world)
    const found = await ecs.inspect({
      serviceEnvironment,
      target,
      number: 7,
      source,
      ranWell: [],
      serving: null,
    })
    expect(found).toMatchObject({
      refused: { code: 'revision_other_family', sentence: expect.stringContaining('blog-worker:7') },
    })
  })

  it('refuses a revision that completed only in another service of the family', async () => {
    const { ecs, aws } = await account()
    const history = [{ taskDefinition: 'blog-api:43', at: 1_000 }]
    addService(aws.world, { cluster: prod.cluster, service: 'young', desired: 1, history })
    const target = { ...prod, service: 'young' }
    expect(
      await ecs.inspect({ serviceEnvironment, target, number: 42, source, ranWell: [], serving: null }),
    ).toMatchObject({
      refused: { code: 'revision_never_ran' },
    })
  })

  it('accepts a revision that twokey itself saw succeed there, without a list', async () => {
    const here = await account()
    here.aws.world.deny('ecs:ListServiceDeployments')
    const ask = { serviceEnvironment, target: prod, number: 42, source, ranWell: [arnOf(42)], serving: null }
    expect(await here.ecs.inspect(ask)).toMatchObject({ revision: { arn: arnOf(42) } })
    await expect(here.ecs.inspect({ ...ask, ranWell: [], serving: null })).rejects.toMatchObject({
      kind: 'terminal',
    })
  })

  it('refuses a rollback of a service that does not exist', async () => {
    const { ecs } = await account()
    const target = { ...prod, service: 'nowhere' }
    expect(
      await ecs.inspect({ serviceEnvironment, target, number: 42, source, ranWell: [], serving: null }),
    ).toMatchObject({
      refused: { code: 'service_not_found' },
    })
  })
})

describe('revisions that completed', () => {
  it('lists completed revisions newest first, up to the limit', async () => {
    const { ecs } = await account()
    const past = await ecs.past({ target: prod, source, limit: 2, serving: null })
    expect(past.map(({ revision }) => revision.name)).toEqual(['blog-api:43', 'blog-api:42'])
    expect(past[0]!.at!).toBeGreaterThan(past[1]!.at!)
  })

  it('lists each revision once, without those that ECS would not accept', async () => {
    const { ecs, aws } = await account()
    const history = [42, 41, 43, 42, 43].map((number, index) => ({
      taskDefinition: `blog-api:${number}`,
      at: 1_000 + index,
    }))
    addService(aws.world, { cluster: prod.cluster, service: 'busy', desired: 1, history })
    aws.world.taskDefinitions.find(({ taskDefinitionArn }) => taskDefinitionArn === arnOf(41))!.status =
      'INACTIVE'
    const past = await ecs.past({
      target: { ...prod, service: 'busy' },
      source,
      limit: 10,
      serving: null,
    })
    expect(past.map(({ revision }) => revision.name)).toEqual(['blog-api:43', 'blog-api:42'])
  })

  it('lists completed revisions page by page, as far as needed', async () => {
    const here = await account()
    const history = Array.from({ length: 250 }, (_, index) => ({
      taskDefinition: `blog-api:${42 + (index % 2)}`,
      at: 1_000 + index,
    }))
    addService(here.aws.world, { cluster: prod.cluster, service: 'old', desired: 1, history })
    const target = { ...prod, service: 'old' }
    await here.ecs.past({ target, source, limit: 3, serving: null })
    expect(counts(here).ListServiceDeployments).toBe(3)
    here.aws.log.exchanges.length = 0
    await here.ecs.past({ target, source, limit: 2, serving: null })
    expect(counts(here).ListServiceDeployments).toBe(1)
    here.aws.log.exchanges.length = 0
    await here.ecs.inspect({ serviceEnvironment, target, number: 42, source, ranWell: [], serving: null })
    expect(counts(here).ListServiceDeployments).toBe(1)
  })
})
