import { describe, expect, test } from 'vitest'
import type { Checks } from '../../src/release/checks.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import type { PreconditionName } from '../../src/release/preconditions/list.ts'
import type { RefusalCode } from '../../src/release/refusals/codes.ts'
import { type Request, type RequestContext, refusalSoFar, request } from '../../src/release/request.ts'
import {
  ana,
  ben,
  bound,
  deploySubject,
  gateSubject,
  minute,
  policy,
  ReleaseDriver,
  requestOf,
  rollbackSubject,
  underway,
} from './driver.ts'
import { commit, no, oldCommit, start, World, yes } from './world.ts'

const rules = new ReleaseDriver().config()!
const first = { ...rules, requires: ['dev'] }
const lock: Lock = { environment: 'prod', service: null, by: ben, why: 'incident', since: 0, until: null }
const freeze = { until: start + 60 * minute, approvals: null, reason: null }
const read = <const T>(value: T) => ({ seen: true, value }) as const
const { tip } = new World([], bound('environment', 'sha', 'release_id'))
const guest = { eligible: false, why: 'not_a_member', sentence: 'you are a guest' } as const

function checks(part: Partial<Checks['required']>): Pick<Request, 'facts' | 'checksRule'> {
  const none = { count: 0, names: [] }
  const required = { by: 'commit', passed: 0, pending: none, failed: none, ...part } as const
  const { passed, pending, failed } = required
  const counts = { passed, pending: pending.count, failed: failed.count }
  return {
    facts: { checks: { source: 'checks', ...counts, failing: [], required } },
    checksRule: { redCommit: null },
  }
}

const failed = checks({ failed: { count: 1, names: ['e2e'] } })
const running = { ...underway().release, id: 'r-before' }

type Row = readonly [
  PreconditionName,
  title: string,
  part: Partial<Request>,
  context: Partial<RequestContext>,
  RefusalCode | null,
]

const rows: readonly Row[] = [
  ['requester', 'a member', { seen: { requester: read(yes) } }, {}, null],
  ['requester', 'a guest', { seen: { requester: read(guest) } }, {}, 'not_a_member'],
  ['requester', 'somebody on no list', { seen: { requester: read(no) } }, {}, 'not_allowed'],
  ['channel', 'of this workspace', { seen: { channel: read('inside') } }, {}, null],
  ['channel', 'a shared one', { seen: { channel: read('outside') } }, {}, 'channel_shared'],
  [
    'channel',
    'one that twokey does not see',
    { seen: { channel: { seen: false, kind: 'terminal', reason: 'hidden' } } },
    {},
    'channel_unknown',
  ],
  ['lock', 'a deploy', {}, { lock }, 'locked'],
  ['lock', 'a rollback', { subject: rollbackSubject() }, { lock }, null],
  ['lock', 'a run that waits at a gate', { subject: gateSubject() }, { lock }, null],
  ['freeze', 'a deploy', {}, { freeze }, 'frozen'],
  ['freeze', 'a rollback', { subject: rollbackSubject() }, { freeze }, null],
  ['freeze', 'a run that waits at a gate', { subject: gateSubject() }, { freeze }, null],
  ['commit', 'with an input for it', { seen: { tip: read({ ...tip, sha: oldCommit }) } }, {}, null],
  [
    'commit',
    'not the tip, and without an input for it',
    { subject: deploySubject({ inputs: [] }), seen: { tip: read({ ...tip, sha: oldCommit, inputs: [] }) } },
    {},
    'input_missing',
  ],
  ['order', 'succeeded', { seen: { order: read({ missing: null }) } }, { currentRules: first }, null],
  [
    'order',
    'not succeeded there',
    { seen: { order: read({ missing: { environment: 'dev', last: null } }) } },
    { currentRules: first },
    'not_shipped_there_first',
  ],
  ['checks', 'passed', checks({ passed: 1 }), {}, null],
  ['checks', 'pending', checks({ pending: { count: 1, names: ['e2e'] } }), {}, null],
  ['checks', 'failed', failed, {}, 'checks_failed'],
  [
    'checks',
    'failed, of a run that waits at a gate',
    { ...failed, subject: gateSubject() },
    {},
    'checks_failed',
  ],
  [
    'checks',
    'not readable',
    checks({ unread: { kind: 'terminal', reason: 'no right' } }),
    {},
    'checks_unreadable',
  ],
  ['lane', 'a deploy during a deploy', {}, { holders: [running] }, 'in_flight'],
  ['lane', 'a rollback during a deploy', { subject: rollbackSubject() }, { holders: [running] }, null],
  ['lane', 'a run that waits at a gate', { subject: gateSubject() }, { holders: [running] }, null],
]

function answered(part: Partial<Request>, context: Partial<RequestContext>) {
  const known: RequestContext = { holders: [], lock: null, freeze: null, currentRules: rules, ...context }
  return request(requestOf(part), known, start)
}

describe('the preconditions of a request', () => {
  test.each(rows)('%s: %s', (_, _title, part, context, code) => {
    const answer = answered(part, context)
    expect('refused' in answer ? answer.refused.code : null).toBe(code)
  })

  test('the first precondition of the list that refuses a request decides', () => {
    const answer = answered({ ...failed, seen: { requester: read(no) } }, { lock, holders: [running] })
    expect(answer).toMatchObject({ refused: { code: 'locked' } })
  })

  test('what was not read yet refuses nothing', () => {
    const asked = requestOf({ seen: { requester: read(yes) } })
    expect(refusalSoFar(asked, first, start)).toBeNull()
    const later = {
      ...asked,
      seen: {
        ...asked.seen,
        order: read({ missing: { environment: 'dev', last: null, branch: 'develop' } }),
      },
    }
    expect(refusalSoFar(later, first, start)?.sentence).toContain('dev')
  })

  test('the audit row of a request has the facts on which each open precondition decided', () => {
    const seen = {
      requester: read(yes),
      channel: read('inside'),
      tip: read(tip),
      order: read({ missing: null }),
    }
    const answer = answered({ seen }, { currentRules: first })
    if ('refused' in answer) throw new Error(answer.refused.sentence)
    const [row] = answer.audit
    expect(row?.detail.preconditions).toMatchObject({
      requester: { is: 'open', by: ana, via: 'S0DEPLOYERS' },
      channel: { is: 'open', channel: 'C0DEPLOYS' },
      commit: { is: 'open', tip: commit },
      order: { is: 'open', succeededIn: ['dev'] },
      lock: { is: 'open' },
      lane: { is: 'open', holders: [] },
    })
    expect(row?.detail.preconditions).not.toHaveProperty('card')
  })

  test('an audit row has no open lock for a run that a lock delays', () => {
    const answer = answered({ subject: gateSubject(), policy: policy() }, { lock })
    if ('refused' in answer) throw new Error(answer.refused.sentence)
    expect(answer.audit[0]?.detail.preconditions).not.toHaveProperty('lock')
  })
})
