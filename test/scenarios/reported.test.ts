import { afterEach, describe, expect, it, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { actorsOf, auditOf } from './chains.ts'
import { configText, type Harness, openHarness } from './harness.ts'

/**
 * Failures that were reported for other bots, and that no other scenario covers. docs/security.md and docs/real-pipelines.md
 * list them.
 */
describe('cases that were reported', () => {
  let harness: Harness
  afterEach(() => harness.close())

  it('counts a person once who is in two groups and also named', async () => {
    const config = configText.replace(
      'approvers: [S0DEPLOYERS, U0APPROVER]',
      'approvers: [S0DEPLOYERS, S0ONCALL, U0CHLOE]',
    )
    harness = await openHarness({ config })
    await harness.types('U0ANA', '/deploy prod')
    const card = await harness.shows('awaiting approval')
    await harness.clicks('U0CHLOE', 'approve')
    await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('1 of 2'))
    await harness.clicks('U0CHLOE', 'approve')
    await harness.ephemeral('U0CHLOE', /already_approved/)
    const rows = await auditOf(harness.folder)
    expect(actorsOf(rows, String(card.metadata?.event_payload.release_id), 'approved')).toEqual(['U0CHLOE'])
    expect(harness.dispatches()).toBe(0)
  })

  it('reports a run that GitHub removed from its queue, ends cancelled, and frees the lane', async () => {
    harness = await openHarness()
    const { world } = harness.sandbox.github
    world.next = { stuck: 'queued' }
    await harness.approved()
    await vi.waitUntil(() => world.repository().runs.some(({ event }) => event === 'workflow_dispatch'), {
      timeout: patience,
    })
    const run = world.repository().runs.find(({ event }) => event === 'workflow_dispatch')
    world.cancelRun(run!.id)
    expect(await harness.ends()).toBe('cancelled')
    await harness.threadPost(/nothing was deployed/i)
    await harness.types('U0ANA', '/deploy prod')
    await harness.sandbox.slack.until(() => harness.cards().length === 2)
  })

  it('counts an approval for its own release only, though another waits for the same person', async () => {
    const config = configText.replace('required: 0', 'required: 1, approvers: [U0BEN]')
    harness = await openHarness({ config })
    await harness.types('U0ANA', '/deploy dev')
    const dev = await harness.shows('awaiting approval')
    await harness.types('U0ANA', '/deploy prod')
    await harness.sandbox.slack.until(() => harness.cards().length === 2)
    await harness.clicks('U0BEN', 'approve', dev)
    await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('succeeded'))
    expect(harness.cards()[1]?.text).toContain('0 of 2')
    expect(harness.dispatches()).toBe(1)
  })

  it('answers a command in a direct message there, and posts its card in the channel', async () => {
    harness = await openHarness()
    const { slack } = harness.sandbox
    const own = slack.workspace.dm('U0ANA').id
    await slack.as('U0ANA').types(own, '/deploy prod')
    await harness.shows('awaiting approval')
    const answer = await slack.until(() => slack.workspace.ephemerals('U0ANA').at(-1))
    expect(answer.channel).toBe(own)
    await slack.as('U0ANA').types(own, '/deploy status prod')
    const status = await slack.until(() =>
      slack.workspace.ephemerals('U0ANA').find(({ text }) => /awaiting approval/.test(text)),
    )
    expect(status.channel).toBe(own)
  })
})
