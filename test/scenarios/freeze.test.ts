import { afterEach, describe, expect, it } from 'vitest'
import { configText, type Harness, openHarness } from './harness.ts'

const always = 'weekly: "Mon 00:00 – Mon 00:00", timezone: Europe/Paris'
const inProd = (said: string) => configText.replace('    notify:', `    ${said}\n    notify:`)

describe('a freeze', () => {
  let harness: Harness
  afterEach(() => harness.close())

  it('refuses deploys during a freeze that approvals cannot lift, and exempts a rollback', async () => {
    harness = await openHarness({ config: inProd(`freezes: [{ ${always}, reason: nobody is here }]`) })
    const refused = await harness.answerTo('U0ANA', '/deploy prod')
    expect(refused).toContain('frozen')
    expect(refused).toContain('nobody is here')
    // The freeze of this config begins anew each week.
    expect(refused).toContain('frozen without an end')
    expect(refused).toContain('/rollback blog-api')
    expect(refused).not.toContain('--emergency')
    expect(harness.cards()).toEqual([])
    expect(await harness.answerTo('U0ANA', '/deploy status prod')).toMatch(
      /Frozen without an end.*nobody is here/,
    )

    await harness.types('U0ANA', '/rollback blog-api 42')
    const card = await harness.shows('awaiting approval')
    expect(JSON.stringify(card.blocks)).toContain('Frozen without an end')
    expect((await harness.threadPost(/Frozen without an end.*exempt/)).broadcast).toBe(true)
    await harness.clicks('U0BEN', 'approve')
    await harness.shows('succeeded')
    expect(harness.serving()).toBe('blog-api:42')
  })

  it('requires three approvals instead of two during a freeze that more approvals lift', async () => {
    harness = await openHarness({ config: inProd(`freezes: [{ ${always}, approvals: 3 }]`) })
    await harness.types('U0ANA', '/deploy prod')
    const card = await harness.shows('awaiting approval')
    expect(JSON.stringify(card.blocks)).toContain('3 approvals instead of 2')
    for (const user of ['U0BEN', 'U0CHLOE']) await harness.clicks(user, 'approve')
    await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('2 of 3'))
    expect(harness.dispatches()).toBe(0)
    await harness.clicks('U0APPROVER', 'approve')
    await harness.shows('succeeded')
  })

  it('refuses a deploy during a freeze that requires more approvals than there are people', async () => {
    harness = await openHarness({ config: inProd(`freezes: [{ ${always}, approvals: 4 }]`) })
    const refused = await harness.answerTo('U0ANA', '/deploy prod')
    expect(refused).toContain('policy_unsatisfiable')
    expect(refused).toMatch(/requires 4 approvals.*The freeze without an end requires this many/)
    expect(harness.cards()).toEqual([])
  })

  it('a freeze that is over blocks nothing', async () => {
    const past = 'from: "2020-01-01 00:00", to: "2020-01-02 00:00", timezone: Europe/Paris'
    harness = await openHarness({ config: inProd(`freezes: [{ ${past} }]`) })
    await harness.types('U0ANA', '/deploy prod')
    const card = await harness.shows('awaiting approval')
    expect(JSON.stringify(card.blocks)).not.toContain('Frozen')
  })
})
