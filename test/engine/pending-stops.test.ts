import { describe, expect, test } from 'vitest'
import { hasPendingStop, pendingRequests } from '../../src/engine/pending-stops.ts'
import type { Asked } from '../../src/messages/intent.ts'
import type { CardPlace } from '../../src/messages/places.ts'
import type { Eligibility } from '../../src/release/policy/approval.ts'
import { withoutStopping } from '../../src/release/policy/may-not-stop.ts'
import type { Release } from '../../src/release/release.ts'
import { click } from '../release/click.ts'
import { ana, ben, chloe, eli, policy, ReleaseDriver, rollbackSubject } from '../release/driver.ts'

type Pressed = 'approve' | 'reject' | 'cancel' | 'withdraw'

const ben2 = 'U0BEN2'

/** Ben and then Chloe approved: the release has all approvals. */
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

function isStopped(driver: ReleaseDriver, asked: Asked, user: string, receivedAt = driver.now): boolean {
  const from = { user, team: 'T0TEAM', channel: 'C0DEPLOYS', responseUrl: null }
  return hasPendingStop(driver.release, [{ id: '1', asked, from, receivedAt }])
}

test.each<readonly [string, Asked, string, boolean]>([
  ['Reject', press('reject'), ben, true],
  ['Cancel', press('cancel'), ben, true],
  ['Approve', press('approve'), ben, false],
  ['Reject of another release', press('reject', 'r-other'), ben, false],
  ['/deploy cancel of whoever asked for it', { ask: 'cancel' }, ana, true],
  ['/deploy cancel of somebody else', { ask: 'cancel' }, ben, false],
  ['Cancel in the list of releases', { ask: 'cancel', releaseId: 'r1' }, ben, true],
  ['Cancel of another release in that list', { ask: 'cancel', releaseId: 'r-other' }, ana, false],
])('%s, stored and not handled yet', (_, asked, user, expected) => {
  expect(isStopped(approved(), asked, user)).toBe(expected)
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

  test.each<readonly [string, Asked, boolean]>([
    ['of its environment', locked('prod', null), true],
    ['of its service there', locked('prod', 'blog-api'), true],
    ['of another service there', locked('prod', 'shop'), false],
    ['of another environment', locked('dev', null), false],
  ])('a stored lock delays the dispatch only of what it blocks: %s', (_, asked, expected) => {
    expect(isStopped(approved(), asked, chloe)).toBe(expected)
  })

  test('a stored lock does not delay a rollback, which passes locks', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject() })
    expect(isStopped(driver, locked('prod', null), chloe)).toBe(false)
  })

  test('a stored lock of somebody who may not lock delays the dispatch once', () => {
    const driver = approved()
    const standing = { eligible: false, why: 'not_a_member', sentence: 'a guest' } as const
    driver.release = withoutStopping(driver.release, { id: eli, standing })
    expect(isStopped(driver, locked('prod', null), eli)).toBe(false)
    expect(isStopped(driver, locked('prod', null), chloe)).toBe(true)
  })
})

describe('a click', () => {
  const card = { channel: 'C0DEPLOYS', ts: '1.1' }
  const rolledBack = (): Release => {
    const { release } = new ReleaseDriver({ id: 'r-back', subject: rollbackSubject() })
    const stage = { at: 'ended', since: 1, outcome: 'succeeded', reason: '', settledBy: null } as const
    return { ...release, stage }
  }

  /** Whether a stored click of Chloe delays the release. @param met the card that the store knows, and the release that it is of */
  async function isStoppedByClick(
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
    return hasPendingStop(driver.release, await pendingRequests(tx))
  }

  test.each<readonly [string, Pressed | 'lock', CardPlace | null, boolean]>([
    ['Reject on the card', 'reject', card, true],
    ['Reject on an outdated card', 'reject', { ...card, ts: '2.2' }, false],
    ['Reject on a card in another channel', 'reject', { ...card, channel: 'C0OTHER' }, false],
    ['Reject before the card is known', 'reject', null, true],
    ['Cancel on the card', 'cancel', card, true],
    ['Cancel on an outdated card', 'cancel', { ...card, ts: '2.2' }, false],
    ['Cancel before the card is known', 'cancel', null, true],
    ['Lock on an outdated card of a rollback', 'lock', { ...card, ts: '2.2' }, false],
  ])('a stored click delays the dispatch only if it may count: %s', async (_, action, stored, expected) => {
    expect(await isStoppedByClick(approved(), press(action), { stored })).toBe(expected)
  })

  test('a Lock click on the card of a rollback delays a deploy of the same service environment', async () => {
    expect(await isStoppedByClick(approved(), press('lock', 'r-back'))).toBe(true)
  })

  test.each([
    ['of another service', { ...rolledBack(), service: 'shop' }],
    ['of another environment', { ...rolledBack(), environment: 'dev' }],
    ['that offers none', approved().release],
  ])('Lock on the card of a release %s', async (_, of) => {
    expect(await isStoppedByClick(approved(), press('lock', 'r-back'), { of })).toBe(false)
  })
})

describe('a Withdraw approval that is stored and not handled yet', () => {
  test.each<readonly [string, string, number, boolean]>([
    ['clicked before the last approval was counted', ben, -1, true],
    ['with another account of that person', ben2, -1, true],
    ['clicked after it', ben, 1, false],
    ['of somebody who did not approve', eli, -1, false],
  ])('a stored withdrawal delays the dispatch only if it may count: %s', (_, user, afterMs, expected) => {
    const driver = approved()
    expect(isStopped(driver, press('withdraw'), user, driver.now + afterMs)).toBe(expected)
  })
})

describe('a person who clicks again and again', () => {
  const refused = (sentence: string, why: Extract<Eligibility, { eligible: false }>['why']) =>
    ({ eligible: false, why, sentence }) as const

  test.each([
    ['a guest', 'not_a_member', false],
    ['a member who is no approver', 'not_an_approver', false],
    ['one whom Slack could not name', 'identity_unknown', true],
    ['one of a group that could not be read', 'group_unknown', true],
  ] as const)('a refused person does not delay the dispatch again: %s', (_, why, expected) => {
    for (const on of ['reject', 'cancel'] as const) {
      const driver = approved()
      const by = { id: eli, standing: refused('no', why) }
      driver.input(click(on, by))
      expect(isStopped(driver, press('reject'), eli)).toBe(expected)
      expect(isStopped(driver, press('cancel'), eli)).toBe(expected)
      expect(isStopped(driver, { ask: 'cancel', releaseId: 'r1' }, eli)).toBe(expected)
      expect(isStopped(driver, press('reject'), ben)).toBe(true)
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
    expect(isStopped(driver, press('reject'), eli)).toBe(true)
  })

  test('a stop of the requester always delays the dispatch', () => {
    const driver = approved()
    driver.input(click('reject', { id: ana, standing: refused('no', 'not_an_approver') }))
    expect(isStopped(driver, press('cancel'), ana)).toBe(true)
  })
})
