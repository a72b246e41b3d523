import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Asked, InboxItem } from '../../src/messages/intent.ts'
import type { Action } from '../../src/release/actions/actions.ts'
import type { Eligibility } from '../../src/release/policy/approval.ts'
import type { AnswerDeps } from '../../src/requests/complete.ts'
import { answer } from '../../src/requests/route.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { minute } from '../release/driver.ts'
import { no, start, yes } from '../release/world.ts'
import { requestedDeploy } from '../store/fixtures.ts'

const lying = 11 * minute
const elsewhere = { channel: 'C0DEPLOYS', ts: '1.0' }

function pressed(action: Action): Asked {
  return { ask: 'action', action, releaseId: 'r1', round: 0, card: elsewhere }
}

describe('requests that twokey finds in its store hours later', () => {
  let folder: string
  let store: Store
  let now: number

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'twokey-late-'))
    store = await openSqliteStore({ folder })
    now = start + lying
    await store.transact((tx) => tx.create(requestedDeploy('r1', { at: start }), 'current'))
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function answered(asked: Asked, user = 'U0ANA', standing = yes): Promise<string | undefined> {
    const from = { user, team: 'T0TEAM', channel: 'C0DEPLOYS', responseUrl: null }
    const item: InboxItem = { id: 'i1', asked, from, receivedAt: start }
    await store.receive(item)
    const outside = {
      people: { standing: async () => standing, knownName: () => null },
      channels: { sharing: async () => 'inside' },
    }
    const polling = { activeMs: 1, idleMs: 1 }
    const settings = {
      environments: [],
      directMessages: { approvers: false, requester: false },
      serviceEnvironments: [],
      polling,
    }
    const needs = { store, settings, outside, checkpoint: () => {}, clock }
    await answer(needs as unknown as AnswerDeps, item)
    const [post] = await store.outbox.duePosts(now, 9)
    return post?.what.kind === 'reply' && post.what.reply.reply === 'refusal'
      ? post.what.reply.refusal.code
      : undefined
  }

  /** No card of the release was ever posted, so a click waits until that is certain. */
  function clock(): number {
    now += 10_000
    return now
  }

  test.each<readonly [string, Asked, string]>([
    ['a deploy', { ask: 'deploy', service: null, environment: 'prod', ref: null }, 'command_too_old'],
    ['Roll back', pressed('roll-back'), 'command_too_old'],
    ['Retry', pressed('retry'), 'command_too_old'],
    ['Lock', pressed('lock'), 'command_too_old'],
    ['Approve, of the round that its card showed', pressed('approve'), 'card_mismatch'],
    ['Reject', pressed('reject'), 'card_mismatch'],
  ])('refuses a request that is hours old: %s', async (_, asked, code) => {
    expect(await answered(asked)).toBe(code)
    expect((await store.inFlight()).map(({ id }) => id)).toEqual(['r1'])
    expect(await store.locks()).toEqual([])
  })

  test.each<readonly [string, Eligibility, number | null, string | undefined]>([
    ['counts for the round that its card showed', yes, 0, undefined],
    ['counts for no other round', yes, 1, 'card_outdated'],
    ['does not count if the person is no approver any more', no, 0, 'not_an_approver'],
  ])('an approval click found hours later %s', async (_, standing, round, code) => {
    const card = { channel: 'C0SHIP', ts: '1.0' }
    await store.outbox.cardSent('r1', { ts: card.ts, version: 1, shown: '' })
    const press = { ask: 'action', action: 'approve', releaseId: 'r1', round, card } as const
    expect(await answered(press, 'U0BEN', standing)).toBe(code)
    const keys = (await store.release('r1'))?.approvals.map(({ by }) => by)
    expect(keys).toEqual(code === undefined ? ['U0BEN'] : [])
  })
})
