import { afterEach, describe, expect, it } from 'vitest'
import { channel, configText, openTown, type Town } from './harness.ts'

const frozen = 'freezes: [{ weekly: "Mon 00:00 – Mon 00:00", timezone: UTC }]'
const byOncall = 'emergency: { approvals: { required: 1, approvers: [S0ONCALL] } }'
const inProd = (...said: readonly string[]) =>
  configText.replace('    notify:', `    ${[...said, 'notify:'].join('\n    ')}`)
const shipped = '/deploy prod --emergency checkout is down'

describe('an emergency', () => {
  let town: Town
  afterEach(() => town.close())

  const blocks = () => JSON.stringify(town.cards().at(-1)?.blocks)
  const notified = (user: string, ts: string) =>
    town.sandbox.slack.workspace.notifications(user).some((each) => each.ts === ts)

  it('passes a freeze and the wait with one key, loud in the channel, and is acknowledged afterwards', async () => {
    town = await openTown({ config: inProd(frozen, 'wait: 1h', byOncall) })
    expect(await town.asks('U0ANA', '/deploy prod')).toContain('/deploy prod blog-api --emergency')
    await town.says('U0ANA', shipped)
    const card = await town.shows('awaiting approval')
    expect(card.text).toMatch(
      /^blog-api prod: awaiting approval\n.*EMERGENCY.*1 approval instead of 2.*checkout is down/s,
    )
    const told = await town.tells(/EMERGENCY.*checkout is down/)
    expect(told.broadcast).toBe(true)
    for (const user of ['U0BEN', 'U0CHLOE', 'U0APPROVER']) expect(notified(user, told.ts)).toBe(true)

    await town.presses('U0BEN', 'approve')
    await town.whispers('U0BEN', /not_an_approver/)
    await town.presses('U0CHLOE', 'approve')
    await town.shows('succeeded')
    expect(town.dispatches()).toBe(1)

    await town.restarts()
    expect(blocks()).toContain('Nobody has acknowledged')
    const status = await town.asks('U0BEN', '/deploy status prod')
    expect(status).toContain('Nobody has acknowledged')
    await town.presses('U0ANA', 'acknowledge')
    await town.whispers('U0ANA', /not_an_approver|may_not_acknowledge/)
    await town.presses('U0CHLOE', 'acknowledge')
    await town.whispers('U0CHLOE', /may_not_acknowledge/)
    await town.presses('U0ELI', 'acknowledge')
    await town.whispers('U0ELI', /not_an_approver/)
    await town.presses('U0BEN', 'acknowledge')
    await town.tells(/<@U0BEN> has acknowledged/)
    await town.sandbox.slack.until(() => blocks().includes('Acknowledged by <@U0BEN>'))
    expect(blocks()).not.toContain('twokey:acknowledge')
    expect(await town.asks('U0BEN', '/deploy status prod')).not.toContain('Nobody has acknowledged')
  })

  it('is refused where the config allows none, and to whom it does not allow it', async () => {
    town = await openTown()
    expect(await town.asks('U0ANA', shipped)).toContain('emergency_not_allowed')
    await town.close()
    const requesters = 'emergency: { requesters: [S0ONCALL], approvals: { required: 1 } }'
    town = await openTown({ config: inProd(requesters) })
    const told = await town.asks('U0ANA', shipped)
    expect(told).toContain('not_allowed')
    expect(told).toContain('emergency.requesters')
    expect(town.cards()).toEqual([])
    await town.says('U0CHLOE', shipped)
    await town.shows('awaiting approval')
  })

  it('tells whoever may ask for nothing there just that, also where the config allows none', async () => {
    town = await openTown({ config: inProd('requesters: [S0ONCALL]') })
    const told = await town.asks('U0GUS', shipped)
    expect(told).toContain('not_a_member')
    expect(told).not.toContain('emergency')
    expect(await town.asks('U0ANA', shipped)).toContain('You may not request a release to prod')
    expect(await town.asks('U0CHLOE', shipped)).toContain('emergency_not_allowed')
    expect(town.cards()).toEqual([])
  })

  it('that the config allows no more once its keys are in is not sent, and no freeze is passed', async () => {
    town = await openTown({ config: inProd(frozen, byOncall) })
    await town.says('U0ANA', shipped)
    await town.shows('awaiting approval')
    await town.restarts(
      inProd(frozen).replace('required: 2', 'required: 1').replace('U0APPROVER]', 'U0APPROVER, S0ONCALL]'),
    )
    await town.presses('U0CHLOE', 'approve')
    expect(await town.ends()).toBe('failed')
    expect(town.dispatches()).toBe(0)
  })

  it('without a reason is not understood', async () => {
    town = await openTown({ config: inProd(byOncall) })
    expect(await town.asks('U0ANA', '/deploy prod —emergency')).toContain('--emergency &lt;reason&gt;')
    expect(town.cards()).toEqual([])
  })

  it('is held by a lock', async () => {
    town = await openTown({ config: inProd(byOncall) })
    await town.says('U0BEN', '/deploy lock prod the database moves')
    await town.sandbox.slack.until((workspace) =>
      workspace.messages(channel).some(({ text }) => text.includes('the database moves')),
    )
    expect(await town.asks('U0ANA', shipped)).toContain('locked')
    expect(town.cards()).toEqual([])
  })

  it('that failed is asked for again with the usual keys', async () => {
    town = await openTown({ config: inProd(byOncall) })
    town.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: [] })
    await town.says('U0ANA', shipped)
    await town.shows('awaiting approval')
    await town.presses('U0CHLOE', 'approve')
    await town.shows('failed')
    await town.presses('U0ANA', 'retry')
    await town.sandbox.slack.until(() => town.cards().length === 2)
    const card = await town.shows('awaiting approval')
    expect(card.text).not.toContain('EMERGENCY')
    expect(JSON.stringify(card.blocks)).toContain('0 of 2')
  })
})
