import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Gate } from '../../src/ports/gates.ts'
import type { Outside } from '../../src/ports/outside.ts'
import { prepareDeploy } from '../../src/requests/prepare.ts'
import { currentRules, type ServiceEnvironment } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { ana, deploySubject, policy, underway } from '../release/driver.ts'
import { commit, start as now, target, World, yes } from '../release/world.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'
import { ownFolder } from '../store/folder.ts'

const api = serviceEnvironment({
  policy: policy({ required: 1 }),
  emergency: { requesters: 'everyone', policy: policy({ required: 1 }), waitMs: 0 },
})

/** It is deployed by the same workflow through the same gate, and asks for more. */
const shop = serviceEnvironment({
  service: 'shop',
  githubEnvironment: 'Production',
  policy: policy({ required: 2 }),
  waitMs: 60_000,
  checks: { redCommit: null },
})

let store: Store
let gate: Gate
beforeEach(async () => {
  store = await openSqliteStore({ folder: ownFolder() })
  gate = { gate: 'twokey', bypass: 'nobody' }
})
afterEach(() => store.close())

function deploys(beside: ServiceEnvironment, emergency?: string) {
  const { inputs, tip, githubTree, paths, notes, changes, authorship, commit: wanted } = deploySubject()
  const outside = {
    github: {
      protection: async () => gate,
      inspect: async () => ({
        commit: wanted,
        tip: { sha: tip, githubTree, paths, commitOnBranch: true, inputs, notes },
        changes,
        authorship,
        checks: {
          source: 'checks',
          passed: 1,
          pending: 0,
          failed: 0,
          failing: [],
          required: {
            by: 'branch',
            passed: 1,
            pending: { count: 0, names: [] },
            failed: { count: 0, names: [] },
          },
        },
      }),
    },
    ecs: { before: async () => new World([target], []).targets, missing: async () => [] },
    people: {
      requester: async () => yes,
      eligibleApprovers: async () => ({ persons: 3, groups: [] }),
    },
    channels: { sharing: async () => 'inside' },
  } as unknown as Outside
  const settings = settingsOf([api, beside])
  return prepareDeploy(
    { outside, settings, store, clock: () => now, newId: () => 'r-new' },
    {
      serviceEnvironment: api,
      from: { user: ana, channel: 'C0DEPLOYS' } as never,
      ref: null,
      ...(emergency !== undefined && { emergency }),
    },
  )
}

test('a deploy through a gate that services share needs what the strictest of them requires', async () => {
  expect(await deploys(shop)).toMatchObject({
    request: {
      policy: { required: 2 },
      waitMs: 60_000,
      checksRule: { redCommit: null },
      targets: [target],
      subject: { isGateShared: true },
    },
  })
})

test.each<[string, Gate, ServiceEnvironment]>([['whose gate twokey does not hold', { gate: 'open' }, shop]])(
  'a deploy needs what its own service requires in an environment %s',
  async (_, held, beside) => {
    gate = held
    const prepared = await deploys(beside)
    expect(prepared).toMatchObject({ request: { policy: { required: 1 }, waitMs: 0 } })
    expect(prepared).not.toHaveProperty('request.subject.isGateShared')
  },
)

test.each<[string, ServiceEnvironment]>([
  ['another workflow', { ...shop, workflow: 'shop.yml' }],
  ['another branch', { ...shop, branch: 'shop' }],
])(
  'a deploy through the gate of a service of %s needs as many approvals and as long a wait',
  async (_, beside) => {
    const prepared = await deploys({ ...beside, policy: policy({ ...beside.policy, approvers: ['S0SHOP'] }) })
    expect(prepared).toMatchObject({
      request: {
        policy: { required: 2, approvers: api.policy.approvers },
        waitMs: 60_000,
        targets: [target],
        subject: { isGateShared: true },
      },
    })
    expect(prepared).not.toHaveProperty('request.checksRule')
  },
)

test('the current approvals of a service of another workflow apply to a deploy through its gate', () => {
  const { release } = underway({ subject: deploySubject({ isGateShared: true }) })
  const settings = settingsOf([api, { ...shop, workflow: 'shop.yml', requires: ['staging'] }])
  expect(currentRules(settings, release)).toMatchObject({
    policy: { required: 2, approvers: api.policy.approvers },
    waitMs: 60_000,
    requires: [],
  })
})

test('a deploy through a gate of services with different approvers is refused', async () => {
  const others = { ...shop, policy: policy({ approvers: ['S0SHOP'] }) }
  expect(await deploys(others)).toMatchObject({ refused: { code: 'gate_approvers_differ' } })
})

test('an emergency deploy through a shared gate has its own terms', async () => {
  expect(await deploys(shop, 'checkout is down')).toMatchObject({ request: { policy: { required: 1 } } })
})

test('the current rules of all services apply to a deploy through their gate until it is sent', () => {
  const { release } = underway({ subject: deploySubject({ isGateShared: true }) })
  const settings = settingsOf([api, { ...shop, requires: ['staging'] }])
  expect(currentRules(settings, release)).toMatchObject({
    policy: { required: 2 },
    waitMs: 60_000,
    requires: ['staging'],
    checks: { redCommit: null },
  })
  const alone = underway({ subject: deploySubject() }).release
  expect(alone.subject).toMatchObject({ commit: { sha: commit } })
  expect(currentRules(settings, alone)).toMatchObject({ policy: { required: 1 }, requires: [] })
})
