import { expect, test } from 'vitest'
import type { Asked } from '../../src/shepherd/asked.ts'
import { stopping } from '../../src/shepherd/unheard.ts'
import { ana, ben, Tale } from '../release/tale.ts'

const { release } = new Tale()
const press = (action: 'approve' | 'reject' | 'cancel' | 'withdraw', releaseId = release.id): Asked => ({
  ask: 'action',
  action,
  releaseId,
  round: 0,
  card: { channel: 'C0DEPLOYS', ts: '1.1' },
})

test.each<readonly [string, Asked, string, 'nobody' | 'somebody']>([
  ['Reject', press('reject'), ben, 'somebody'],
  ['Cancel', press('cancel'), ben, 'somebody'],
  ['Approve', press('approve'), ben, 'nobody'],
  ['Reject of another release', press('reject', 'r-other'), ben, 'nobody'],
  ['/deploy cancel of whoever asked for it', { ask: 'cancel' }, ana, 'somebody'],
  ['/deploy cancel of somebody else', { ask: 'cancel' }, ben, 'nobody'],
])('%s, not worked on yet', (_, asked, user, who) => {
  const from = { user, team: 'T0TEAM', channel: 'C0DEPLOYS', responseUrl: null }
  expect(stopping(release, [{ id: '1', asked, from, receivedAt: 0 }])).toBe(who)
})
