import { afterEach, describe, expect, it, vi } from 'vitest'
import { addService } from '../../sandbox/aws/seed-world.ts'
import { batched } from '../../src/aws/ecs/batch.ts'
import { Cache, cached } from '../../src/aws/ecs/cache.ts'
import { rateLimiter } from '../../src/aws/ecs/rate-limiter.ts'
import { trouble } from '../../src/aws/ecs/trouble.ts'
import { account, counts, prod, source } from './account.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('concurrent looks', () => {
  /** This many services in one cluster, each with a rollout that has just ended. */
  async function fleet(size: number) {
    const here = await account({ paceMs: 100 })
    const history = [{ taskDefinition: 'blog-api:43', at: Date.now() - 1_000 }]
    const targets = Array.from({ length: size }, (_, index) => ({ ...prod, service: `blog-${index}` }))
    for (const { cluster, service } of targets)
      addService(here.aws.world, { cluster, service, desired: 1, history })
    const since = Date.now() - 60_000
    const look = (target: (typeof targets)[number], arn: string | null) =>
      here.ecs.rollouts({ source, commit: null, images: 'unwanted', targets: [{ target, since, arn }] })
    return { here, targets, look }
  }

  it('concurrent looks share requests for 10 services or 20 rollouts, and list once while nothing changes', async () => {
    const { here, targets, look } = await fleet(30)
    const found = await Promise.all(targets.map((target) => look(target, null)))
    const first = counts(here)
    expect(first).toMatchObject({
      DescribeServices: 3,
      ListServiceDeployments: 30,
      DescribeTaskDefinition: 1,
    })
    // Each list has an answer of its own, and how many lookups share a request depends on when these come.
    expect(first.DescribeServiceDeployments).toBeLessThan(30)

    here.aws.log.exchanges.length = 0
    await Promise.all(targets.map((target) => look(target, null)))
    const { DescribeServiceDeployments: described, ...others } = counts(here)
    expect(others).toEqual({ DescribeServices: 3 })
    // Ten rollouts become known with each of the three answers.
    expect([2, 3]).toContain(described)

    here.aws.log.exchanges.length = 0
    const arns = found.map(([sighting]) => sighting!.rollouts[0]!.arn)
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => look(targets[index % 30]!, arns[index % 30]!)),
    )
    expect(counts(here)).toEqual({ DescribeServices: 3, DescribeServiceDeployments: 2 })
  })

  it('while followed rollouts do not change, their services are not read again', async () => {
    const { here, targets, look } = await fleet(30)
    const found = await Promise.all(targets.map((target) => look(target, null)))
    const arns = found.map(([sighting]) => sighting!.rollouts[0]!.arn)
    const followAll = () => Promise.all(targets.map((target, index) => look(target, arns[index]!)))
    await followAll()

    here.aws.log.exchanges.length = 0
    const unchanged = await followAll()
    expect(counts(here)).toEqual({ DescribeServiceDeployments: 2 })
    expect(unchanged).toEqual(await followAll())
  })

  it('concurrent looks read a value once at one moment, and again at the next', async () => {
    const asked: (readonly string[])[] = []
    const read = batched<string>({
      size: 2,
      paceMs: 0,
      fetch: async (keys) => {
        asked.push(keys)
        return new Map(keys.map((key) => [key, `of ${key}`]))
      },
    })
    expect(await Promise.all(['a', 'b', 'a', 'c'].map(read))).toEqual(['of a', 'of b', 'of a', 'of c'])
    await read('a')
    expect(asked).toEqual([['a', 'b'], ['c'], ['a']])
  })

  it('concurrent looks at different moments share the next request, at the earliest `paceMs` after the last', async () => {
    vi.useFakeTimers()
    const asked: (readonly string[])[] = []
    const read = batched<string>({
      size: 10,
      paceMs: 100,
      fetch: async (keys) => {
        asked.push(keys)
        return new Map()
      },
    })
    void read('a')
    await vi.advanceTimersByTimeAsync(15)
    expect(asked).toEqual([['a']])
    for (const key of ['b', 'c', 'd']) {
      void read(key)
      await vi.advanceTimersByTimeAsync(30)
    }
    expect(asked).toEqual([['a']])
    await vi.advanceTimersByTimeAsync(10)
    expect(asked).toEqual([['a'], ['b', 'c', 'd']])
  })

  it('a denied look does not affect the others', async () => {
    const denied = trouble(
      Object.assign(new Error('no'), { name: 'AccessDeniedException' }),
      'ecs:DescribeServices',
    )
    const read = batched<string>({
      size: 10,
      paceMs: 0,
      fetch: async (keys) => {
        if (keys.includes('secret')) throw denied
        return new Map(keys.map((key) => [key, key]))
      },
    })
    const [open, secret] = await Promise.allSettled([read('open'), read('secret')])
    expect(open).toEqual({ status: 'fulfilled', value: 'open' })
    expect(secret).toEqual({ status: 'rejected', reason: denied })
  })

  it('concurrent looks wait for their turn if requests cannot be shared', async () => {
    vi.useFakeTimers()
    const turn = rateLimiter({ burst: 2, perSecond: 10 })
    let through = 0
    for (let times = 0; times < 5; times += 1) turn().then(() => (through += 1))
    await vi.advanceTimersByTimeAsync(0)
    expect(through).toBe(2)
    await vi.advanceTimersByTimeAsync(200)
    expect(through).toBe(4)
    await vi.advanceTimersByTimeAsync(100)
    expect(through).toBe(5)
  })
})

describe('immutable values', () => {
  it('reads an immutable value once, and again if it was absent or failed', async () => {
    const answers = [new Error('down'), undefined, 'there', 'never read']
    const read = cached<string>(async () => {
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      return answer
    })
    await expect(read('a')).rejects.toThrow('down')
    expect(await read('a')).toBeUndefined()
    expect(await read('a')).toBe('there')
    expect(await read('a')).toBe('there')
  })

  it('limits cached values, and evicts the least recently used', () => {
    const memory = new Cache<number>({ max: 2, maxSize: 1_000 })
    memory.set('a', 1)
    memory.set('b', 2)
    memory.get('a')
    memory.set('c', 3)
    expect([memory.get('a'), memory.get('b'), memory.get('c')]).toEqual([1, undefined, 3])
  })
})
