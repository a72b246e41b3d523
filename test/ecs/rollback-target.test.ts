import { describe, expect, it } from 'vitest'
import type { World } from '../../sandbox/aws/world.ts'
import { registry, revisions } from '../../sandbox/seed.ts'
import type { AskOf } from '../../src/release/look.ts'
import { type Account, account, prod, serviceEnvironment, source } from './account.ts'

const arnOf = (name: string) => `arn:aws:ecs:ap-northeast-2:123456789012:task-definition/${name}`
const serving = { name: 'blog-api:43', arn: arnOf('blog-api:43'), commit: null }
const image = `${registry}:${revisions.find(({ revision }) => revision === 42)?.sha}`

async function asked({ ecs }: Account, number = 42) {
  const found = await ecs.inspect({ serviceEnvironment, target: prod, number, source, ranWell: [], serving })
  if ('refused' in found) throw new Error(found.refused.sentence)
  return found
}

type Found = Awaited<ReturnType<typeof asked>>

function look({ revision, images }: Found): AskOf<'rollbackTarget'> {
  return { targets: [prod], revision, images, source }
}

/** The definition of `blog-api:42` in this world. */
function definition(world: World, name = 'blog-api:42') {
  return world.taskDefinitions.find(({ taskDefinitionArn }) => taskDefinitionArn === arnOf(name))!
}

/** A manual rollout; resolves once it serves, or has failed. */
async function rolledOut({ aws, ecs }: Account, name: string): Promise<void> {
  const answer = await ecs.update({
    releaseId: 'r-k3v9',
    target: prod,
    revision: { name, arn: arnOf(name), commit: null },
    maySend: async () => true,
  })
  if (answer.answer !== 'accepted') throw new Error(answer.answer)
  await aws.until((world) => world.service(prod.cluster, prod.service)!.rollouts[0]!.finishedAt !== undefined)
}

describe('sighting of a rollback target', () => {
  it('a rollback target has the digests of its images, and the difference from what serves', async () => {
    const found = await asked(await account())
    expect(found.images).toEqual([
      { container: 'api', image, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    ])
    expect(found.difference).toMatchObject({
      known: true,
      total: 2,
      lines: [
        { what: 'image', container: 'api', to: image },
        {
          what: 'environment',
          container: 'api',
          key: 'COMMENTS_PER_PAGE',
          change: 'removed',
          from: null,
          to: null,
        },
      ],
    })
  })

  it('a rollback target has no digests if the list may not be read and twokey knows that it completed', async () => {
    const here = await account()
    here.aws.world.deny('ecs:ListServiceDeployments')
    const ask = {
      serviceEnvironment,
      target: prod,
      number: 42,
      source,
      ranWell: [arnOf('blog-api:42')],
      serving,
    }
    const found = await here.ecs.inspect(ask)
    expect(found).toMatchObject({ images: [{ container: 'api', image, digest: null }] })
    expect(await here.ecs.rollbackTarget(look(found as Found))).toMatchObject({
      usable: true,
      images: [{ digest: null }],
    })
  })

  it('a rollback target may have served just before the oldest rollout that ECS lists, but not earlier', async () => {
    const here = await account()
    const service = here.aws.world.service(prod.cluster, prod.service)!
    service.rollouts.length = 1
    expect(service.rollouts[0]?.source?.taskDefinition.revision).toBe(42)
    expect(await asked(here)).toMatchObject({ revision: { name: 'blog-api:42' }, images: [{ image }] })
    const past = await here.ecs.past({ target: prod, source, limit: 10, serving })
    expect(past.map(({ revision }) => revision.name)).toEqual(['blog-api:43', 'blog-api:42'])
    const ask = { serviceEnvironment, target: prod, number: 41, source, ranWell: [], serving }
    expect(await here.ecs.inspect(ask)).toMatchObject({ refused: { code: 'revision_never_ran' } })
  })

  it('a revision that served only between failed rollouts is no rollback target', async () => {
    const here = await account()
    here.aws.world.service(prod.cluster, prod.service)!.rollouts.length = 1
    here.aws.world.rollouts.next({ kind: 'unhealthy' })
    await rolledOut(here, 'blog-api:41')
    const ask = { serviceEnvironment, target: prod, number: 41, source, ranWell: [], serving }
    expect(await here.ecs.inspect(ask)).toMatchObject({ refused: { code: 'revision_never_ran' } })
  })

  it('a rollback target is found even if the difference is not known, with the reason', async () => {
    const here = await account()
    const ask = { serviceEnvironment, target: prod, number: 42, source, ranWell: [] }
    const gone = { ...serving, name: 'blog-api:1', arn: arnOf('blog-api:1') }
    expect(await here.ecs.inspect({ ...ask, serving: gone })).toMatchObject({
      revision: { name: 'blog-api:42' },
      difference: { known: false, why: expect.stringContaining('blog-api:1') },
    })
    expect(await here.ecs.inspect({ ...ask, serving: null })).toMatchObject({
      difference: { known: false },
    })
  })
})

describe('second look at a rollback target before the update', () => {
  it('a rollback target is unchanged before the update if nothing happened', async () => {
    const here = await account()
    const found = await asked(here)
    expect(await here.ecs.rollbackTarget(look(found))).toEqual({
      usable: true,
      images: found.images,
      serving: { ...serving, commit: revisions.find(({ revision }) => revision === 43)?.sha },
      difference: found.difference,
      active: [],
    })
  })

  it('a rollback target has the difference from what serves at the second look', async () => {
    const here = await account()
    const found = await asked(here)
    await rolledOut(here, 'blog-api:41')
    const seen = await here.ecs.rollbackTarget(look(found))
    expect(seen).toMatchObject({ usable: true, images: found.images, serving: { name: 'blog-api:41' } })
    expect(seen).toMatchObject({ difference: { known: true } })
    expect(seen.usable && seen.difference).not.toEqual(found.difference)
    await rolledOut(here, 'blog-api:42')
    expect(await here.ecs.rollbackTarget(look(found))).toMatchObject({ difference: { total: 0 } })
  })

  it.each<[string, (world: World) => void, RegExp]>([
    ['deregistered', (world) => (definition(world).status = 'INACTIVE'), /blog-api:42 was deregistered/],
    [
      'deleted',
      (world) => {
        world.taskDefinitions = world.taskDefinitions.filter((each) => each !== definition(world))
      },
      /blog-api:42 was deleted/,
    ],
  ])('a rollback target is no longer usable once it is %s', async (_, happens, why) => {
    const here = await account()
    const found = await asked(here)
    happens(here.aws.world)
    expect(await here.ecs.rollbackTarget(look(found))).toEqual({
      usable: false,
      why: expect.stringMatching(why),
    })
  })

  it('a rollback target is no longer usable once the service runs another family', async () => {
    const here = await account()
    const found = await asked(here)
    await rolledOut(here, 'blog-worker:7')
    expect(await here.ecs.rollbackTarget(look(found))).toMatchObject({
      usable: false,
      why: expect.stringContaining('blog-worker:7'),
    })
  })

  it('a rollback target has another digest if its tag moved and it was rolled out again', async () => {
    const here = await account()
    const found = await asked(here)
    here.aws.world.retag(image)
    // ECS does not know what the name resolves to before a rollout.
    expect(await here.ecs.rollbackTarget(look(found))).toMatchObject({ images: found.images })
    await rolledOut(here, 'blog-api:42')
    await rolledOut(here, 'blog-api:43')
    const seen = await here.ecs.rollbackTarget(look(found))
    if (!seen.usable) throw new Error(seen.why)
    expect(seen.images).toMatchObject([{ container: 'api', image }])
    expect(seen.images[0]!.digest).not.toBe(found.images[0]!.digest)
    expect((await asked(here)).images).toEqual(seen.images)
  })

  it('a rollback target has another digest even if the rollout of the moved tag failed', async () => {
    const here = await account()
    const found = await asked(here)
    here.aws.world.retag(image)
    here.aws.world.unhealthy('next')
    await rolledOut(here, 'blog-api:42')
    const seen = await here.ecs.rollbackTarget(look(found))
    expect(seen.usable && seen.images[0]!.digest).not.toBe(found.images[0]!.digest)
  })

  it('a rollback target has no digest if a container turned version consistency off', async () => {
    const here = await account()
    Object.assign(definition(here.aws.world).containerDefinitions![0]!, { versionConsistency: 'disabled' })
    await rolledOut(here, 'blog-api:42')
    await rolledOut(here, 'blog-api:43')
    expect((await asked(here)).images).toEqual([{ container: 'api', image, digest: null }])
  })

  it('a rollback target cannot be read if the permission was removed after the request', async () => {
    const here = await account()
    const found = await asked(here)
    here.aws.world.deny('ecs:ListServiceDeployments')
    await expect(here.ecs.rollbackTarget(look(found))).rejects.toMatchObject({ kind: 'terminal' })
    here.aws.world.allow('ecs:ListServiceDeployments')
    here.aws.world.deny('ecs:DescribeTaskDefinition')
    await expect(here.ecs.rollbackTarget(look(found))).rejects.toMatchObject({ kind: 'terminal' })
  })
})

describe('list of completed revisions', () => {
  it('shows the difference of each revision from what serves', async () => {
    const { ecs } = await account()
    const past = await ecs.past({ target: prod, source, limit: 3, serving })
    expect(
      past.map(({ revision, difference }) => [revision.name, difference.known && difference.total]),
    ).toEqual([
      ['blog-api:43', 0],
      ['blog-api:42', 2],
      ['blog-api:41', 3],
    ])
  })
})
