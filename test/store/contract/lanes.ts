import { expect, test } from 'vitest'
import type { Target } from '../../../src/release/names.ts'
import type { Release } from '../../../src/release/release.ts'
import type { Beyond } from '../../../src/release/sighting.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Given } from '../contract.ts'
import {
  blog,
  dueIds,
  ended,
  moved,
  requestedDeploy,
  requestedRollback,
  save,
  settled,
  start,
  withRun,
  worker,
} from '../fixtures.ts'

const elsewhere: Target = { ...blog, region: 'eu-west-1' }

async function holders(store: Store, targets: readonly Target[], except?: string) {
  const releases = await store.transact((tx) => tx.holders(targets, except))
  return releases.map(({ id }) => id).toSorted()
}

/** A deploy in its lane, and a rollback that replaces it; neither is due. */
async function rollbackBehindDeploy(store: Store): Promise<{ deploy: Release; back: Release }> {
  const deploy = requestedDeploy('deploy')
  const back = requestedRollback('back')
  await start(store, deploy)
  await store.transact((tx) => tx.create(back, 'next'))
  await dueIds(store, 5_000)
  return { deploy, back }
}

export function laneContract(given: Given): void {
  test('finds the holder of a target, and only by that target', async () => {
    const { store } = given
    await start(store, requestedDeploy('both', { targets: [blog, worker] }))
    expect(await holders(store, [blog])).toEqual(['both'])
    expect(await holders(store, [worker, blog])).toEqual(['both'])
    expect(await holders(store, [elsewhere])).toEqual([])
    expect(await holders(store, [])).toEqual([])
    expect(await holders(store, [blog], 'both')).toEqual([])
  })

  test('sets the region of releases and lanes that name none, and finds them by it only', async () => {
    const { store } = given
    const { deploy, back } = await rollbackBehindDeploy(store)
    const named = requestedDeploy('named', { targets: [{ ...worker, region: 'us-east-1' }] })
    await start(store, named)
    for (const _ of ['once', 'again']) await store.locate('eu-west-1')
    expect(await holders(store, [elsewhere])).toEqual(['back', 'deploy'])
    expect(await holders(store, [blog])).toEqual([])
    expect(await holders(store, named.targets)).toEqual(['named'])
    const [found, after, other] = await Promise.all(
      [deploy.id, back.id, named.id].map((id) => store.release(id)),
    )
    expect(found).toMatchObject({ targets: [elsewhere], tracks: { rollouts: [{ target: elsewhere }] } })
    expect(after).toMatchObject({ targets: [elsewhere] })
    expect(other).toEqual(named)
    await save(store, ended(found!, 'failed', 9_000))
    expect(await holders(store, [elsewhere])).toEqual(['back'])
  })

  const role = 'arn:aws:iam::210987654321:role/twokey'
  const revisionIn = (account: string) => {
    const arn = `arn:aws:ecs:eu-west-1:${account}:task-definition/blog-api:43`
    return { name: 'blog-api:43', arn, commit: null }
  }
  const roles = [{ service: 'blog-api', environment: 'prod', region: 'eu-west-1', roleArn: role }]

  test.each([
    ['of a release of its account', revisionIn('210987654321'), [], ['deploy']],
    ['not of a release of another account', revisionIn('123456789012'), ['deploy'], []],
  ])('a role that twokey.yml names later is that %s', async (_, revision, before, after) => {
    const { store } = given
    const deploy = { ...requestedDeploy('deploy', { targets: [elsewhere] }), servingBefore: revision }
    await start(store, { ...deploy, sentAt: 1_500 })
    for (const _ of ['once', 'again']) await store.adoptRoles(roles)
    expect(await holders(store, [elsewhere])).toEqual(before)
    expect(await holders(store, [{ ...elsewhere, roleArn: role }])).toEqual(after)
    expect((await store.release('deploy'))?.targets[0]?.roleArn).toBe(after.length > 0 ? role : undefined)
    const renamed = { ...elsewhere, roleArn: role.replace('twokey', 'deployer') }
    await store.adoptRoles([{ ...roles[0]!, roleArn: renamed.roleArn }])
    expect(await holders(store, [renamed])).toEqual(after)
    expect((await store.release('deploy'))?.targets[0]?.roleArn).toBe(
      after.length > 0 ? renamed.roleArn : undefined,
    )
  })

  test('a release that names its region elsewhere gets that of its targets', async () => {
    const { store } = given
    const change: Beyond = {
      service: 'blog-worker',
      environment: 'dev',
      target: { ...worker, region: 'us-east-1' },
      rollout: { arn: 'arn:rollout', revision: { name: 'blog-worker:7', arn: 'arn:7', commit: null } },
      evidence: 'commit',
    }
    const { tracks, ...release } = requestedDeploy('deploy')
    await start(store, { ...release, tracks: { ...tracks, beyond: { checked: 'yes', changes: [change] } } })
    await store.locate('eu-west-1')
    expect(await store.release('deploy')).toMatchObject({
      targets: [elsewhere],
      tracks: { rollouts: [{ target: elsewhere }], beyond: { changes: [change] } },
    })
    expect(await holders(store, [elsewhere])).toEqual(['deploy'])
  })

  test('a lane held under two names is held by both releases until each has ended', async () => {
    const { store } = given
    await start(store, requestedDeploy('named', { targets: [elsewhere] }))
    await start(store, requestedDeploy('unnamed', { targets: [blog] }))
    await store.locate('eu-west-1')
    expect(await holders(store, [elsewhere])).toEqual(['named', 'unnamed'])
    const unnamed = await store.release('unnamed')
    expect(unnamed).toMatchObject({ targets: [elsewhere] })
    await save(store, ended((await store.release('named'))!, 'failed', 9_000))
    expect(await holders(store, [elsewhere])).toEqual(['unnamed'])
    await save(store, ended(unnamed!, 'failed', 9_000))
    expect(await holders(store, [elsewhere])).toEqual([])
  })

  test('gives the lane to one of two concurrent requests, and the other leaves nothing behind', async () => {
    const { store } = given
    const outcomes = await Promise.allSettled([
      start(store, requestedDeploy('ana', { targets: [blog] })),
      start(store, requestedDeploy('ben', { targets: [worker, blog] })),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await store.release('ben')).toBeNull()
    expect(await holders(store, [blog, worker])).toEqual(['ana'])
    expect((await store.outbox.dueCards(9_000, 9)).map(({ release }) => release.id)).toEqual(['ana'])
  })

  test('gives the next place in the lane to one of two concurrent requests', async () => {
    const { store } = given
    await rollbackBehindDeploy(store)
    expect(await holders(store, [blog])).toEqual(['back', 'deploy'])
    const second = store.transact((tx) => tx.create(requestedRollback('late'), 'next'))
    await expect(second).rejects.toThrow()
  })

  test.each([
    ['an end', (release: Release) => ended(release, 'failed', 9_000), []],
    ['a move', (release: Release) => moved(release, 9_000), ['r1']],
    ['an unknown end', (release: Release) => ended(release, 'unknown', 9_000), ['r1']],
    ['an end before that of its run', (release: Release) => withRun(ended(release, 'failed'), null), ['r1']],
    ['the end of its run, too', (release: Release) => withRun(ended(release, 'failed'), 9_500), []],
    ['a settled unknown end', (release: Release) => settled(ended(release, 'unknown'), 'U0BEN'), []],
  ])('keeps or frees the lane after %s (row %#)', async (_, change, left) => {
    const { store } = given
    const release = requestedDeploy('r1', { targets: [blog, worker] })
    await start(store, release)
    await save(store, change(release))
    expect(await holders(store, [blog, worker])).toEqual(left)
    if (left.length === 0) await start(store, requestedDeploy('r2'))
  })

  test('freeing a lane wakes the release that waits for it', async () => {
    const { store } = given
    const { deploy } = await rollbackBehindDeploy(store)
    await save(store, moved(deploy, 8_000))
    expect(await store.nextWake()).toBeNull()
    await save(store, ended(deploy, 'cancelled', 9_000))
    expect(await store.nextWake()).toBe(9_000)
    expect(await dueIds(store, 9_000)).toEqual(['back'])
    await store.transact((tx) => tx.takeLanes('back'))
    await store.transact((tx) => tx.create(requestedRollback('another'), 'next'))
    expect(await holders(store, [blog])).toEqual(['another', 'back'])
  })

  test('a rollback replaces a running deploy, which also holds the lane until its end', async () => {
    const { store } = given
    const { deploy, back } = await rollbackBehindDeploy(store)
    await store.transact((tx) => tx.takeLanes('back'))
    expect(await holders(store, [blog])).toEqual(['back', 'deploy'])
    await save(store, ended(deploy, 'superseded'))
    expect(await holders(store, [blog])).toEqual(['back'])
    expect(await store.nextWake()).toBeNull()
    await save(store, ended(back, 'succeeded'))
    expect(await holders(store, [blog])).toEqual([])
  })

  test('a rollback that ends leaves the lane to the replaced deploy until its run has ended', async () => {
    const { deploy, back } = await rollbackBehindDeploy(given.store)
    await given.store.transact((tx) => tx.takeLanes('back'))
    const open = withRun(ended(deploy, 'superseded'), null)
    await save(given.store, open)
    await save(given.store, ended(back, 'succeeded'))
    const store = await given.reopen()
    expect(await holders(store, [blog])).toEqual(['deploy'])
    expect((await store.inFlight()).map(({ id }) => id)).toEqual(['deploy'])
    await save(store, withRun(open, 9_500))
    expect(await holders(store, [blog])).toEqual([])
  })

  test('rollbacks that replace one another share the lane, each until its own end', async () => {
    const { store } = given
    const { deploy, back } = await rollbackBehindDeploy(store)
    const targets = [blog, worker]
    const third = requestedRollback('third', { targets })
    await store.transact((tx) => tx.takeLanes('back'))
    await store.transact((tx) => tx.create(third, 'next'))
    await expect(store.transact((tx) => tx.create(requestedRollback('late'), 'next'))).rejects.toThrow()
    await store.transact((tx) => tx.takeLanes('third'))
    expect(await holders(store, [blog])).toEqual(['back', 'deploy', 'third'])
    await expect(start(store, requestedDeploy('another'))).rejects.toThrow()
    await save(store, ended(third, 'succeeded'))
    expect(await holders(store, targets)).toEqual(['back', 'deploy'])
    await save(store, ended(back, 'superseded'))
    expect(await holders(store, targets)).toEqual(['deploy'])
    await save(store, ended(deploy, 'superseded'))
    expect(await holders(store, targets)).toEqual([])
  })

  test('a replaced deploy that leaves the lane wakes the waiting release', async () => {
    const { store } = given
    const { deploy, back } = await rollbackBehindDeploy(store)
    await store.transact((tx) => tx.takeLanes('back'))
    await save(store, ended(back, 'succeeded'))
    await store.transact((tx) => tx.create(requestedRollback('third'), 'next'))
    await dueIds(store, 9_000)
    await save(store, ended(deploy, 'superseded', 9_500))
    expect(await store.nextWake()).toBe(9_500)
    expect(await dueIds(store, 9_500)).toEqual(['third'])
  })

  test('taking its own lanes again changes nothing', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1', { targets: [blog, worker] }))
    await store.transact((tx) => tx.takeLanes('r1'))
    expect(await holders(store, [blog])).toEqual(['r1'])
    await expect(start(store, requestedDeploy('r2'))).rejects.toThrow()
  })

  test('holding lanes that it holds already changes nothing, and lanes of another release throw', async () => {
    const { store } = given
    const gate = requestedDeploy('gate', { targets: [blog, worker] })
    await store.transact((tx) => tx.create(gate, 'later'))
    expect(await holders(store, [blog, worker])).toEqual([])
    await store.transact((tx) => tx.holdLanes(gate, []))
    await store.transact((tx) => tx.holdLanes(gate, []))
    expect(await holders(store, [blog, worker])).toEqual(['gate'])
    const other = requestedDeploy('other')
    await store.transact((tx) => tx.create(other, 'later'))
    await expect(store.transact((tx) => tx.holdLanes(other, []))).rejects.toThrow()
  })

  test('a release that holds lanes beside another one frees its own only', async () => {
    const { store } = given
    const earlier = requestedDeploy('earlier', { targets: [blog] })
    await start(store, earlier)
    const later = requestedDeploy('later', { targets: [blog] })
    await store.transact((tx) => tx.create(later, 'later'))
    await store.transact((tx) => tx.holdLanes(later, ['earlier']))
    expect(await holders(store, [blog])).toEqual(['earlier', 'later'])
    await save(store, ended(earlier, 'failed'))
    expect(await holders(store, [blog])).toEqual(['later'])
    await expect(start(store, requestedDeploy('r2'))).rejects.toThrow()
  })

  test('replaces the holder only on the targets that were waited for', async () => {
    const { store } = given
    await start(store, requestedDeploy('deploy', { targets: [blog, worker] }))
    await store.transact((tx) => tx.create(requestedRollback('back'), 'next'))
    await store.transact((tx) => tx.takeLanes('back'))
    await store.transact((tx) => tx.create(requestedRollback('third', { targets: [worker] }), 'next'))
    await store.transact((tx) => tx.takeLanes('third'))
    expect(await holders(store, [blog])).toEqual(['back', 'deploy'])
    expect(await holders(store, [worker])).toEqual(['deploy', 'third'])
  })

  test('a waiting release that gives up leaves the lane to its holder and wakes nobody', async () => {
    const { store } = given
    const { back } = await rollbackBehindDeploy(store)
    await save(store, ended(back, 'cancelled'))
    expect(await holders(store, [blog])).toEqual(['deploy'])
    expect(await store.nextWake()).toBeNull()
  })
}
