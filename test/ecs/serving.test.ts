import { describe, expect, it } from 'vitest'
import { addService } from '../../sandbox/aws/seed-world.ts'
import type { Target } from '../../src/release/names.ts'
import { account, counts, prod, roll, source } from './account.ts'

const at = Date.now() - 3 * 86_400_000

/** This many services in each of these clusters, on revision 42. */
async function fleet(clusters: readonly string[], size: number) {
  const here = await account({ rates: 'real' })
  const history = [{ taskDefinition: 'blog-api:42', at }]
  const targets: Target[] = clusters.flatMap((cluster) =>
    Array.from({ length: size }, (_, index) => ({ cluster, service: `service-${index}` })),
  )
  for (const { cluster, service } of targets)
    addService(here.aws.world, { cluster, service, desired: 1, history })
  return { here, targets }
}

describe('what targets serve', () => {
  it('reads what 300 services serve in 30 requests, within the rates of AWS', async () => {
    const { here, targets } = await fleet(['one', 'two', 'three'], 100)
    const seen = await here.ecs.serving(targets)
    expect(seen).toHaveLength(300)
    for (const each of seen)
      expect(each).toEqual({
        seen: 'yes',
        name: 'blog-api:42',
        arn: expect.stringMatching(/:42$/),
        since: at,
        rolledOut: expect.stringMatching(/^ecs-svc\//),
      })
    expect(counts(here)).toEqual({ DescribeServices: 30 })

    await here.ecs.serving(targets)
    expect(counts(here)).toEqual({ DescribeServices: 60 })
    expect(here.aws.log.exchanges.every(({ status }) => status === 200)).toBe(true)
  })

  it('reads 120 clusters no faster than AWS answers', async () => {
    const { here, targets } = await fleet(
      Array.from({ length: 120 }, (_, index) => `cluster-${index}`),
      1,
    )
    const seen = await here.ecs.serving(targets)
    expect(seen.every((each) => each.seen === 'yes')).toBe(true)
    expect(here.aws.log.exchanges.map(({ status }) => status)).toEqual(Array(120).fill(200))
  })

  it('reports why a target cannot be read, and shows the others', async () => {
    const { here, targets } = await fleet(['one'], 2)
    const missing = { cluster: 'one', service: 'gone' }
    const elsewhere = { cluster: 'nowhere', service: 'service-0' }
    const [first, second, gone, lost] = await here.ecs.serving([...targets, missing, elsewhere])
    expect([first, second]).toMatchObject([{ seen: 'yes' }, { seen: 'yes' }])
    expect(gone).toEqual({ seen: 'no', why: expect.stringContaining('one/gone') })
    expect(lost).toEqual({ seen: 'no', why: expect.stringMatching(/ecs:DescribeServices.*cluster/) })
  })

  it('names the missing permission of a read', async () => {
    const { here, targets } = await fleet(['one'], 1)
    here.aws.world.deny('ecs:DescribeServices')
    expect(await here.ecs.serving(targets)).toEqual([
      { seen: 'no', why: expect.stringContaining('grant ecs:DescribeServices') },
    ])
  })

  it('reports what tasks run now, not what a rollout will bring', async () => {
    const here = await account()
    here.aws.world.rollouts.next({ kind: 'unplaced' })
    await roll(here, 42)
    const [seen] = await here.ecs.serving([prod])
    expect(seen).toMatchObject({ seen: 'yes', name: 'blog-api:43' })
  })

  it('reads a task definition once to find its commit', async () => {
    const { here, targets } = await fleet(['one'], 1)
    const [seen] = await here.ecs.serving(targets)
    if (seen?.seen !== 'yes') throw new Error('it could not be read')
    for (let times = 0; times < 3; times += 1)
      expect((await here.ecs.revision({ arn: seen.arn, location: {}, source })).commit).toMatch(
        /^[0-9a-f]{40}$/,
      )
    expect(counts(here)).toMatchObject({ DescribeTaskDefinition: 1 })
  })
})
