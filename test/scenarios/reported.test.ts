import { afterEach, describe, expect, it, vi } from 'vitest'
import { patience } from '../../src/sandbox/pace.ts'
import { actorsOf, auditOf } from './chains.ts'
import { configText, openTown, type Town } from './harness.ts'

/** Failures that were reported of other bots, and that no other story tells. docs/security.md and docs/real-pipelines.md list them. */
describe('reported elsewhere', () => {
  let town: Town
  afterEach(() => town.close())

  it('a person who is in two groups and named besides is one person', async () => {
    const config = configText.replace(
      'approvers: [S0DEPLOYERS, U0APPROVER]',
      'approvers: [S0DEPLOYERS, S0ONCALL, U0CHLOE]',
    )
    town = await openTown({ config })
    await town.says('U0ANA', '/deploy prod')
    const card = await town.shows('awaiting approval')
    await town.presses('U0CHLOE', 'approve')
    await town.sandbox.slack.until(() => town.cards()[0]?.text.includes('1 of 2'))
    await town.presses('U0CHLOE', 'approve')
    await town.whispers('U0CHLOE', /already_approved/)
    const rows = await auditOf(town.folder)
    expect(actorsOf(rows, String(card.metadata?.event_payload.release_id), 'approved')).toEqual(['U0CHLOE'])
    expect(town.dispatches()).toBe(0)
  })

  it('a run that GitHub takes out of its queue is told, ends as cancelled, and frees the place', async () => {
    town = await openTown()
    const { world } = town.sandbox.github
    world.next = { stuck: 'queued' }
    await town.approved()
    await vi.waitUntil(() => world.repository().runs.some(({ event }) => event === 'workflow_dispatch'), {
      timeout: patience,
    })
    const run = world.repository().runs.find(({ event }) => event === 'workflow_dispatch')
    world.cancelRun(run!.id)
    expect(await town.ends()).toBe('cancelled')
    await town.tells(/nothing was rolled out/i)
    await town.says('U0ANA', '/deploy prod')
    await town.sandbox.slack.until(() => town.cards().length === 2)
  })

  it('an approval of one release is no approval of another, though both wait for the same person', async () => {
    const config = configText.replace('required: 0', 'required: 1, approvers: [U0BEN]')
    town = await openTown({ config })
    await town.says('U0ANA', '/deploy dev')
    const dev = await town.shows('awaiting approval')
    await town.says('U0ANA', '/deploy prod')
    await town.sandbox.slack.until(() => town.cards().length === 2)
    await town.presses('U0BEN', 'approve', dev)
    await town.sandbox.slack.until(() => town.cards()[0]?.text.includes('succeeded'))
    expect(town.cards()[1]?.text).toContain('0 of 2')
    expect(town.dispatches()).toBe(1)
  })

  it('a command in a direct message is answered there, and its card is in the channel', async () => {
    town = await openTown()
    const { slack } = town.sandbox
    const own = slack.workspace.dm('U0ANA').id
    await slack.as('U0ANA').types(own, '/deploy prod')
    await town.shows('awaiting approval')
    const answer = await slack.until(() => slack.workspace.ephemerals('U0ANA').at(-1))
    expect(answer.channel).toBe(own)
    await slack.as('U0ANA').types(own, '/deploy status prod')
    const status = await slack.until(() =>
      slack.workspace.ephemerals('U0ANA').find(({ text }) => /awaiting approval/.test(text)),
    )
    expect(status.channel).toBe(own)
  })
})
