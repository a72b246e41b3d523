import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { actorsOf, auditOf } from './chains.ts'
import { channel, configText, type Harness, openHarness } from './harness.ts'

let harness: Harness
let id: string
beforeEach(async () => {
  harness = await openHarness()
  await harness.types('U0ANA', '/deploy prod')
  id = String((await harness.shows('awaiting approval')).metadata?.event_payload.release_id)
})
afterEach(() => harness.close())

const keys = (count: string) => harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes(count))
const edited = (from: string, to: string) => {
  const text = configText.replace(from, to)
  expect(text).not.toBe(configText)
  return harness.restarts(text)
}
const approves = (user: string) => harness.clicks(user, 'approve')
const rows = () => auditOf(harness.folder)

describe('twokey.yml changes while approvals are missing', () => {
  it('counts only approvals by people of both the old and the new list, and names the others', async () => {
    await approves('U0BEN')
    await keys('1 of 2')
    await edited('approvers: [S0DEPLOYERS, U0APPROVER]', 'approvers: [U0CHLOE, U0APPROVER]')
    await approves('U0CHLOE')
    await harness.threadPost(/U0BEN/)
    await keys('1 of 2')
    expect(harness.dispatches()).toBe(0)
    await harness.clicks('U0BEN', 'approve')
    await harness.ephemeral('U0BEN', /not_an_approver/)
    await approves('U0APPROVER')
    expect(await harness.ends()).toBe('succeeded')
    const all = await rows()
    expect(all.filter(({ what }) => what === 'approval dismissed').map(({ detail }) => detail.by)).toEqual([
      'U0BEN',
    ])
    expect(actorsOf(all, id, 'approve refused')).toEqual(['U0BEN'])
    const counted = all.filter(({ what }) => what === 'keys counted').at(-1)
    expect(counted?.detail).toMatchObject({ missing: 0, approversToday: ['U0CHLOE', 'U0APPROVER'] })
  })

  it('checks a person who became an approver later against both lists', async () => {
    await edited('approvers: [S0DEPLOYERS, U0APPROVER]', 'approvers: [S0DEPLOYERS, U0APPROVER, U0ELI]')
    await approves('U0ELI')
    await harness.ephemeral('U0ELI', /not_an_approver/)
    expect(actorsOf(await rows(), id, 'approved')).toEqual([])
  })

  it('requires the higher number of approvals if the new policy has more', async () => {
    await approves('U0BEN')
    await keys('1 of 2')
    await edited('required: 2', 'required: 3')
    await keys('1 of 3')
    await harness.threadPost(/3 approvals/)
    await approves('U0CHLOE')
    await keys('2 of 3')
    expect(harness.dispatches()).toBe(0)
    await approves('U0APPROVER')
    expect(await harness.ends()).toBe('succeeded')
    expect(actorsOf(await rows(), id, 'approved')).toEqual(['U0BEN', 'U0CHLOE', 'U0APPROVER'])
  })

  it('requires the number of approvals at the request if the new policy has fewer, or none', async () => {
    await approves('U0BEN')
    await keys('1 of 2')
    await edited('required: 2', 'required: 1')
    await approves('U0BEN')
    await harness.ephemeral('U0BEN', /already_approved/)
    expect(harness.dispatches()).toBe(0)
    await approves('U0CHLOE')
    expect(await harness.ends()).toBe('succeeded')
  })

  it('counts one approval if two approvers turn out to be one person', async () => {
    await approves('U0BEN')
    await keys('1 of 2')
    await edited('environments:', 'people: [{ slack: [U0BEN, U0CHLOE] }]\nenvironments:')
    await approves('U0CHLOE')
    await harness.ephemeral('U0CHLOE', /already_approved/)
    expect(harness.dispatches()).toBe(0)
    await approves('U0APPROVER')
    expect(await harness.ends()).toBe('succeeded')
  })

  it('does not count the approval of an account that turns out to be the requester’s', async () => {
    await approves('U0BEN')
    await keys('1 of 2')
    await edited('environments:', 'people: [{ slack: [U0ANA, U0BEN] }]\nenvironments:')
    await approves('U0CHLOE')
    await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('U0CHLOE'))
    await keys('1 of 2')
    expect(harness.dispatches()).toBe(0)
  })

  it.each([
    [
      'another target',
      'prod: { cluster: blog-cluster-prod, service: blog-api }',
      'prod: { cluster: blog-cluster-dev, service: blog-api-2 }',
    ],
    ['another repository', 'repository: myorg/blog-api', 'repository: myorg/other'],
    ['another workflow', 'workflow: deploy.yml', 'workflow: other.yml'],
    ['another branch', 'branch: main', 'branch: master'],
    ['another GitHub environment', 'githubEnvironment: production', 'githubEnvironment: live'],
    ['the commit must succeed in dev first', '    notify:', '    requires: [dev]\n    notify:'],
    ['no such service environment', 'prod: { cluster: blog-cluster-prod, service: blog-api }', '{}'],
  ])('fails with the reason and sends nothing: %s', async (_, from, to) => {
    await approves('U0BEN')
    await keys('1 of 2')
    await (to === '{}' ? harness.restarts(withoutProd) : edited(from, to))
    await approves('U0CHLOE')
    expect(await harness.ends()).toBe('failed')
    expect(JSON.stringify(harness.cards()[0]?.blocks)).toContain('twokey.yml was changed')
    expect(harness.dispatches()).toBe(0)
    expect((await rows()).some(({ what }) => what === 'dispatch marked')).toBe(false)
  })
})

/** The config without prod. */
const withoutProd = `
slack: { channel: ${channel} }
environments: { dev: { branch: develop, approvals: { required: 0 } } }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    environments: { dev: { cluster: blog-cluster-dev, service: blog-api } }
`

describe('clicks while Slack does not identify people', () => {
  it('counts no click, audits each, and keeps earlier approvals, which can be withdrawn', async () => {
    await approves('U0BEN')
    await keys('1 of 2')
    await harness.restarts()
    const { faults } = harness.sandbox.slack
    const body = { ok: false, error: 'internal_error' }
    faults.queue('users.info', { kind: 'answer', status: 200, body }, { times: 1_000 })
    const clicks = [
      ['U0CHLOE', 'approve'],
      ['U0CHLOE', 'reject'],
      ['U0ANA', 'cancel'],
    ] as const
    for (const [user, action] of clicks) {
      const before = harness.sandbox.slack.workspace.ephemerals(user).length
      await harness.clicks(user, action)
      const answer = await harness.sandbox.slack.until((workspace) => workspace.ephemerals(user)[before])
      expect(JSON.stringify(answer)).toContain('identity_unknown')
    }
    expect(harness.cards()[0]?.text).toContain('1 of 2')
    const all = await rows()
    for (const [user, action] of clicks) expect(actorsOf(all, id, `${action} refused`)).toContain(user)
    await harness.clicks('U0BEN', 'withdraw')
    await keys('0 of 2')
    faults.clear()
    await approves('U0CHLOE')
    await keys('1 of 2')
    expect(actorsOf(await rows(), id, 'approved')).toEqual(['U0BEN', 'U0CHLOE'])
    expect(harness.dispatches()).toBe(0)
  })
})
