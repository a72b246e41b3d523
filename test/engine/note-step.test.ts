import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { startEngine } from '../../src/engine/engine.ts'
import { recordBeginning } from '../../src/engine/unreleased.ts'
import type { Outside } from '../../src/ports/outside.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { policy, sendingBack } from '../release/driver.ts'
import { revision, rolloutSighting, start, target } from '../release/world.ts'
import { ownFolder } from '../store/folder.ts'

test('a release is claimed by nobody while twokey waits for GitHub to name another run', async () => {
  const store = await openSqliteStore({ folder: ownFolder() })
  onTestFinished(() => store.close())
  await recordBeginning(store, 0)
  const driver = sendingBack()
  driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
  await store.transact((tx) => tx.create(driver.release, 'current'))
  const { id, service, environment } = driver.release

  const rollout = (number: number, createdAt: number) =>
    rolloutSighting({
      deploymentId: `ecs-svc/${number}`,
      createdAt,
      revision: revision(number === 99 ? 41 : number),
      verdict: number === 99 ? 'rolled back' : 'succeeded',
    })
  const asks = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<readonly never[]>()
  const outside = {
    ecs: {
      rollouts: async () => [
        {
          target,
          primary: { id: 'ecs-svc/99', revision: revision(41) },
          serving: revision(41),
          deployments: ['ecs-svc/99'],
          rollouts: [rollout(99, start), rollout(44, start - 3_600_000)],
        },
      ],
      revision: async () => revision(44),
    },
    github: {
      starts() {
        asks.resolve()
        return answer.promise
      },
    },
  } as unknown as Outside
  const engine = startEngine({
    store,
    outside,
    settings: {
      polling: { activeMs: 1, idleMs: 1, settleMs: 1 },
      directMessages: { approvers: false, requester: false },
      serviceEnvironments: [
        {
          service,
          environment,
          targets: [target],
          containers: [],
          freezes: [],
          policy: policy({ people: [] }),
        },
      ],
    } as unknown as Settings,
    clock: () => driver.now,
    log: pino({ level: 'silent' }),
    owner: 'here',
    checkpoint: () => {},
  })
  await asks.promise
  await store.transact((tx) => tx.wake(id, driver.now))
  await expect
    .poll(() => store.claim({ owner: 'there', now: driver.now, leaseMs: 1_000 }))
    .toMatchObject({ release: { id, stage: { at: 'ended', outcome: 'rolled back' } } })
  expect(await store.unreleased.list({ limit: 9 })).toEqual([])
  answer.resolve([])
  await engine.stop()
  expect(await store.unreleased.list({ limit: 9 })).toMatchObject([{ deploymentId: 'ecs-svc/44' }])
})
