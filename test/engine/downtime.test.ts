import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { DowntimeWatch } from '../../src/engine/downtime.ts'
import type { Release } from '../../src/release/release.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { ben, minute, ReleaseDriver } from '../release/driver.ts'
import { ownFolder } from '../store/folder.ts'

const second = 1_000
/** The clock in all tests, ms. */
let now = 0
beforeEach(() => {
  now = Date.parse('2026-11-23T12:00:00Z')
})

async function storeWith(...releases: readonly Release[]): Promise<Store> {
  const store = await openSqliteStore({ folder: ownFolder() })
  onTestFinished(() => store.close())
  for (const release of releases) await request(store, release)
  return store
}

async function request(store: Store, release: Release): Promise<void> {
  await store.transact((tx) => tx.create(release, 'current'))
  const { version = 1 } =
    (await store.outbox.dueCards(now, 9)).find((due) => due.release.id === release.id) ?? {}
  await store.outbox.cardSent(release.id, { ts: release.id, version, shown: '' })
}

/** A release that was requested now, in a target of its own. */
function requested(id: string): Release {
  const { release } = new ReleaseDriver({ id, targets: [{ cluster: 'prod', service: id }] })
  return { ...release, requestedAt: now, stage: { at: 'approval', since: now } }
}

/** A process that runs for so long, with a round every five seconds, and is then killed. */
async function runsFor(store: Store, ms: number): Promise<void> {
  const watch = new DowntimeWatch(store, () => now)
  for (const end = now + ms; ; now += 5 * second) {
    await watch.noteUp()
    if (now >= end) return
  }
}

/** The posts that report a downtime, by release: from when to when, in seconds before now. */
async function reported(store: Store): Promise<readonly string[]> {
  const posts = await store.outbox.duePosts(now, 99)
  return posts.flatMap(({ what }) =>
    what.kind === 'story' && what.post.story.tell === 'was-down'
      ? [`${what.release.id} ${(now - what.post.story.from) / second}-${(now - what.post.story.to) / second}`]
      : [],
  )
}

describe('downtimes', () => {
  it('reports a downtime once for each release in progress, not for one that has ended', async () => {
    const over = new ReleaseDriver({ id: 'over', targets: [{ cluster: 'prod', service: 'over' }] })
    over.reject(ben)
    const store = await storeWith(requested('r1'), requested('r2'), over.release)
    await runsFor(store, 2 * minute)
    now += 3 * minute
    await runsFor(store, 0)
    expect(await reported(store)).toEqual(['r1 180-0', 'r2 180-0'])
    await runsFor(store, 20 * second)
    await runsFor(store, 0)
    expect(await reported(store)).toHaveLength(2)
  })

  it('a downtime of less than a minute is not reported', async () => {
    const store = await storeWith(requested('r1'))
    await runsFor(store, 2 * minute)
    now += minute - second
    await runsFor(store, minute)
    expect(await reported(store)).toEqual([])
  })

  it('the first process on a store reports no downtime', async () => {
    const store = await storeWith(requested('r1'))
    now += 10 * minute
    await runsFor(store, minute)
    expect(await reported(store)).toEqual([])
  })

  it('a time in which twokey crashes again and again is one downtime', async () => {
    const store = await storeWith(requested('r1'))
    await runsFor(store, 2 * minute)
    now += 2 * minute
    for (let crashes = 0; crashes < 5; crashes += 1) {
      await runsFor(store, 20 * second)
      now += 2 * minute
    }
    await runsFor(store, minute)
    expect(await reported(store)).toHaveLength(1)
  })

  it('a crash after steady work begins another downtime', async () => {
    const store = await storeWith(requested('r1'))
    for (let crashes = 0; crashes < 3; crashes += 1) {
      await runsFor(store, 2 * minute)
      now += 2 * minute
    }
    await runsFor(store, 0)
    expect(await reported(store)).toHaveLength(3)
  })

  it('a downtime begins with the release where twokey had nothing to do before it', async () => {
    const store = await storeWith()
    await runsFor(store, minute)
    now += 48 * 60 * minute
    await request(store, requested('r1'))
    now += 2 * minute
    await runsFor(store, 0)
    expect(await reported(store)).toEqual(['r1 120-0'])
  })

  it('a clock that was set back is no downtime, and the time is stored again', async () => {
    const store = await storeWith(requested('r1'))
    await runsFor(store, 2 * minute)
    now -= 60 * minute
    await runsFor(store, 2 * minute)
    expect(await reported(store)).toEqual([])
    now += 2 * minute
    await runsFor(store, 0)
    expect(await store.bookmark('up')).toBe(now - 2 * minute)
  })
})
