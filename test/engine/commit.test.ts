import { describe, expect, test } from 'vitest'
import { decideWithin } from '../../src/engine/commit.ts'
import type { InboxItem } from '../../src/messages/intent.ts'
import type { CardPlace } from '../../src/messages/places.ts'
import type { Answer } from '../../src/release/answer.ts'
import type { AuditEntry, AuditHead, ReleasePost } from '../../src/release/effects.ts'
import type { Time } from '../../src/release/names.ts'
import { looks } from '../../src/release/next-look.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import { holdsLane, type Release } from '../../src/release/release.ts'
import type { Transaction } from '../../src/store/store.ts'
import { bindingRules } from '../release/bound.ts'
import { click } from '../release/click.ts'
import {
  ana,
  ben,
  chloe,
  clicker,
  minute,
  policy,
  ReleaseDriver,
  rollbackSubject,
  sending,
  underway,
} from '../release/driver.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'

const place = serviceEnvironment({ rollback: { policy: policy({ required: 0 }), waitMs: 0 } })
const settings = settingsOf([place], { polling: { activeMs: 3_000, idleMs: 30_000, settleMs: minute } })

/** A store's transaction over a few releases, which records what was written, in order. */
class Written implements Transaction {
  readonly releases: Map<string, Release>
  readonly verbs: string[] = []
  readonly wakes = new Map<string, Time | null>()
  readonly told: ReleasePost[] = []
  readonly audits: AuditEntry[] = []
  inbox: readonly InboxItem[] = []
  readonly direct: Transaction['direct'] = {
    choice: async () => null,
    isWantedByAny: async () => false,
    choose: async () => {},
    askApprovers: async (id) => void this.verbs.push(`ask-approvers ${id}`),
    sendOutcome: async (id, { to, end }) => void this.verbs.push(`send-outcome ${id} ${to} ${end}`),
  }
  /** Where each card is; null: not posted yet. */
  cardPlace: CardPlace | null = { channel: 'C0DEPLOYS', ts: '1.1' }

  constructor(releases: readonly Release[]) {
    this.releases = new Map(releases.map((release) => [release.id, release]))
  }

  async hasRelease(id: string): Promise<boolean> {
    return (await this.release(id)) !== null
  }

  async release(id: string): Promise<Release | null> {
    return this.releases.get(id) ?? null
  }
  async releaseForUpdate(id: string): Promise<Release | null> {
    return this.release(id)
  }
  async holders(_: unknown, except?: string): Promise<readonly Release[]> {
    return [...this.releases.values()].filter((release) => release.id !== except && holdsLane(release))
  }
  async nextSent(): Promise<null> {
    return null
  }
  async save(release: Release, wakeAt: Time | null): Promise<void> {
    this.verbs.push(`save ${release.id}`)
    this.releases.set(release.id, release)
    this.wakes.set(release.id, wakeAt)
  }
  async holdLanes({ id }: Release): Promise<void> {
    this.verbs.push(`hold-lanes ${id}`)
  }
  async takeLanes(id: string): Promise<void> {
    this.verbs.push(`take-lanes ${id}`)
  }
  async audit(id: string, entries: readonly AuditEntry[]): Promise<AuditHead> {
    this.verbs.push(`audit ${id}`)
    this.audits.push(...entries)
    return { seq: this.audits.length, hash: `hash ${this.audits.length}` }
  }
  async noteName(id: string): Promise<void> {
    this.verbs.push(`name ${id}`)
  }
  async locks(): Promise<readonly Lock[]> {
    return []
  }
  async bookmark(): Promise<unknown> {
    return null
  }
  async setBookmark(): Promise<void> {}
  async releasesOfRun(): Promise<readonly Release[]> {
    return []
  }
  async dueLocks(): Promise<readonly Lock[]> {
    return []
  }
  async setLock(): Promise<void> {}
  async liftLock(): Promise<boolean> {
    return false
  }
  async addPosts(_: string, told: readonly ReleasePost[]): Promise<void> {
    this.told.push(...told)
  }
  async create(): Promise<void> {}
  async moveCard(): Promise<void> {}
  async moveNotices(): Promise<void> {}
  async card(): Promise<CardPlace | null> {
    return this.cardPlace
  }
  async wake(): Promise<void> {}
  async wakeInFlight(): Promise<void> {}
  async announce(): Promise<void> {}
  async reply(): Promise<void> {}
  async pendingItems(): Promise<readonly InboxItem[]> {
    return this.inbox
  }
  async finish(): Promise<boolean> {
    return true
  }
}

function keyed(): ReleaseDriver {
  const driver = new ReleaseDriver()
  driver.approve(ben)
  return driver
}

describe('one transaction', () => {
  test('the last approval is stored, audited and posted, and the release is due at once', async () => {
    const driver = keyed()
    const tx = new Written([driver.release])
    const input = { on: 'approve', by: clicker(chloe), round: 0, pressedAt: 0 } as const
    const committed = await decideWithin(tx, { release: driver.release, input, settings, now: driver.now })
    expect(committed).toMatchObject({ release: { stage: { at: 'ready' } }, outside: [] })
    expect(tx.wakes.get('r1')).toBe(driver.now)
    expect(tx.told.map(({ story }) => story.tell)).toEqual(['approved'])
  })

  test('a click that does not count is audited, stored and posted in the thread alone', async () => {
    const driver = keyed()
    const tx = new Written([driver.release])
    const input = { on: 'approve', by: clicker(ana), round: 0, pressedAt: 0 } as const
    const committed = await decideWithin(tx, { release: driver.release, input, settings, now: driver.now })
    expect(committed).toMatchObject({ refused: { code: 'may_not_approve' } })
    expect(tx.audits).toMatchObject([{ actor: ana, what: 'approve refused' }])
    expect(tx.releases.get('r1')).toEqual({
      ...driver.release,
      discounted: [{ by: ana, why: 'the requester may not approve', at: driver.now }],
      told: [...driver.release.told, tx.told[0]?.key],
    })
    expect(tx.told).toMatchObject([{ where: 'thread', story: { tell: 'discounted', by: ana } }])
  })

  test('an emergency that ended is handled again when its reminder is due', async () => {
    const driver = new ReleaseDriver({ emergency: { why: 'checkout is down', usual: policy() } })
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    const tx = new Written([driver.release])
    const input = {
      on: 'answer',
      answer: { to: 'dispatch', answer: 'refused', reason: 'it is disabled' },
    } as const
    await decideWithin(tx, { release: driver.release, input, settings, now: driver.now })
    expect(tx.wakes.get('r1')).toBe(driver.now + 4 * 60 * minute)
  })

  test('the dispatch is marked within the transaction, and sent after it', async () => {
    const driver = keyed()
    driver.approve(chloe)
    const tx = new Written([driver.release])
    const seen = sendingLook(driver)
    const committed = await decideWithin(tx, {
      release: driver.release,
      input: { on: 'look', seen },
      settings,
      now: driver.now,
    })
    expect(committed).toMatchObject({ outside: [{ do: 'dispatch' }] })
    expect(tx.releases.get('r1')?.stage.at).toBe('sending')
    expect(tx.verbs).toContain('take-lanes r1')
  })

  test.each<readonly [string, () => ReleaseDriver, Time | null]>([
    ['awaiting approval: due when its time runs out', () => new ReleaseDriver(), 120 * minute],
    ['under way: due at the active pace', () => underway(), 3_000],
  ])('a release is due at its next look: %s', async (_, make, afterMs) => {
    const driver = make()
    const tx = new Written([driver.release])
    await decideWithin(tx, {
      release: driver.release,
      input: { on: 'look', seen: {} },
      settings,
      now: driver.now,
    })
    expect(tx.wakes.get('r1')).toBe(afterMs === null ? null : driver.now + afterMs)
  })

  test('a cancelled release under way is due now, not at the next poll', async () => {
    const driver = underway()
    const tx = new Written([driver.release])
    const input = click('cancel', clicker(ana))
    await decideWithin(tx, { release: driver.release, input, settings, now: driver.now })
    expect(tx.wakes.get('r1')).toBe(driver.now)
  })

  test.each<readonly [string, Answer, number]>([
    [
      'for a rate limit: due when that is over',
      { to: 'dispatch', answer: 'limited', until: 0, reason: 'x' },
      minute,
    ],
    ['for its details: due at once', { to: 'dispatch', answer: 'details refused', reason: 'x' }, 0],
  ])('a dispatch was refused %s', async (_, refused, afterMs) => {
    const driver = sending()
    const tx = new Written([driver.release])
    const answer = 'until' in refused ? { ...refused, until: driver.now + minute } : refused
    const input = { on: 'answer', answer } as const
    await decideWithin(tx, { release: driver.release, input, settings, now: driver.now })
    expect(tx.wakes.get('r1')).toBe(driver.now + afterMs)
    expect(tx.releases.get('r1')?.stage.at).toBe('ready')
  })

  test('a release that ended is never due', async () => {
    const driver = keyed()
    const tx = new Written([driver.release])
    const input = click('cancel', clicker(ana))
    await decideWithin(tx, { release: driver.release, input, settings, now: driver.now })
    expect(tx.wakes.get('r1')).toBeNull()
  })

  test.each<readonly [string, () => ReleaseDriver, string, boolean]>([
    ['that waits for approvals ends superseded', () => new ReleaseDriver(), 'ended', false],
    ['that is being sent learns of it, and is due at once', () => sending(), 'sending', true],
  ])('a rollback asks a deploy to stop %s, in the same transaction', async (_, make, at, due) => {
    const deploy = make()
    const rollback = new ReleaseDriver(
      { id: 'r2', subject: rollbackSubject(), policy: policy({ required: 0 }) },
      [deploy.release],
    )
    const tx = new Written([deploy.release, rollback.release])
    const seen = sendingLook(rollback)
    await decideWithin(tx, {
      release: rollback.release,
      input: { on: 'look', seen },
      settings,
      now: rollback.now,
    })
    const left = tx.releases.get('r1')
    expect(left?.stage.at).toBe(at)
    expect(left?.supersededBy?.release ?? null).toBe(due ? 'r2' : null)
    expect(tx.wakes.get('r1')).toBe(due ? rollback.now : null)
    expect(tx.releases.get('r2')?.stage.at).toBe('ready')
  })
})

/** What the looks of a ready release see in the current world. */
function sendingLook({ world, release, now }: ReleaseDriver) {
  const ready: Release = { ...release, stage: { at: 'ready', since: 0, placeAskedAt: null } }
  const currentRules = {
    policy: policy(),
    requesters: 'everyone',
    waitMs: 0,
    requires: [],
    checks: null,
    rules: bindingRules(),
  } as const
  return world.observe(looks(ready, currentRules), now)
}
