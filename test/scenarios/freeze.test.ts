import { afterEach, describe, expect, it } from 'vitest'
import { configText, openTown, type Town } from './harness.ts'

const always = 'weekly: "Mon 00:00 – Mon 00:00", timezone: Europe/Paris'
const inProd = (said: string) => configText.replace('    notify:', `    ${said}\n    notify:`)

describe('a freeze', () => {
  let town: Town
  afterEach(() => town.close())

  it('that nothing opens: deploys are refused until it ends, a rollback passes and says so', async () => {
    town = await openTown({ config: inProd(`freezes: [{ ${always}, reason: nobody is here }]`) })
    const refused = await town.asks('U0ANA', '/deploy prod')
    expect(refused).toContain('frozen')
    expect(refused).toContain('nobody is here')
    expect(refused).toContain('<!date^')
    expect(refused).toContain('/rollback blog-api')
    expect(refused).not.toContain('--emergency')
    expect(town.cards()).toEqual([])
    expect(await town.asks('U0ANA', '/deploy status prod')).toMatch(/Frozen until.*nobody is here/)

    await town.says('U0ANA', '/rollback blog-api 42')
    const card = await town.shows('awaiting approval')
    expect(JSON.stringify(card.blocks)).toContain('Frozen until')
    expect((await town.tells(/Frozen until.*pass/)).broadcast).toBe(true)
    await town.presses('U0BEN', 'approve')
    await town.shows('succeeded')
    expect(town.serving()).toBe('blog-api:42')
  })

  it('that more keys open: three people approve instead of two', async () => {
    town = await openTown({ config: inProd(`freezes: [{ ${always}, approvals: 3 }]`) })
    await town.says('U0ANA', '/deploy prod')
    const card = await town.shows('awaiting approval')
    expect(JSON.stringify(card.blocks)).toContain('3 approvals instead of 2')
    for (const user of ['U0BEN', 'U0CHLOE']) await town.presses(user, 'approve')
    await town.tells(/1 approval is missing/)
    expect(town.dispatches()).toBe(0)
    await town.presses('U0APPROVER', 'approve')
    await town.shows('succeeded')
  })

  it('that asks for more keys than there are people is refused before anyone is asked', async () => {
    town = await openTown({ config: inProd(`freezes: [{ ${always}, approvals: 4 }]`) })
    const refused = await town.asks('U0ANA', '/deploy prod')
    expect(refused).toContain('policy_unsatisfiable')
    expect(refused).toMatch(/requires 4 approvals.*The freeze until <!date.* asks for so many/)
    expect(town.cards()).toEqual([])
  })

  it('that is over holds nothing', async () => {
    const past = 'from: "2020-01-01 00:00", to: "2020-01-02 00:00", timezone: Europe/Paris'
    town = await openTown({ config: inProd(`freezes: [{ ${past} }]`) })
    await town.says('U0ANA', '/deploy prod')
    const card = await town.shows('awaiting approval')
    expect(JSON.stringify(card.blocks)).not.toContain('Frozen')
  })
})
