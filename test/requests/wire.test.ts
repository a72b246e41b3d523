import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { startEngine } from '../../src/engine/engine.ts'
import type { Asked, InboxItem } from '../../src/messages/intent.ts'
import type { Outside } from '../../src/ports/outside.ts'
import type { GitHub } from '../../src/ports/ports.ts'
import { withoutStopping } from '../../src/release/policy/may-not-stop.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { ana, ben, eli, policy, ReleaseDriver } from '../release/driver.ts'
import { no, yes } from '../release/world.ts'
import { ownFolder } from '../store/folder.ts'

const click = (action: 'cancel' | 'reject' | 'approve', releaseId = 'r1'): Asked => ({
  ask: 'action',
  action,
  releaseId,
  round: 0,
  card: { channel: 'C0DEPLOYS', ts: '1.1' },
})

/** Whether a dispatch that waits in GitHub's client is sent, while this request is stored and not handled. */
async function leaves(asked: Asked, user: string, refused: readonly string[] = []): Promise<boolean> {
  const store = await openSqliteStore({ folder: ownFolder() })
  onTestFinished(() => store.close())
  const {
    release: made,
    world,
    currentRules: terms,
  } = new ReleaseDriver({ policy: policy({ required: 0 }), eligible: 0 })
  const release = refused.reduce((each, id) => withoutStopping(each, { id, standing: no }), made)
  await store.transact((tx) => tx.create(release, 'current'))
  await store.outbox.cardSent(release.id, { ts: '1.1', version: 1, shown: '' })
  await store.transact((tx) => tx.wake(release.id, 0))
  const may = Promise.withResolvers<boolean>()
  const from: InboxItem['from'] = { user, team: 'T0TEAM', channel: 'C0DEPLOYS', responseUrl: null }
  const github: Partial<GitHub> = {
    tip: async () => world.tip,
    async dispatch({ maySend }) {
      await store.receive({ id: 'i1', asked, from, receivedAt: made.requestedAt })
      may.resolve(await maySend())
      return { to: 'dispatch', answer: 'accepted' }
    },
  }
  const ecs = { before: async () => world.targets, now: () => 0, tasksBefore: async () => [] }
  const { service, environment, targets, subject, waitMs } = release
  const shipped = { service, environment, targets, ...subject, policy: terms, waitMs, requires: [] }
  const place = { ...shipped, freezes: [], requesters: 'everyone', environmentFrom: 'input', inputs: {} }
  const engine = startEngine({
    store,
    outside: {
      github,
      ecs,
      people: { requester: async () => yes },
      channels: { sharing: async () => 'inside' },
    } as unknown as Outside,
    settings: {
      polling: { activeMs: 600_000, idleMs: 600_000, settleMs: 600_000 },
      environments: [environment],
      githubEnvironments: {},
      directMessages: { approvers: false, requester: false },
      serviceEnvironments: [place],
    } as unknown as Settings,
    clock: () => made.requestedAt,
    log: pino({ level: 'silent' }),
    owner: 'here',
    checkpoint: () => {},
  })
  const left = await may.promise
  await engine.stop()
  return left
}

test.each<readonly [string, Asked, string, boolean]>([
  ['Cancel by an approver', click('cancel'), ben, false],
  ['Cancel by the requester', click('cancel'), ana, false],
  ['/deploy cancel of whoever asked for it', { ask: 'cancel' }, ana, false],
  ['/deploy cancel of somebody else', { ask: 'cancel' }, ben, true],
  ['Cancel of another release', click('cancel', 'r-other'), ben, true],
  ['Cancel by a person who was already refused', click('cancel'), eli, true],
  ['Reject, which is too late', click('reject'), ben, true],
  ['Approve', click('approve'), ben, true],
])(
  'a stored request that is not handled yet may stop a dispatch that waits its turn: %s',
  async (_, asked, user, isSent) => {
    expect(await leaves(asked, user, [eli])).toBe(isSent)
  },
)
