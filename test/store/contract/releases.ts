import { expect, test } from 'vitest'
import type { Outcome, Release } from '../../../src/release/release.ts'
import type { HistoryQuery } from '../../../src/store/store.ts'
import type { Given } from '../contract.ts'
import { asked, dueIds, ended, moved, save, settled, start, withRun, worker } from '../fixtures.ts'

export function releaseContract(given: Given): void {
  test('a release is read as it was written, also after a restart', async () => {
    const release = asked('r1', { containers: ['half \ud800', 'nul \0', '🚀'] })
    await start(given.store, release)
    expect(await given.store.release('r1')).toEqual(release)
    expect(await given.store.release('unknown')).toBeNull()
    const store = await given.reopen()
    expect(await store.release('r1')).toEqual(release)
    expect(await store.transact((tx) => tx.releaseForUpdate('r1'))).toEqual(release)
  })

  test('a release is asked for once under its id', async () => {
    await start(given.store, asked('r1'))
    await expect(start(given.store, asked('r1', { targets: [worker] }))).rejects.toThrow()
    expect(await given.store.release('r1')).toEqual(asked('r1'))
  })

  test('within a transaction one reads what it wrote; after a failed one nobody does', async () => {
    const { store } = given
    const release = asked('r1')
    await start(store, release)
    const failing = store.transact(async (tx) => {
      await tx.save(moved(release, 5_000), 6_000)
      expect(await tx.release('r1')).toEqual(moved(release, 5_000))
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.release('r1')).toEqual(release)
  })

  test('transactions that start together run one after the other', async () => {
    const { store } = given
    await start(store, asked('r1'))
    const add = (name: string) =>
      store.transact(async (tx) => {
        const release = await tx.releaseForUpdate('r1')
        if (release) await tx.save({ ...release, notify: [...release.notify, name] }, null)
      })
    const names = Array.from({ length: 20 }, (_, number) => `U${number}`)
    await Promise.all(names.map(add))
    expect((await store.release('r1'))?.notify.toSorted()).toEqual(names.toSorted())
  })

  test('in progress is what has not ended or holds a lane still, the oldest first', async () => {
    const { store } = given
    const lost = ended(asked('lost', { at: 3_000 }), 'unknown')
    const running = asked('running', { targets: [worker], at: 2_000 })
    await start(store, asked('lost', { at: 3_000 }), running)
    await save(store, lost)
    expect(await store.inFlight()).toEqual([running, lost])
    await save(store, settled(lost, 'U0BEN'))
    await save(store, ended(running, 'succeeded'))
    expect(await store.inFlight()).toEqual([])
  })

  test('awake after its end is what is to be driven again, also while somebody drives it', async () => {
    const { store } = given
    const shipped = ended(asked('shipped', { targets: [worker] }), 'succeeded')
    await start(store, asked('quiet'), asked('shipped', { targets: [worker] }))
    await dueIds(store, 1_000)
    await save(store, ended(asked('quiet'), 'succeeded'))
    await save(store, shipped, 20_000)
    expect(await store.awaitingAcknowledgement()).toEqual([shipped])
    await store.claim({ owner: 'one', now: 20_000, leaseMs: 1_000 })
    expect(await store.awaitingAcknowledgement()).toEqual([shipped])
  })

  test('a release that ended before its run is in progress, and driven on by whoever comes after a crash', async () => {
    const { store } = given
    const open = withRun(ended(asked('r1'), 'superseded'), null)
    await start(store, asked('r1'))
    await dueIds(store, 1_000)
    await save(store, open, 12_000)
    expect(await store.inFlight()).toEqual([open])
    await store.claim({ owner: 'killed', now: 12_000, leaseMs: 1_000 })
    const again = await given.reopen()
    expect(await again.claim({ owner: 'next', now: 13_000, leaseMs: 1_000 })).toMatchObject({ release: open })
    await save(again, withRun(open, 13_500))
    expect(await again.inFlight()).toEqual([])
  })

  test('a release that moves on after an unknown end has not ended', async () => {
    const { store } = given
    await start(store, asked('r1'))
    await save(store, ended(asked('r1'), 'unknown'))
    await save(store, moved(asked('r1'), 9_500))
    expect(await store.history({ ended: true, limit: 9 })).toEqual([])
  })

  const everything: readonly [HistoryQuery, readonly string[]][] = [
    [{ limit: 9 }, ['d', 'c', 'b', 'a']],
    [{ limit: 2 }, ['d', 'c']],
    [{ service: 'blog-api', limit: 9 }, ['c', 'b', 'a']],
    [{ service: 'blog-api', environment: 'prod', limit: 9 }, ['b', 'a']],
    [{ requester: 'U0BEN', limit: 9 }, ['d', 'b']],
    [{ ended: true, limit: 9 }, ['b', 'a']],
    [{ ended: false, service: 'blog-api', limit: 9 }, ['c']],
    [{ service: `' or 1 = 1 --`, limit: 9 }, []],
  ]
  test.each(everything)('history of %j, the newest first', async (query, ids) => {
    const { store } = given
    const a = asked('a', { at: 1_000 })
    const b = asked('b', { at: 2_000, requester: 'U0BEN' })
    await start(store, a)
    await save(store, ended(a, 'succeeded'))
    await start(store, b)
    await save(store, ended(b, 'failed'))
    await start(
      store,
      asked('c', { at: 3_000, environment: 'dev' }),
      asked('d', { at: 3_000, service: 'blog-worker', targets: [worker], requester: 'U0BEN' }),
    )
    expect((await store.history(query)).map(({ id }) => id)).toEqual(ids)
  })

  test('history goes on where a page ended, there and back, also while releases are added', async () => {
    const { store } = given
    const all = ['a', 'b', 'c', 'd', 'e']
    for (const [index, id] of all.entries())
      await start(store, asked(id, { at: index < 2 ? 1_000 : 2_000, targets: [{ ...worker, service: id }] }))
    const page = async (query: Omit<HistoryQuery, 'limit'>) =>
      (await store.history({ ...query, limit: 2 })).map(({ id }) => id)
    expect(await page({})).toEqual(['e', 'd'])
    await start(store, asked('f', { at: 3_000, targets: [{ ...worker, service: 'f' }] }))
    expect(await page({ from: { go: 'older', requestedAt: 2_000, id: 'd' } })).toEqual(['c', 'b'])
    expect(await page({ from: { go: 'older', requestedAt: 1_000, id: 'b' } })).toEqual(['a'])
    expect(await page({ from: { go: 'newer', requestedAt: 1_000, id: 'a' } })).toEqual(['c', 'b'])
    expect(await page({ from: { go: 'newer', requestedAt: 2_000, id: 'c' } })).toEqual(['e', 'd'])
    expect(await page({ from: { go: 'newer', requestedAt: 3_000, id: 'f' } })).toEqual([])
    expect(await page({ service: 'nothing', from: { go: 'older', requestedAt: 9_000, id: 'z' } })).toEqual([])
  })

  test('the next release of a service environment that was sent: those that were not are left out', async () => {
    const { store } = given
    const add = async (
      id: string,
      at: number,
      sentAt: number | null,
      differs: Parameters<typeof asked>[1] = {},
    ) => {
      const release = asked(id, { at, ...differs, targets: [{ ...worker, service: id }] })
      await start(store, release)
      await save(store, { ...release, sentAt, sentAtAws: sentAt })
      return { ...release, sentAt }
    }
    const next = async (release: Release) =>
      (await store.transact((tx) => tx.nextSent(release)))?.sentAt ?? null
    await add('before', 1_000, 1_100)
    const first = await add('first', 2_000, 2_100)
    await add('dev', 2_500, 2_600, { environment: 'dev' })
    await add('other', 2_500, 2_600, { service: 'blog-worker' })
    await add('rejected', 3_000, null)
    expect(await next(first)).toBeNull()
    await add('third', 4_000, 4_100)
    await add('fourth', 5_000, 5_100)
    expect(await next(first)).toBe(4_100)
  })

  test('the last release of each place and outcome that may serve', async () => {
    const { store } = given
    const end = async (id: string, how: Outcome, at: number, differs: Parameters<typeof asked>[1] = {}) => {
      const release = asked(id, { ...differs, targets: [{ ...worker, service: id }] })
      await start(store, release)
      await save(store, ended(release, how, at))
    }
    await end('old', 'succeeded', 5_000)
    await end('new', 'succeeded', 6_000)
    await end('broken', 'failed', 7_000)
    await end('no', 'rejected', 8_000)
    await end('dev', 'succeeded', 9_000, { environment: 'dev' })
    await end('other', 'succeeded', 9_000, { service: 'blog-worker' })
    await end('late', 'unchanged', 6_500)
    await start(store, asked('running', { targets: [worker] }))
    const lastIn = async (...places: { service: string; environment: string }[]) =>
      (await store.lastEnded(places)).map(({ id }) => id)
    const prod = { service: 'blog-api', environment: 'prod' }
    expect(await lastIn(prod)).toEqual(['broken', 'late', 'new'])
    expect(await lastIn({ service: 'blog-api', environment: 'dev' }, prod)).toEqual([
      'dev',
      'broken',
      'late',
      'new',
    ])
    expect(await lastIn({ service: 'blog-worker', environment: 'dev' })).toEqual([])
    expect(await lastIn()).toEqual([])
  })

  test('a closed store does not answer', async () => {
    await given.store.ping()
    await given.store.close()
    await expect(given.store.ping()).rejects.toThrow()
  })
}
