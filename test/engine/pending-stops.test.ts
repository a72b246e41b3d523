import { describe, expect, test } from 'vitest'
import { stopping, unheard } from '../../src/engine/pending-stops.ts'
import type { Asked } from '../../src/messages/intent.ts'
import type { CardPlace } from '../../src/messages/places.ts'
import type { Eligibility } from '../../src/release/policy/approval.ts'
import { withoutStopping } from '../../src/release/policy/may-not-stop.ts'
import type { Release } from '../../src/release/release.ts'
import { click } from '../release/click.ts'
import { ana, ben, chloe, eli, policy, ReleaseDriver, rollbackSubject } from '../release/driver.ts'

type Pressed = 'approve' | 'reject' | 'cancel' | 'withdraw'

const ben2 = 'U0BEN2'

/** Ben approved, Chloe after him: all approvals are in. */
function approved(): ReleaseDriver {
  const driver = new ReleaseDriver({ policy: policy({ people: [{ slack: [ben, ben2] }] }) })
  driver.approve(ben)
  driver.now += 1_000
  driver.approve(chloe)
  return driver
}

const press = (action: Pressed | 'lock', releaseId = 'r1'): Asked => ({
  ask: 'action',
  action,
  releaseId,
  round: 0,
  card: { channel: 'C0DEPLOYS', ts: '1.1' },
})

function holds(driver: ReleaseDriver, asked: Asked, user: string, receivedAt = driver.now): string {
  const from = { user, team: 'T0TEAM', channel: 'C0DEPLOYS', responseUrl: null }
  return stopping(driver.release, [{ id: '1', asked, from, receivedAt }])
}

test.each<readonly [string, Asked, string, 'nobody' | 'somebody']>([
  ['Reject', press('reject'), ben, 'somebody'],
  ['Cancel', press('cancel'), ben, 'somebody'],
  ['Approve', press('approve'), ben, 'nobody'],
  ['Reject of another release', press('reject', 'r-other'), ben, 'nobody'],
  ['/deploy cancel of whoever asked for it', { ask: 'cancel' }, ana, 'somebody'],
  ['/deploy cancel of somebody else', { ask: 'cancel' }, ben, 'nobody'],
  ['Cancel in the list of releases', { ask: 'cancel', releaseId: 'r1' }, ben, 'somebody'],
  ['Cancel of another release in that list', { ask: 'cancel', releaseId: 'r-other' }, ana, 'nobody'],
])('%s, stored and not handled yet', (_, asked, user, who) => {
  expect(holds(approved(), asked, user)).toBe(who)
})

describe('a /deploy lock that is stored and not handled yet', () => {
  const locked = (environment: string, service: string | null): Asked => ({
    ask: 'lock',
    environment,
    service,
    reason: 'the database is down',
    until: null,
    as: { hold: 'free' },
  })

  test.each<readonly [string, Asked, 'nobody' | 'somebody']>([
    ['of its environment', locked('prod', null), 'somebody'],
    ['of its service there', locked('prod', 'blog-api'), 'somebody'],
    ['of another service there', locked('prod', 'shop'), 'nobody'],
    ['of another environment', locked('dev', null), 'nobody'],
  ])('%s', (_, asked, who) => {
    expect(holds(approved(), asked, chloe)).toBe(who)
  })

  test('a stored lock does not delay a rollback, which passes locks', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject() })
    expect(holds(driver, locked('prod', null), chloe)).toBe('nobody')
  })

  test('a stored lock of somebody who may not lock delays the dispatch once', () => {
    const driver = approved()
    const standing = { eligible: false, why: 'not_a_member', sentence: 'a guest' } as const
    driver.release = withoutStopping(driver.release, { id: eli, standing })
    expect(holds(driver, locked('prod', null), eli)).toBe('nobody')
    expect(holds(driver, locked('prod', null), chloe)).toBe('somebody')
  })
})

describe('a click', () => {
  const card = { channel: 'C0DEPLOYS', ts: '1.1' }
  const rolledBack = (): Release => {
    const { release } = new ReleaseDriver({ id: 'r-back', subject: rollbackSubject() })
    const stage = { at: 'ended', since: 1, outcome: 'succeeded', reason: '', settledBy: null } as const
    return { ...release, stage }
  }

  /** Whether a click of Chloe’s holds the release. @param met the card that the store knows, and the release that it is of */
  async function holdsOn(
    driver: ReleaseDriver,
    asked: Asked,
    { stored = card as CardPlace | null, of = rolledBack() } = {},
  ) {
    const from = { user: chloe, team: 'T0TEAM', channel: 'C0DEPLOYS', responseUrl: null }
    const tx = {
      pendingItems: async () => [{ id: '1', asked, from, receivedAt: driver.now }],
      card: async () => stored,
      release: async () => of,
    }
    return stopping(driver.release, await unheard(tx))
  }

  test.each<readonly [string, Pressed | 'lock', CardPlace | null, 'nobody' | 'somebody']>([
    ['Reject on the card', 'reject', card, 'somebody'],
    ['Reject on an outdated card', 'reject', { ...card, ts: '2.2' }, 'nobody'],
    ['Reject on a card in another channel', 'reject', { ...card, channel: 'C0OTHER' }, 'nobody'],
    ['Reject before the card is known', 'reject', null, 'somebody'],
    ['Cancel on the card', 'cancel', card, 'somebody'],
    ['Cancel on an outdated card', 'cancel', { ...card, ts: '2.2' }, 'nobody'],
    ['Cancel before the card is known', 'cancel', null, 'somebody'],
    ['Lock on an outdated card of a rollback', 'lock', { ...card, ts: '2.2' }, 'nobody'],
  ])('%s', async (_, action, stored, who) => {
    expect(await holdsOn(approved(), press(action), { stored })).toBe(who)
  })

  test('a Lock click on the card of a rollback delays a deploy of the same service environment', async () => {
    expect(await holdsOn(approved(), press('lock', 'r-back'))).toBe('somebody')
  })

  test.each([
    ['of another service', { ...rolledBack(), service: 'shop' }],
    ['of another environment', { ...rolledBack(), environment: 'dev' }],
    ['that offers none', approved().release],
  ])('Lock on the card of a release %s', async (_, of) => {
    expect(await holdsOn(approved(), press('lock', 'r-back'), { of })).toBe('nobody')
  })
})

describe('a Withdraw approval that is stored and not handled yet', () => {
  test.each<readonly [string, string, number, 'nobody' | 'somebody']>([
    ['clicked before the last approval was counted', ben, -1, 'somebody'],
    ['with another account of that person', ben2, -1, 'somebody'],
    ['clicked after it', ben, 1, 'nobody'],
    ['of somebody who did not approve', eli, -1, 'nobody'],
  ])('%s', (_, user, afterMs, who) => {
    const driver = approved()
    expect(holds(driver, press('withdraw'), user, driver.now + afterMs)).toBe(who)
  })
})

describe('a person who clicks again and again', () => {
  const refused = (sentence: string, why: Extract<Eligibility, { eligible: false }>['why']) =>
    ({ eligible: false, why, sentence }) as const

  test.each([
    ['a guest', 'not_a_member', 'nobody'],
    ['a member who is no approver', 'not_an_approver', 'nobody'],
    ['one whom Slack could not name', 'identity_unknown', 'somebody'],
    ['one of a group that could not be read', 'group_unknown', 'somebody'],
  ] as const)('%s', (_, why, who) => {
    for (const on of ['reject', 'cancel'] as const) {
      const driver = approved()
      const by = { id: eli, standing: refused('no', why) }
      driver.input(click(on, by))
      expect(holds(driver, press('reject'), eli)).toBe(who)
      expect(holds(driver, press('cancel'), eli)).toBe(who)
      expect(holds(driver, { ask: 'cancel', releaseId: 'r1' }, eli)).toBe(who)
      expect(holds(driver, press('reject'), ben)).toBe('somebody')
    }
  })

  test('a stored withdrawal delays the dispatch again in a new round', () => {
    const driver = approved()
    const by = { id: eli, standing: refused('no', 'not_an_approver') }
    driver.input(click('reject', by))
    driver.world.tip = { ...driver.world.tip, githubTree: 'tree-2' }
    driver.look()
    driver.approve(ben)
    driver.approve(chloe)
    expect(holds(driver, press('reject'), eli)).toBe('somebody')
  })

  test('a stop of the requester always delays the dispatch', () => {
    const driver = approved()
    driver.input(click('reject', { id: ana, standing: refused('no', 'not_an_approver') }))
    expect(holds(driver, press('cancel'), ana)).toBe('somebody')
  })
})
