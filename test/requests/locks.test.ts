import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decideWithin } from '../../src/engine/commit.ts'
import { createRelease } from '../../src/engine/create-release.ts'
import type { InboxItem, LockAsked, Until } from '../../src/messages/intent.ts'
import { type People, Trouble } from '../../src/ports/ports.ts'
import type { Eligibility } from '../../src/release/policy/approval.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import type { Release } from '../../src/release/release.ts'
import type { AnswerDeps } from '../../src/requests/complete.ts'
import { lock, unlock } from '../../src/requests/locks.ts'
import { inZone } from '../../src/requests/resolve-time.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { environmentChain, type Store } from '../../src/store/store.ts'
import { startLockExpiry } from '../../src/watchers/lock-expiry.ts'
import { ana, ben, chloe, eli, minute, policy, requestOf } from '../release/driver.ts'
import { no, start, yes } from '../release/world.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'

const hour = 60 * minute

const shopTarget = { cluster: 'blog-cluster-prod', service: 'shop' }
const settings = settingsOf([
  serviceEnvironment(),
  serviceEnvironment({ service: 'shop', channel: 'C0SHOP', targets: [shopTarget] }),
  serviceEnvironment({
    environment: 'dev',
    policy: policy({ required: 0, approvers: [] }),
    channel: 'C0DEV',
  }),
])

const dora = 'U0DORA'

/** Ben and Chloe approve, except where S0SHOP does; everybody but Eli may request, where anybody may. */
const people: People = {
  membership: async () => ({ is: 'member' }),
  standing: async ({ user }, lists) =>
    (user === ben || user === chloe) && !lists.flat().includes('S0SHOP') ? yes : no,
  requester: async ({ user }, requesters): Promise<Eligibility> =>
    user === eli || requesters !== 'everyone' ? no : yes,
  knownName: () => null,
  eligibleApprovers: () => Promise.reject(new Error('nobody is elected here')),
  zone: async (id) => {
    if (id === chloe) throw new Trouble('passing', 'Slack does not answer')
    return 'Asia/Seoul'
  },
}

describe('locks in a store', () => {
  let folder: string
  let store: Store
  let now: number
  let count: number

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'twokey-locks-'))
    store = await openSqliteStore({ folder })
    now = start
    count = 0
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const needs = (config = settings): AnswerDeps =>
    ({
      store,
      settings: config,
      outside: { people },
      clock: () => now,
      checkpoint: () => {},
    }) as unknown as AnswerDeps

  async function received(user: string, part: object): Promise<InboxItem> {
    count += 1
    const from = { user, team: 'T0TEAM', channel: 'C0ELSEWHERE', responseUrl: null }
    const item = { id: `i${count}`, asked: part, from, receivedAt: now } as InboxItem
    await store.receive(item)
    return item
  }

  async function locks(user: string, part: Partial<LockAsked> = {}, config = settings): Promise<string> {
    const wanted: LockAsked = {
      ask: 'lock',
      environment: 'prod',
      service: null,
      reason: `of ${user}`,
      until: null,
      as: { hold: 'free' },
      ...part,
    }
    return said(user, async () => lock(needs(config), await received(user, wanted), wanted))
  }

  async function unlocks(user: string, service: string | null = null): Promise<string> {
    const wanted = { ask: 'unlock', environment: 'prod', service } as const
    return said(user, async () => unlock(needs(), await received(user, wanted), wanted))
  }

  /** The person's answer: the code of a refusal, or `done`. */
  async function said(user: string, does: () => Promise<void>): Promise<string> {
    await does()
    const post = (await replies()).findLast(({ to }) => to.user === user)
    if (!post) throw new Error(`${user} was not answered`)
    return post.reply.reply === 'refusal' ? post.reply.refusal.code : post.reply.reply
  }

  async function replies() {
    const posts = await store.outbox.duePosts(now, 99)
    return posts.flatMap(({ what }) => (what.kind === 'reply' ? [what] : []))
  }

  /** The notices in channels, as `<channel> <notice>`. */
  async function notices(): Promise<readonly string[]> {
    const posts = await store.outbox.duePosts(now + 400 * 24 * hour, 99)
    return posts.flatMap(({ what }) =>
      what.kind === 'notice' ? [`${what.channel} ${what.announced.notice.notice}`] : [],
    )
  }

  async function audited(): Promise<readonly string[]> {
    return (await store.auditOf(environmentChain('prod'))).map(({ actor, what }) => `${actor} ${what}`)
  }

  async function holders(): Promise<readonly (readonly [string | null, string])[]> {
    return (await store.locks()).map(({ service, by }) => [service, by] as const)
  }

  function asks(id: string, part: Partial<Parameters<typeof requestOf>[0]> = {}) {
    return store.transact((tx) => createRelease(tx, { request: requestOf({ id, ...part }), settings, now }))
  }

  /** One round of lock expiry, stopped when it is done, as in a process that restarts. */
  async function wards(): Promise<void> {
    const told = (await notices()).length
    const lockExpiry = startLockExpiry({
      store,
      settings,
      clock: () => now,
      log: pino({ level: 'silent' }),
      checkpoint() {},
    })
    const isDone = async () =>
      (await notices()).length > told || ((await store.nextLockDue()) ?? Number.POSITIVE_INFINITY) > now
    while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 5))
    await lockExpiry.stop()
  }

  test('one of two people who lock at once succeeds, and the other learns who has the lock', async () => {
    const answers = await Promise.all([locks(ana), locks(ben)])
    expect(answers.toSorted()).toEqual(['done', 'locked'])
    expect(await store.locks()).toHaveLength(1)
    expect(await notices()).toEqual(['C0DEPLOYS locked', 'C0SHOP locked'])
    const refusal = (await replies()).find(({ reply }) => reply.reply === 'refusal')
    const [held] = await store.locks()
    expect(JSON.stringify(refusal)).toContain(`<@${held?.by}>`)
    expect((await audited()).toSorted()).toEqual(
      [`${held?.by} locked`, `${held?.by === ana ? ben : ana} lock refused`].toSorted(),
    )
  })

  test('one of several who take over the same lock succeeds', async () => {
    await locks(ana)
    now += minute
    const shown = { by: ana, since: start }
    const take = { as: { hold: 'take', shown } } as const
    expect((await Promise.all([locks(ben, take), locks(chloe, take)])).toSorted()).toEqual(['done', 'locked'])
    const [held] = await store.locks()
    expect(held).toMatchObject({ since: now })
    expect(await notices()).toEqual([
      'C0DEPLOYS locked',
      'C0SHOP locked',
      'C0DEPLOYS taken-over',
      'C0SHOP taken-over',
    ])
  })

  test('offers to take over a lock with their own reason only to an approver', async () => {
    await locks(ana)
    await locks(ben, { until: { afterMs: hour } })
    await locks(eli)
    const offers = (await replies()).flatMap(({ to, reply }) =>
      reply.reply === 'refusal' ? [[to.user, reply.takeOver] as const] : [],
    )
    expect(offers).toEqual([
      [
        ben,
        {
          ask: 'lock',
          environment: 'prod',
          service: null,
          reason: 'of U0BEN',
          until: { afterMs: hour },
          as: { hold: 'take', shown: { by: ana, since: start } },
        },
      ],
      [eli, undefined],
    ])
  })

  test('a service and the whole environment can be locked at once, each announced in its channels', async () => {
    expect(await locks(ana)).toBe('done')
    expect(await locks(ben, { service: 'shop' })).toBe('done')
    expect(await holders()).toEqual([
      [null, ana],
      ['shop', ben],
    ])
    expect(await notices()).toEqual(['C0DEPLOYS locked', 'C0SHOP locked', 'C0SHOP locked'])
    expect(await unlocks(ana)).toBe('done')
    expect(await holders()).toEqual([['shop', ben]])
    expect(await unlocks(ana, 'shop')).toBe('not_allowed')
    expect(await unlocks(chloe, 'shop')).toBe('done')
    expect(await unlocks(chloe, 'shop')).toBe('not_locked')
    expect((await audited()).slice(-3)).toEqual([
      'U0ANA unlock refused',
      'U0CHLOE unlocked',
      'U0CHLOE unlock refused',
    ])
  })

  test('any requester may unlock if no approvers are named', async () => {
    const asked = { ask: 'unlock', environment: 'dev', service: null } as const
    expect(await locks(ana, { environment: 'dev' })).toBe('done')
    expect(await said(eli, async () => unlock(needs(), await received(eli, asked), asked))).toBe(
      'not_allowed',
    )
    expect(await said(ben, async () => unlock(needs(), await received(ben, asked), asked))).toBe('done')
  })

  test('refuses to lock a service environment that does not exist', async () => {
    expect(await locks(ana, { environment: 'dev', service: 'shop' })).toBe('service_unknown')
    expect(await locks(ana, { environment: 'staging' })).toBe('environment_unknown')
    expect(await store.locks()).toEqual([])
  })

  test('reads a time of day in the person’s own zone, and locks nothing if the zone is unknown', async () => {
    // 12:00 UTC is 21:00 in Seoul.
    expect(await locks(ana, { until: { day: 'today', time: '22:30' } })).toBe('done')
    expect(await store.locks()).toMatchObject([{ until: start + 1.5 * hour }])
    expect(await locks(ana, { until: { day: 'today', time: '20:59' } })).toBe('lock_time')
    expect(await locks(chloe, { service: 'shop', until: { day: 'today', time: '22:30' } })).toBe('cannot_see')
    expect(await locks(chloe, { service: 'shop', until: { afterMs: hour } })).toBe('done')
  })

  test.each<[string, Extract<Until, { day: string }>, string]>([
    ['Asia/Seoul', { day: 'tomorrow', time: '09:00' }, '2026-11-24T00:00:00.000Z'],
    ['America/New_York', { day: 'today', time: '07:01' }, '2026-11-23T12:01:00.000Z'],
    ['Europe/Paris', { day: '2026-12-24', time: '18:00' }, '2026-12-24T17:00:00.000Z'],
    // Clocks go back at 3:00, so 2:30 occurs twice; and forward at 2:00, so 2:30 never occurs.
    ['Europe/Paris', { day: '2027-10-31', time: '02:30' }, '2027-10-31T01:30:00.000Z'],
    ['Europe/Paris', { day: '2027-03-28', time: '02:30' }, '2027-03-28T01:30:00.000Z'],
  ])('reads in %s %j as %s', (zone, until, expected) => {
    expect(new Date(inZone(until, zone, start)).toISOString()).toBe(expected)
  })

  test('a lock and a deploy at once: the deploy is refused, or ends before anything is sent', async () => {
    const [answer, placed] = await Promise.all([
      locks(ana),
      asks('r1', { policy: policy({ required: 0 }), eligible: 0 }),
    ])
    expect(answer).toBe('done')
    if ('refused' in placed) return expect(placed.refused.code).toBe('locked')
    const committed = await looked(placed.release)
    expect(committed).toMatchObject({ outside: [], release: { stage: { outcome: 'cancelled' } } })
  })

  function looked(release: Release) {
    return store.transact((tx) =>
      decideWithin(tx, { release, input: { on: 'look', seen: {} }, settings, now }),
    )
  }

  test('a lock ends a deploy that came first, whichever of them the transaction sees', async () => {
    const placed = await asks('r1', { policy: policy({ required: 0 }), eligible: 0 })
    if ('refused' in placed) throw new Error(placed.refused.sentence)
    await locks(ana)
    expect(await looked(placed.release)).toMatchObject({ release: { stage: { outcome: 'cancelled' } } })
    expect(await asks('r2', { policy: policy({ required: 0 }), eligible: 0 })).toMatchObject({
      refused: { code: 'locked' },
    })
  })

  test('a deploy that a refused lock blocked is not blocked by it again', async () => {
    const placed = await asks('r1', { policy: policy({ required: 0 }), eligible: 0 })
    if ('refused' in placed) throw new Error(placed.refused.sentence)
    expect(placed.release.stage.at).toBe('ready')
    await locks(eli)
    expect((await store.release('r1'))?.mayNotStop).toEqual([eli])
  })

  test.each([
    ['may lock that service itself', dora, 'everyone'],
    ['approves its releases', ben, ['S0SHOP']],
  ] as const)(
    'a lock refused for another service does not affect a person who %s',
    async (_, user, requesters) => {
      const placed = await asks('r1', { policy: policy({ required: 0 }), eligible: 0 })
      if ('refused' in placed) throw new Error(placed.refused.sentence)
      const [blog, shop] = settings.serviceEnvironments
      const theirs = { requesters: ['S0SHOP'], policy: policy({ approvers: ['S0SHOP'] }) }
      const config = {
        ...settings,
        serviceEnvironments: [
          { ...blog!, requesters },
          { ...shop!, ...theirs },
        ],
      }
      expect(await locks(user, {}, config)).toBe('not_allowed')
      expect((await store.release('r1'))?.mayNotStop).toEqual([])
    },
  )

  test('a lock of one service leaves the others free, and a lock of everything none', async () => {
    await locks(ana, { service: 'blog-api' })
    expect(await asks('r1')).toMatchObject({ refused: { code: 'locked' } })
    expect(await asks('r2', { service: 'shop', targets: [shopTarget] })).toHaveProperty('release')
    await locks(ben)
    expect(await asks('r3', { service: 'shop', targets: [shopTarget] })).toMatchObject({
      refused: { code: 'locked', said: 'of U0BEN' },
    })
  })

  test('reminds of a lock once when due, and ends it at its time, whatever restarts', async () => {
    await locks(ana, { until: { afterMs: 30 * hour } })
    const told = ['C0DEPLOYS locked', 'C0SHOP locked']
    now += 3 * hour - 1
    await wards()
    expect(await notices()).toEqual(told)
    now += 1
    await wards()
    await wards()
    told.push('C0DEPLOYS still-locked', 'C0SHOP still-locked')
    expect(await notices()).toEqual(told)
    now += 24 * hour
    await store.close()
    store = await openSqliteStore({ folder })
    await wards()
    told.push('C0DEPLOYS still-locked', 'C0SHOP still-locked')
    expect(await notices()).toEqual(told)
    // Down from before its end until long after it.
    now += 80 * hour
    await wards()
    await wards()
    told.push('C0DEPLOYS lock-ended', 'C0SHOP lock-ended')
    expect(await notices()).toEqual(told)
    expect(await store.locks()).toEqual([])
    expect(await audited()).toEqual([
      'U0ANA locked',
      'twokey lock reminded',
      'twokey lock reminded',
      'twokey lock ended',
    ])
  })

  test('an expired lock blocks nothing before it is removed, and the next lock reports its end', async () => {
    await locks(ana, { until: { afterMs: hour } })
    now += hour
    expect(await asks('r1')).toHaveProperty('release')
    expect(await unlocks(ana)).toBe('not_locked')
    expect(await locks(ben)).toBe('done')
    expect(await audited()).toEqual([
      'U0ANA locked',
      'twokey lock ended',
      'U0ANA unlock refused',
      'U0BEN locked',
    ])
    expect(await notices()).toContain('C0DEPLOYS lock-ended')
  })

  test('notices in the channel name the end of the audit chain', async () => {
    await locks(ana)
    await unlocks(ben)
    const rows = await store.auditOf(environmentChain('prod'))
    const heads = (await store.outbox.duePosts(now, 99)).flatMap(({ what }) =>
      what.kind === 'notice' && what.channel === 'C0SHOP' ? [what.announced.head] : [],
    )
    expect(heads).toEqual(rows.map(({ seq, hash }) => ({ seq, hash })))
    expect(rows[1]).toMatchObject({ detail: { held: { by: ana, why: 'of U0ANA' } satisfies Partial<Lock> } })
  })
})
