import { afterEach, describe, expect, it } from 'vitest'
import { channel, configText, type Harness, openHarness } from './harness.ts'

const frozen = 'freezes: [{ weekly: "Mon 00:00 – Mon 00:00", timezone: UTC }]'
const byOncall = 'emergency: { approvals: { required: 1, approvers: [S0ONCALL] } }'
const inProd = (...said: readonly string[]) =>
  configText.replace('    notify:', `    ${[...said, 'notify:'].join('\n    ')}`)
const shipped = '/deploy prod --emergency checkout is down'

describe('an emergency deploy', () => {
  let harness: Harness
  afterEach(() => harness.close())

  const blocks = () => JSON.stringify(harness.cards().at(-1)?.blocks)
  const notified = (user: string, ts: string) =>
    harness.sandbox.slack.workspace.notifications(user).some((each) => each.ts === ts)

  it('skips a freeze and the wait with one approval, announces that in the channel, and is acknowledged afterwards', async () => {
    harness = await openHarness({ config: inProd(frozen, 'wait: 1h', byOncall) })
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toContain('/deploy prod blog-api --emergency')
    await harness.types('U0ANA', shipped)
    const card = await harness.shows('awaiting approval')
    expect(card.text).toMatch(
      /^blog-api prod: awaiting approval\n.*EMERGENCY.*1 approval instead of 2.*checkout is down/s,
    )
    const told = await harness.threadPost(/EMERGENCY.*checkout is down/)
    expect(told.broadcast).toBe(true)
    for (const user of ['U0BEN', 'U0CHLOE', 'U0APPROVER']) expect(notified(user, told.ts)).toBe(true)

    await harness.clicks('U0BEN', 'approve')
    await harness.ephemeral('U0BEN', /not_an_approver/)
    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('succeeded')
    expect(harness.dispatches()).toBe(1)

    await harness.restarts()
    expect(blocks()).toContain('Nobody has acknowledged')
    const status = await harness.answerTo('U0BEN', '/deploy status prod')
    expect(status).toContain('Nobody has acknowledged')
    await harness.clicks('U0ANA', 'acknowledge')
    await harness.ephemeral('U0ANA', /not_an_approver|may_not_acknowledge/)
    await harness.clicks('U0CHLOE', 'acknowledge')
    await harness.ephemeral('U0CHLOE', /may_not_acknowledge/)
    await harness.clicks('U0ELI', 'acknowledge')
    await harness.ephemeral('U0ELI', /not_an_approver/)
    await harness.clicks('U0BEN', 'acknowledge')
    await harness.threadPost(/<@U0BEN> has acknowledged/)
    await harness.sandbox.slack.until(() => blocks().includes('Acknowledged by <@U0BEN>'))
    expect(blocks()).not.toContain('twokey:acknowledge')
    expect(await harness.answerTo('U0BEN', '/deploy status prod')).not.toContain('Nobody has acknowledged')
  })

  it('refuses an emergency deploy that the config does not allow, at all or to this person', async () => {
    harness = await openHarness()
    expect(await harness.answerTo('U0ANA', shipped)).toContain('emergency_not_allowed')
    await harness.close()
    const requesters = 'emergency: { requesters: [S0ONCALL], approvals: { required: 1 } }'
    harness = await openHarness({ config: inProd(requesters) })
    const told = await harness.answerTo('U0ANA', shipped)
    expect(told).toContain('not_allowed')
    expect(told).toContain('emergency.requesters')
    expect(harness.cards()).toEqual([])
    await harness.types('U0CHLOE', shipped)
    await harness.shows('awaiting approval')
  })

  it('tells people without permission only that they may not request there, also if the config allows no emergency deploys', async () => {
    harness = await openHarness({ config: inProd('requesters: [S0ONCALL]') })
    const told = await harness.answerTo('U0GUS', shipped)
    expect(told).toContain('not_a_member')
    expect(told).not.toContain('emergency')
    expect(await harness.answerTo('U0ANA', shipped)).toContain('You may not request a release to prod')
    expect(await harness.answerTo('U0CHLOE', shipped)).toContain('emergency_not_allowed')
    expect(harness.cards()).toEqual([])
  })

  it('sends no emergency deploy that the config no longer allows once its approvals are in, and exempts it from no freeze', async () => {
    harness = await openHarness({ config: inProd(frozen, byOncall) })
    await harness.types('U0ANA', shipped)
    await harness.shows('awaiting approval')
    await harness.restarts(
      inProd(frozen).replace('required: 2', 'required: 1').replace('U0APPROVER]', 'U0APPROVER, S0ONCALL]'),
    )
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('failed')
    expect(harness.dispatches()).toBe(0)
  })

  it('does not accept an emergency deploy without a reason', async () => {
    harness = await openHarness({ config: inProd(byOncall) })
    expect(await harness.answerTo('U0ANA', '/deploy prod —emergency')).toContain('--emergency &lt;reason&gt;')
    expect(harness.cards()).toEqual([])
  })

  it('a lock blocks an emergency deploy', async () => {
    harness = await openHarness({ config: inProd(byOncall) })
    await harness.types('U0BEN', '/deploy lock prod the database moves')
    await harness.sandbox.slack.until((workspace) =>
      workspace.messages(channel).some(({ text }) => text.includes('the database moves')),
    )
    expect(await harness.answerTo('U0ANA', shipped)).toContain('locked')
    expect(harness.cards()).toEqual([])
  })

  it('a retry of a failed emergency deploy needs the usual approvals', async () => {
    harness = await openHarness({ config: inProd(byOncall) })
    harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: [] })
    await harness.types('U0ANA', shipped)
    await harness.shows('awaiting approval')
    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('failed')
    await harness.clicks('U0ANA', 'retry')
    await harness.sandbox.slack.until(() => harness.cards().length === 2)
    const card = await harness.shows('awaiting approval')
    expect(card.text).not.toContain('EMERGENCY')
    expect(JSON.stringify(card.blocks)).toContain('0 of 2')
  })
})
