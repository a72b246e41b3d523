import { expect } from 'vitest'
import { auditOf } from './chains.ts'
import { configText, story } from './town.ts'

const impatient = story.extend<{ config: string }>({
  config: configText.replace('    notify:', '    deadlines: { run: 1s }\n    notify:'),
})

impatient(
  'a run that GitHub shows for ever and does not cancel: settled by an approver, its release ends and the next one starts',
  async ({ town }) => {
    town.sandbox.github.world.next = { holdAt: 'Install', cancellation: 'ignored' }
    await town.approved()
    await town.shows('running')
    await town.presses('U0ANA', 'cancel')
    await town.tells(/press Settle/)
    const buttons = () => JSON.stringify(town.cards().at(-1)?.blocks)
    await town.sandbox.slack.until(() => buttons().includes('twokey:settle'))
    expect(await town.asks('U0ANA', '/deploy cancel')).toContain('press Settle')
    const refusal = await town.asks('U0ELI', '/deploy prod')
    for (const fact of ['in_flight', 'press Settle']) expect(refusal).toContain(fact)

    await town.presses('U0ELI', 'settle')
    await town.whispers('U0ELI', /not_allowed/)
    await town.presses('U0BEN', 'settle')
    await town.tells(/<@U0BEN> has settled its run/)
    expect(await town.ends()).toBe('unknown')
    const rows = (await auditOf(town.folder)).map(({ actor, what }) => `${actor} ${what}`)
    expect(rows).toEqual(expect.arrayContaining(['U0BEN run settled', 'twokey ended unknown']))
    expect(buttons()).toContain('<@U0BEN> has settled it')

    await town.says('U0ANA', '/deploy prod')
    await town.sandbox.slack.until(() => town.cards().length === 2)
    await town.shows('awaiting approval')
  },
)
