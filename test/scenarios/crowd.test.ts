import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { allApprove, askForAll, crowdGroup, gatherCrowd } from '../../bench/crowd.ts'
import { dispatchRoute, openFleet } from '../../bench/fleet.ts'
import { startProgram } from '../../bench/processes.ts'
import { patience } from '../../sandbox/pace.ts'
import { childEnv } from '../child-env.ts'
import { actorsOf, auditOf } from './chains.ts'
import { configText, type Harness, openHarness } from './harness.ts'

const releases = 50
const people = 20
/** How many of the releases are dispatched with their last approval; GitHub gets one dispatch a second. */
const without = 8
/** How long the answers to a thousand clicks may take, ms: they took two minutes on a busy machine. */
const longestMs = 5 * patience

test('20 people click Approve on 50 releases at once: each release gets two approvals and one dispatch after them', async () => {
  const fleet = await openFleet({
    count: releases,
    required: 2,
    approvers: [crowdGroup],
    wait: ({ service }) => (Number(service.slice(-3)) < without ? '0s' : '1h'),
  })
  const crowd = gatherCrowd(fleet.sandbox, people)
  const twokey = await startProgram('twokey', { ...childEnv, ...fleet.env })
  const { slack, github } = fleet.sandbox
  try {
    await askForAll(fleet.sandbox, fleet.ships)
    const channels = fleet.ships.map(({ channel }) => channel)
    await allApprove(slack, { people: crowd, channels })
    const late = releases * (people - 2)
    await slack.until((workspace) => workspace.ephemerals().length === late, { ms: longestMs })
    await vi.waitUntil(() => github.log.of(dispatchRoute).length >= without, { timeout: longestMs })

    const rows = await auditOf(fleet.env.TWOKEY_DATA_DIR!)
    const chains = [...new Set(rows.filter(({ what }) => what === 'requested').map(({ chain }) => chain))]
    expect(chains).toHaveLength(releases)
    for (const chain of chains) {
      const own = rows.filter((row) => row.chain === chain)
      const keys = actorsOf(own, chain, 'approved')
      expect(keys).toHaveLength(2)
      expect(new Set(keys).size).toBe(2)
      const refused = actorsOf(own, chain, 'approve refused')
      expect([...keys, ...refused].sort()).toEqual([...crowd])
      const at = (what: string) => own.filter((row) => row.what === what).map(({ seq }) => seq)
      expect(at('dispatch marked').length).toBeLessThanOrEqual(1)
      for (const marked of at('dispatch marked')) expect(marked).toBeGreaterThan(Math.max(...at('approved')))
    }
    const marked = rows.filter(({ what }) => what === 'dispatch marked').map(({ chain }) => chain)
    const sent = github.log.of(dispatchRoute).map(({ body }) => releaseIn(body))
    expect(marked).toHaveLength(without)
    expect(sent.sort()).toEqual(marked.sort())
  } finally {
    await twokey.stop()
    await fleet.close()
  }
}, 900_000)

/** The release that a dispatch names. */
function releaseIn(body: unknown): string {
  return String((body as { inputs: { release_id: string } }).inputs.release_id)
}

describe('two events at the same moment, each on its own connection', () => {
  let harness: Harness
  let id: string
  afterEach(() => harness.close())

  const asked = async (config = configText) => {
    harness = await openHarness({ config })
    await vi.waitUntil(() => harness.sandbox.slack.sockets.open === 2, { timeout: patience })
    await harness.types('U0ANA', '/deploy prod')
    id = String((await harness.shows('awaiting approval')).metadata?.event_payload.release_id)
  }
  const keys = (count: string) => harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes(count))
  const refusals = (user: string) => harness.ephemeral(user, /already_|may_not|nothing_to/)
  const withWait = configText.replace('notify: [S0ONCALL]', 'wait: 2s')

  it('counts the approvals of two people at the same moment, and dispatches once', async () => {
    await asked()
    await Promise.all([harness.clicks('U0BEN', 'approve'), harness.clicks('U0CHLOE', 'approve')])
    expect(await harness.ends()).toBe('succeeded')
    expect(actorsOf(await auditOf(harness.folder), id, 'approved').toSorted()).toEqual(['U0BEN', 'U0CHLOE'])
    expect(harness.dispatches()).toBe(1)
  })

  it.each([
    ['one person, twice', 'U0BEN', configText],
    ['one person, by two accounts', 'U0CHLOE', `people: [{ slack: [U0BEN, U0CHLOE] }]\n${configText}`],
  ])('counts one approval: %s', async (_, other, config) => {
    await asked(config)
    await Promise.all([harness.clicks('U0BEN', 'approve'), harness.clicks(other, 'approve')])
    await keys('1 of 2')
    await vi.waitUntil(() => harness.sandbox.slack.workspace.ephemerals().length === 1, { timeout: patience })
    const rows = await auditOf(harness.folder)
    expect(actorsOf(rows, id, 'approved')).toHaveLength(1)
    expect(rows.filter(({ what }) => what === 'approve refused').map(({ detail }) => detail.code)).toEqual([
      'already_approved',
    ])
    expect(harness.dispatches()).toBe(0)
  })

  it.each([
    ['approve', 'reject'],
    ['reject', 'approve'],
  ] as const)(
    'rejects a release with a wait if the last approval and a rejection arrive together (%s first)',
    async (...both) => {
      await asked(withWait)
      await harness.clicks('U0BEN', 'approve')
      await keys('1 of 2')
      const by = { approve: 'U0CHLOE', reject: 'U0APPROVER' }
      await Promise.all(both.map((action) => harness.clicks(by[action], action)))
      expect(await harness.ends()).toBe('rejected')
      expect(actorsOf(await auditOf(harness.folder), id, 'dispatch marked')).toEqual([])
      expect(harness.dispatches()).toBe(0)
    },
  )

  it.each([
    ['approve', 'reject'],
    ['reject', 'approve'],
  ] as const)(
    'applies exactly one of the last approval and a rejection that arrive together without a wait (%s first)',
    async (...both) => {
      await asked()
      await harness.clicks('U0BEN', 'approve')
      await keys('1 of 2')
      const by = { approve: 'U0CHLOE', reject: 'U0APPROVER' }
      await Promise.all(both.map((action) => harness.clicks(by[action], action)))
      const end = await harness.ends()
      const rows = await auditOf(harness.folder)
      const rejected = actorsOf(rows, id, 'rejected').length
      expect(end).toBe(rejected === 1 ? 'rejected' : 'succeeded')
      expect(actorsOf(rows, id, 'dispatch marked')).toHaveLength(1 - rejected)
      expect(harness.dispatches()).toBe(1 - rejected)
    },
  )

  /** Clears what twokey has cached of people and channels, and makes Slack's next lookup of this kind slow, once. */
  const slow = async (method: string) => {
    await harness.restarts()
    await vi.waitUntil(() => harness.sandbox.slack.sockets.open === 2, { timeout: patience })
    harness.sandbox.slack.faults.queue(method, { kind: 'delay', ms: 2_000 })
  }

  it('rejects a release if the Reject is slow to verify and the last approval follows at once', async () => {
    await asked()
    await harness.clicks('U0BEN', 'approve')
    await keys('1 of 2')
    await slow('users.info')
    await harness.clicks('U0APPROVER', 'reject')
    const lookups = () => JSON.stringify(harness.sandbox.slack.log.of('users.info').map(({ body }) => body))
    await vi.waitUntil(() => lookups().includes('U0APPROVER'), { timeout: patience })
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('rejected')
    expect(harness.dispatches()).toBe(0)
  })

  it('does not count an approval that was withdrawn at once while Slack was slow to describe the channel', async () => {
    await asked(configText.replace('required: 2', 'required: 3'))
    await harness.clicks('U0CHLOE', 'approve')
    await keys('1 of 3')
    await slow('conversations.info')
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0BEN', 'withdraw')
    const done = () => auditOf(harness.folder).then((rows) => actorsOf(rows, id, 'withdrew').length === 1)
    await vi.waitUntil(done, { timeout: patience, interval: 500 })
    await keys('1 of 3 · <@U0CHLOE>')
  })

  it('dispatches nothing if the last approval was withdrawn before Slack identified its approver', async () => {
    await asked()
    await harness.clicks('U0CHLOE', 'approve')
    await keys('1 of 2')
    await slow('users.info')
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0BEN', 'withdraw')
    const done = () => auditOf(harness.folder).then((rows) => actorsOf(rows, id, 'withdrew').length === 1)
    await vi.waitUntil(done, { timeout: patience, interval: 500 })
    await keys('1 of 2 · <@U0CHLOE>')
    expect(actorsOf(await auditOf(harness.folder), id, 'approved')).toEqual(['U0CHLOE', 'U0BEN'])
    expect(harness.dispatches()).toBe(0)
  })

  it('a guest who keeps clicking Reject does not block an approved release', async () => {
    await asked()
    await harness.clicks('U0BEN', 'approve')
    await keys('1 of 2')
    const isOffered = () => JSON.stringify(harness.cards()[0]?.blocks).includes('twokey:reject')
    const guest = (async () => {
      while (isOffered()) await harness.clicks('U0GUS', 'reject')
    })()
    await harness.clicks('U0CHLOE', 'approve')
    await vi.waitUntil(() => harness.dispatches() === 1, { timeout: patience })
    await guest
    expect(await harness.ends()).toBe('succeeded')
  })

  it.each([
    ['withdraw', 'approve'],
    ['approve', 'withdraw'],
  ] as const)(
    'dispatches only with two approvals if one is withdrawn together with the last approval (%s first)',
    async (...both) => {
      await asked()
      await harness.clicks('U0BEN', 'approve')
      await keys('1 of 2')
      const by = { approve: 'U0CHLOE', withdraw: 'U0BEN' }
      await Promise.all(both.map((action) => harness.clicks(by[action], action)))
      const isAwaited = /0 of 2|1 of 2 · <@U0BEN>/
      await harness.sandbox.slack.until(() => !isAwaited.test(harness.cards()[0]!.text))
      const rows = await auditOf(harness.folder)
      const withdrew = actorsOf(rows, id, 'withdrew').length
      if (withdrew === 0) {
        await refusals('U0BEN')
        expect(await harness.ends()).toBe('succeeded')
      } else expect(harness.cards()[0]?.text).toMatch(/1 of 2 · <@U0CHLOE>/)
      expect(harness.dispatches()).toBe(1 - withdrew)
    },
  )
})
