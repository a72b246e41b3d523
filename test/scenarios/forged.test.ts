import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { clickAction, findControl } from '../../sandbox/slack/controls.ts'
import type { Thread } from '../../sandbox/slack/entities.ts'
import { messageAction } from '../../sandbox/slack/payloads.ts'
import { actorsOf, auditOf } from './chains.ts'
import { channel, configText, type Harness, openHarness } from './harness.ts'

type Payload = Readonly<Record<string, unknown>>

const twoPlaces = configText
  .replace('required: 0', 'required: 2, approvers: [U0BEN, U0CHLOE]')
  .replace('approvers: [S0DEPLOYERS, U0APPROVER]', 'approvers: [S0DEPLOYERS, U0APPROVER, U0ANA]')

let harness: Harness

const idOf = (card: Thread) => String(card.metadata?.event_payload.release_id)
const cardOf = (id: string) => harness.cards().find((card) => idOf(card) === id)!

/** Slack's payload of this button click, field by field. */
function press(user: string, action: string, card: Thread): Payload {
  const { workspace, url } = harness.sandbox.slack
  const by = workspace.users.get(user)!
  const button = clickAction(card.blocks, { actionId: `twokey:${action}` })
  return messageAction({ workspace, url, user: by, client: '' }, card, button)
}

const sends = (payload: Payload) => harness.sandbox.slack.as('U0BEN').forges({ type: 'interactive', payload })

/** All answers to single people, by any way. */
function told(): readonly string[] {
  return harness.sandbox.slack.log.exchanges
    .filter(({ on }) => ['chat.postEphemeral', 'chat.postMessage', 'response_url'].includes(on))
    .map(({ on, body }) => `${on} ${JSON.stringify(body)}`)
    .filter((sent) => !sent.startsWith(`chat.postMessage {"channel":"${channel}"`))
}

async function refusedWith(code: string, does: () => Promise<unknown>): Promise<void> {
  const times = () => told().filter((body) => body.includes(code)).length
  const before = times()
  await does()
  await vi.waitUntil(() => times() > before, { timeout: patience })
}

/** Does something, and waits until twokey has handled a later request. */
async function unheard(does: () => Promise<unknown>): Promise<void> {
  const before = told().length
  await does()
  await harness.answerTo('U0ELI', '/deploy help')
  expect(told().length).toBe(before + 1)
}

async function asked(line: string): Promise<string> {
  const before = harness.cards().length
  await harness.types('U0ANA', line)
  await harness.sandbox.slack.until(() => harness.cards().length > before)
  return idOf(await harness.shows('awaiting approval'))
}

describe('a button click with fields that Slack would not send together', () => {
  let prod: string
  let dev: string
  const refusals: string[] = []
  beforeAll(async () => {
    harness = await openHarness({ config: twoPlaces })
    dev = await asked('/deploy dev')
    prod = await asked('/deploy prod')
    const { channels, app } = harness.sandbox.slack.workspace
    channels.set('C0ELSEWHERE', {
      ...channels.get(channel)!,
      id: 'C0ELSEWHERE',
      members: new Set([app.userId]),
    })
  })
  afterAll(() => harness.close())

  const button = (real: Payload, part: Payload): Payload => ({
    ...real,
    actions: [{ ...(real.actions as readonly object[])[0], ...part }],
  })
  const value = (given: unknown) => (real: Payload) => button(real, { value: given })
  const action = (name: unknown) => (real: Payload) => button(real, { action_id: name })
  const on =
    (ts: unknown, place: unknown = channel) =>
    (real: Payload) => ({
      ...real,
      channel: { id: place },
      container: { type: 'message', message_ts: ts, channel_id: place },
      message: { ...(real.message as object), ts },
    })
  const without =
    (...names: readonly string[]) =>
    (real: Payload) =>
      Object.fromEntries(Object.entries(real).filter(([name]) => !names.includes(name)))

  it.each<readonly [string, (real: Payload) => Payload, string]>([
    ['the value of another release', (real) => value(`${dev}:0`)(real), 'card_mismatch'],
    ['another approval round than the card’s', (real) => value(`${prod}:7`)(real), 'card_outdated'],
    ['no approval round', (real) => value(prod)(real), 'card_outdated'],
    ['an approval round that is not a number', (real) => value(`${prod}:0x0`)(real), 'card_outdated'],
    ['a release that does not exist', value('r-nothing:0'), 'release_unknown'],
    ['no release', value(''), 'release_unknown'],
    ['3 kB in place of a release', value('r'.repeat(3_000)), 'release_unknown'],
    ['a query for a release', value(`' or 1=1 --:0`), 'release_unknown'],
    ['a value that is not text', value({ release: 'x' }), 'release_unknown'],
    ['no value', value(undefined), 'release_unknown'],
    ['the card of another release', (real) => on(cardOf(dev).ts)(real), 'card_mismatch'],
    ['the thread of its card', (real) => on(cardOf(prod).replies[0]?.ts)(real), 'card_mismatch'],
    ['a card that does not exist', on('1.000001'), 'card_mismatch'],
    ['a card that is not text', on(17), 'card_mismatch'],
    [
      'a channel that the bot does not use',
      (real) => on(cardOf(prod).ts, 'C0ELSEWHERE')(real),
      'card_mismatch',
    ],
    ['a channel that does not exist', (real) => on(cardOf(prod).ts, 'C0NOWHERE')(real), 'card_mismatch'],
    ['no channel and no card', without('channel', 'container', 'message'), 'card_mismatch'],
    [
      'a form in place of the card',
      (real) => ({ ...without('channel', 'message')(real), container: { type: 'view', view_id: 'V1' } }),
      'card_mismatch',
    ],
    ['a button name that twokey does not have', action('twokey:explode'), 'button_unknown'],
    ['the button name in another case', action('twokey:APPROVE'), 'button_unknown'],
    ['3 kB in place of a button name', action(`twokey:${'x'.repeat(3_000)}`), 'button_unknown'],
    ['what the card does not offer: withdraw', action('twokey:withdraw'), 'nothing_to_withdraw'],
    ['what the card does not offer: settle', action('twokey:settle'), 'not_cancellable'],
    ['what the card does not offer: look again', action('twokey:look-again'), 'not_cancellable'],
    ['what the card does not offer: acknowledge', action('twokey:acknowledge'), 'already_acknowledged'],
    ['what the card does not offer: lock', action('twokey:lock'), 'not_allowed'],
    ['what the card does not offer: retry', action('twokey:retry'), 'in_flight'],
    ['what the card does not offer: roll back', action('twokey:roll-back'), 'nothing_to_deploy'],
    [
      'the requester under the name Ben',
      (real) => ({ ...real, user: { ...(real.user as object), id: 'U0ANA' } }),
      'may_not_approve',
    ],
    [
      'Ben by name, and no id',
      (real) => ({ ...real, user: { name: 'ben', username: 'ben', team_id: 'T0TEAM' } }),
      'identity_unknown',
    ],
  ])(
    'refuses the click with the reason to one person alone and changes nothing: %s',
    async (_, forged, code) => {
      const { workspace } = harness.sandbox.slack
      const seen = { ephemerals: workspace.ephemerals().length, cards: harness.cards().length }
      await refusedWith(code, () => sends(forged(press('U0BEN', 'approve', cardOf(prod)))))
      refusals.push(code)
      expect(
        workspace
          .ephemerals()
          .slice(seen.ephemerals)
          .every(({ to }) => to === 'U0BEN'),
      ).toBe(true)
      expect(harness.cards().length).toBe(seen.cards)
      expect(cardOf(prod).text).toMatch(/awaiting approval/)
      expect(cardOf(prod).text).toContain('0 of 2')
      expect(cardOf(prod).text).not.toMatch(/Not counted: ,/)
      expect(cardOf(dev).text).toContain('0 of 2')
    },
  )

  it.each<readonly [string, (real: Payload) => Payload]>([
    ['the button of another app', action('approve')],
    ['a button without a name', action(undefined)],
    ['a button name that is not text', action({ toString: 'twokey:approve' })],
    ['no button at all', (real) => ({ ...real, actions: [] })],
    [
      'another app’s button before twokey’s',
      (real) => ({
        ...real,
        actions: [{ type: 'button', action_id: 'x' }, ...(real.actions as readonly object[])],
      }),
    ],
    [
      'a word in place of the revision to roll back to',
      (real) => button(real, { action_id: 'twokey:revision', value: '{"service":"blog-api","revision":-1}' }),
    ],
    [
      'a lock to take over that nobody was shown',
      (real) =>
        button(real, { action_id: 'twokey:take-over-lock', value: '{"ask":"lock","environment":"prod"}' }),
    ],
    ['another type', (real) => ({ ...real, type: 'message_action' })],
    ['no type', without('type')],
    ['no person', without('user')],
  ])('ignores the click, answers nobody and changes nothing: %s', async (_, forged) => {
    await unheard(() => sends(forged(press('U0BEN', 'approve', cardOf(prod)))))
    expect(cardOf(prod).text).toContain('0 of 2')
  })

  it('audits each refused click with its actor and no approval, and counts genuine clicks afterwards', async () => {
    const rows = await auditOf(harness.folder)
    const refused = rows.filter(({ what }) => what.endsWith(' refused'))
    expect(refused.map(({ detail }) => detail.code)).toEqual(refusals)
    expect(JSON.stringify(refused).length).toBeLessThan(40_000)
    expect(rows.filter(({ what }) => what === 'approved')).toEqual([])
    expect(harness.dispatches()).toBe(0)
    await harness.clicks('U0BEN', 'approve', cardOf(prod))
    await harness.clicks('U0CHLOE', 'approve', cardOf(prod))
    await harness.sandbox.slack.until(() => cardOf(prod).text.includes('succeeded'))
    expect(actorsOf(await auditOf(harness.folder), prod, 'approved')).toEqual(['U0BEN', 'U0CHLOE'])
    expect(harness.dispatches()).toBe(1)
    const looked = JSON.stringify(
      harness.sandbox.slack.log.of('users.info').map(({ path, body }) => [path, body]),
    )
    for (const user of ['U0ANA', 'U0BEN', 'U0CHLOE']) expect(looked).toContain(user)
  })
})

describe('a repeated button click', () => {
  beforeEach(async () => {
    harness = await openHarness()
  })
  afterEach(() => harness.close())

  it('counts a click in a repeated envelope once and answers nobody', async () => {
    const id = await asked('/deploy prod')
    harness.sandbox.slack.sockets.troubles.queue({ kind: 'twice' })
    await unheard(() => harness.clicks('U0BEN', 'approve'))
    await harness.sandbox.slack.until(() => cardOf(id).text.includes('1 of 2'))
    expect(actorsOf(await auditOf(harness.folder), id, 'approved')).toEqual(['U0BEN'])
  })

  it('ignores the trigger of another click, sent as another person or button', async () => {
    const id = await asked('/deploy prod')
    const first = press('U0BEN', 'approve', cardOf(id))
    await sends(first)
    await harness.sandbox.slack.until(() => cardOf(id).text.includes('1 of 2'))
    const { trigger_id } = first
    await unheard(async () => {
      await sends({ ...press('U0CHLOE', 'approve', cardOf(id)), trigger_id })
      await sends({ ...press('U0CHLOE', 'reject', cardOf(id)), trigger_id })
      await sends(first)
    })
    expect(cardOf(id).text).toContain('1 of 2')
    expect(harness.dispatches()).toBe(0)
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
  })

  it('ignores a click on a copy of the card, whoever posted the copy', async () => {
    const id = await asked('/deploy prod')
    const { workspace } = harness.sandbox.slack
    const { text, blocks, metadata } = cardOf(id)
    for (const user of ['U0ELI', workspace.app.userId]) {
      const copy = workspace.post({ channel, user, text, blocks, metadata })
      await refusedWith('card_mismatch', () =>
        harness.sandbox.slack.as('U0BEN').clicks({ channel, ts: copy.ts, actionId: 'twokey:approve' }),
      )
    }
    expect(actorsOf(await auditOf(harness.folder), id, 'approved')).toEqual([])
    expect(harness.dispatches()).toBe(0)
  })

  it('accepts Cancel only on the card', async () => {
    const id = await asked('/deploy prod')
    const { slack } = harness.sandbox
    const { workspace } = slack
    const { text, blocks } = cardOf(id)
    const { ts } = workspace.post({ channel, user: workspace.app.userId, text, blocks })
    await refusedWith('card_mismatch', () =>
      slack.as('U0ANA').clicks({ channel, ts, actionId: 'twokey:cancel' }),
    )
    expect(cardOf(id).text).toMatch(/awaiting approval/)
    await harness.clicks('U0ANA', 'cancel', cardOf(id))
    await harness.shows('cancelled')
    expect(actorsOf(await auditOf(harness.folder), id, 'ended cancelled')).toEqual(['U0ANA'])
  })

  it('accepts Cancel in the list of /deploy cancel outside the card, only from people who may cancel', async () => {
    await harness.close()
    harness = await openHarness({ config: twoPlaces })
    const kept = await asked('/deploy dev')
    const id = await asked('/deploy prod')
    const { slack } = harness.sandbox
    await harness.answerTo('U0ANA', '/deploy cancel')
    const list = slack.workspace.ephemerals().at(-1)!
    const { element: button } = findControl(list.blocks, { actionId: 'twokey:pick-cancel', value: id })
    const blocks = [{ type: 'actions', elements: [button] }]
    const { ts } = slack.workspace.post({
      channel,
      user: slack.workspace.app.userId,
      text: 'a list',
      blocks,
    })
    await refusedWith('not_allowed', () =>
      slack.as('U0ELI').clicks({ channel, ts, actionId: 'twokey:pick-cancel' }),
    )
    expect(cardOf(id).text).toMatch(/awaiting approval/)
    await slack.as('U0ANA').clicksEphemeral({ actionId: 'twokey:pick-cancel', value: id })
    await harness.shows('cancelled')
    expect(cardOf(kept).text).toMatch(/awaiting approval/)
    expect(actorsOf(await auditOf(harness.folder), id, 'ended cancelled')).toEqual(['U0ANA'])
  })

  it('counts clicks only on the card that replaced a deleted one', async () => {
    const id = await asked('/deploy prod')
    const gone = cardOf(id)
    const late = press('U0CHLOE', 'approve', gone)
    const deletes = press('U0ANA', 'approve', gone)
    await harness.clicks('U0BEN', 'approve')
    await harness.sandbox.slack.until(() => cardOf(id).text.includes('1 of 2'))
    const { workspace } = harness.sandbox.slack
    workspace.remove(workspace.message(channel, gone.ts)!)
    await refusedWith('not_an_approver', () => sends(deletes))
    await harness.sandbox.slack.until(() => cardOf(id) && cardOf(id).ts !== gone.ts)
    await refusedWith('card_mismatch', () => sends(late))
    expect(cardOf(id).text).toContain('1 of 2')
    expect(harness.dispatches()).toBe(0)
    await harness.clicks('U0CHLOE', 'approve', cardOf(id))
    expect(await harness.ends()).toBe('succeeded')
  })
})
