import { expect, test } from 'vitest'
import type { Target } from '../../../src/release/names.ts'
import type { Release } from '../../../src/release/release.ts'
import type { Outcome } from '../../../src/release/stage.ts'
import type { HistoryQuery } from '../../../src/store/store.ts'
import type { Given } from '../contract.ts'
import {
  blog,
  dueIds,
  ended,
  moved,
  requestedDeploy,
  save,
  settled,
  start,
  withRun,
  worker,
} from '../fixtures.ts'

export function releaseContract(given: Given): void {
  test('reads a release as it was written, even after a restart', async () => {
    const release = requestedDeploy('r1', { containers: ['half \ud800', 'nul \0', '🚀'] })
    await start(given.store, release)
    expect(await given.store.release('r1')).toEqual(release)
    expect(await given.store.release('unknown')).toBeNull()
    const store = await given.reopen()
    expect(await store.release('r1')).toEqual(release)
    expect(await store.transact((tx) => tx.releaseForUpdate('r1'))).toEqual(release)
  })

  test('creates only one release per id', async () => {
    await start(given.store, requestedDeploy('r1'))
    await expect(start(given.store, requestedDeploy('r1', { targets: [worker] }))).rejects.toThrow()
    expect(await given.store.release('r1')).toEqual(requestedDeploy('r1'))
  })

  test('a transaction reads its own writes; nobody reads those of a failed one', async () => {
    const { store } = given
    const release = requestedDeploy('r1')
    await start(store, release)
    const failing = store.transact(async (tx) => {
      await tx.save(moved(release, 5_000), 6_000)
      expect(await tx.release('r1')).toEqual(moved(release, 5_000))
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.release('r1')).toEqual(release)
  })

  test('runs concurrent transactions one after the other', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const add = (name: string) =>
      store.transact(async (tx) => {
        const release = await tx.releaseForUpdate('r1')
        if (release) await tx.save({ ...release, notify: [...release.notify, name] }, null)
      })
    const names = Array.from({ length: 20 }, (_, number) => `U${number}`)
    await Promise.all(names.map(add))
    expect((await store.release('r1'))?.notify.toSorted()).toEqual(names.toSorted())
  })

  test('lists releases in progress that have not ended or hold a lane, oldest first', async () => {
    const { store } = given
    const lost = ended(requestedDeploy('lost', { at: 3_000 }), 'unknown')
    const running = requestedDeploy('running', { targets: [worker], at: 2_000 })
    await start(store, requestedDeploy('lost', { at: 3_000 }), running)
    await save(store, lost)
    expect(await store.inFlight()).toEqual([running, lost])
    await save(store, settled(lost, 'U0BEN'))
    await save(store, ended(running, 'succeeded'))
    expect(await store.inFlight()).toEqual([])
  })

  test('lists ended releases that are driven again, even while somebody drives them', async () => {
    const { store } = given
    const shipped = ended(requestedDeploy('shipped', { targets: [worker] }), 'succeeded')
    await start(store, requestedDeploy('quiet'), requestedDeploy('shipped', { targets: [worker] }))
    await dueIds(store, 1_000)
    await save(store, ended(requestedDeploy('quiet'), 'succeeded'))
    await save(store, shipped, 20_000)
    expect(await store.awaitingAcknowledgement()).toEqual([shipped])
    await store.claim({ owner: 'one', now: 20_000, leaseMs: 1_000 })
    expect(await store.awaitingAcknowledgement()).toEqual([shipped])
  })

  test('a release that ended before its run is in progress, and driven by any owner after a crash', async () => {
    const { store } = given
    const open = withRun(ended(requestedDeploy('r1'), 'superseded'), null)
    await start(store, requestedDeploy('r1'))
    await dueIds(store, 1_000)
    await save(store, open, 12_000)
    expect(await store.inFlight()).toEqual([open])
    await store.claim({ owner: 'killed', now: 12_000, leaseMs: 1_000 })
    const again = await given.reopen()
    expect(await again.claim({ owner: 'next', now: 13_000, leaseMs: 1_000 })).toMatchObject({ release: open })
    await save(again, withRun(open, 13_500))
    expect(await again.inFlight()).toEqual([])
  })

  test('a release that continues after an unknown end has not ended', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await save(store, ended(requestedDeploy('r1'), 'unknown'))
    await save(store, moved(requestedDeploy('r1'), 9_500))
    expect(await store.history({ ended: true, limit: 9 })).toEqual([])
  })

  const everything: readonly [HistoryQuery, readonly string[]][] = [
    [{ limit: 9 }, ['d', 'c', 'b', 'a']],
    [{ limit: 2 }, ['d', 'c']],
    [{ service: 'blog-api', limit: 9 }, ['c', 'b', 'a']],
    [{ service: 'blog-api', environment: 'prod', limit: 9 }, ['b', 'a']],
    [{ person: { id: 'U0BEN', as: 'requester' }, limit: 9 }, ['d', 'b']],
    [{ person: { id: 'U0BEN', as: 'approver' }, limit: 9 }, ['a']],
    [{ person: { id: 'U0BEN', as: 'requester or approver' }, limit: 9 }, ['d', 'b', 'a']],
    [{ person: { id: 'U0CHLOE', as: 'approver' }, limit: 9 }, []],
    [{ since: 2_000, limit: 9 }, ['d', 'c', 'b']],
    [{ since: 2_000, until: 3_000, limit: 9 }, ['b']],
    [{ ended: true, limit: 9 }, ['b', 'a']],
    [{ ended: false, service: 'blog-api', limit: 9 }, ['c']],
    [{ service: `' or 1 = 1 --`, limit: 9 }, []],
  ]
  test.each(everything)('lists the history of %j newest first', async (query, ids) => {
    const { store } = given
    const a = requestedDeploy('a', { at: 1_000 })
    const b = requestedDeploy('b', { at: 2_000, requester: 'U0BEN' })
    await start(store, a)
    const approval = (by: string) => ({ by, at: 1_000, via: 'S0OPS' })
    await save(store, { ...a, approvals: [approval('U0BEN'), approval('U0CHLOE')] })
    // Chloe withdraws her approval.
    await save(store, ended({ ...a, approvals: [approval('U0BEN')] }, 'succeeded'))
    await start(store, b)
    await save(store, ended(b, 'failed'))
    await start(
      store,
      requestedDeploy('c', { at: 3_000, environment: 'dev' }),
      requestedDeploy('d', { at: 3_000, service: 'blog-worker', targets: [worker], requester: 'U0BEN' }),
    )
    expect((await store.history(query)).map(({ id }) => id)).toEqual(ids)
  })

  test('continues history from the end of a page in both directions, while releases are added', async () => {
    const { store } = given
    const all = ['a', 'b', 'c', 'd', 'e']
    for (const [index, id] of all.entries())
      await start(
        store,
        requestedDeploy(id, { at: index < 2 ? 1_000 : 2_000, targets: [{ ...worker, service: id }] }),
      )
    const page = async (query: Omit<HistoryQuery, 'limit'>) =>
      (await store.history({ ...query, limit: 2 })).map(({ id }) => id)
    expect(await page({})).toEqual(['e', 'd'])
    await start(store, requestedDeploy('f', { at: 3_000, targets: [{ ...worker, service: 'f' }] }))
    expect(await page({ from: { go: 'older', requestedAt: 2_000, id: 'd' } })).toEqual(['c', 'b'])
    expect(await page({ from: { go: 'older', requestedAt: 1_000, id: 'b' } })).toEqual(['a'])
    expect(await page({ from: { go: 'newer', requestedAt: 1_000, id: 'a' } })).toEqual(['c', 'b'])
    expect(await page({ from: { go: 'newer', requestedAt: 2_000, id: 'c' } })).toEqual(['e', 'd'])
    expect(await page({ from: { go: 'newer', requestedAt: 3_000, id: 'f' } })).toEqual([])
    expect(await page({ service: 'nothing', from: { go: 'older', requestedAt: 9_000, id: 'z' } })).toEqual([])
  })

  /** A release requested at a time, even if another holds the lane, and sent then; null: not sent. */
  const sent = async (id: string, at: number | null, differs: Parameters<typeof requestedDeploy>[1] = {}) => {
    const release = { ...requestedDeploy(id, { at: at ?? 1_000, ...differs }), sentAt: at, sentAtAws: at }
    await given.store.transact(async (tx) => {
      await tx.create({ ...release, sentAt: null, sentAtAws: null }, 'current')
      await tx.save(release, null)
      await tx.save(ended(release, 'succeeded', at ?? 1_000), null)
    })
    return release
  }
  const sentTo = async (target: Target, until: number, limit = 9) =>
    (await given.store.sentTo({ target, until, limit })).map(({ id }) => id)

  test('lists what was sent to a target newest first, whatever its service environment was called', async () => {
    const abroad = { ...blog, region: 'eu-west-1' }
    await sent('first', 1_100)
    await sent('both', 1_200, { targets: [blog, worker] })
    await sent('renamed', 1_300, { service: 'api', environment: 'live' })
    await sent('abroad', 1_400, { targets: [abroad] })
    for (const id of ['rejected', 'cancelled']) await sent(id, null)
    await sent('last', 1_500)
    expect(await sentTo(blog, 1_500)).toEqual(['last', 'renamed', 'both', 'first'])
    expect(await sentTo(blog, 1_499, 2)).toEqual(['renamed', 'both'])
    expect(await sentTo(worker, 1_500)).toEqual(['both'])
    expect(await sentTo(abroad, 1_500)).toEqual(['abroad'])
    expect(await sentTo(blog, 1_099)).toEqual([])
  })

  test('a dispatch that was held back was not sent, and a later one counts with its own time', async () => {
    const { store } = given
    const release = requestedDeploy('r1')
    await start(store, release)
    await save(store, { ...release, sentAt: 2_000, sentAtAws: 2_500 })
    expect(await sentTo(blog, 2_499)).toEqual([])
    expect(await sentTo(blog, 2_500)).toEqual(['r1'])
    await save(store, release)
    expect(await sentTo(blog, 9_000)).toEqual([])
    await save(store, { ...release, sentAt: 3_000, sentAtAws: 3_500 })
    expect(await sentTo(blog, 3_499)).toEqual([])
    expect(await sentTo(blog, 3_500)).toEqual(['r1'])
  })

  test('finds releases of targets without a region under their later region', async () => {
    await sent('r1', 1_100)
    await given.store.locate('eu-west-1')
    expect(await sentTo(blog, 9_000)).toEqual([])
    expect(await sentTo({ ...blog, region: 'eu-west-1' }, 9_000)).toEqual(['r1'])
  })

  test('finds when the next release was sent to one of its targets, without those that were not sent', async () => {
    const next = (release: Release) => given.store.transact((tx) => tx.nextSent(release))
    await sent('before', 1_100)
    const first = await sent('first', 2_100)
    await sent('other', 2_600, { targets: [worker] })
    await sent('rejected', null)
    expect(await next(first)).toBeNull()
    await sent('renamed', 4_100, { environment: 'live' })
    await sent('fourth', 5_100)
    expect(await next(first)).toBe(4_100)
    expect(await next({ ...first, targets: [worker, blog] })).toBe(2_600)
    expect(await next(requestedDeploy('not sent'))).toBeNull()
  })

  test('finds the last release of each service environment and outcome that may serve', async () => {
    const { store } = given
    const end = async (
      id: string,
      how: Outcome,
      at: number,
      differs: Parameters<typeof requestedDeploy>[1] = {},
    ) => {
      const release = requestedDeploy(id, { ...differs, targets: [{ ...worker, service: id }] })
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
    await start(store, requestedDeploy('running', { targets: [worker] }))
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
