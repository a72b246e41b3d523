import { describe, expect, it } from 'vitest'
import { actions } from '../../src/release/actions/actions.ts'
import { card } from '../../src/slack/cards/card.ts'
import { replyMessage } from '../../src/slack/cards/reply.ts'
import { clickItem } from '../../src/slack/payloads.ts'
import { connectSlack } from '../../src/slack/receivers.ts'
import { channel, type ListenerHarness, log, noForms, openListener, openSlack, until } from './harness.ts'
import { DrivenRelease } from './releases.ts'

function postCard({ slack }: ListenerHarness) {
  const { text, blocks } = card(new DrivenRelease().release)
  return slack.workspace.post({ channel, user: slack.workspace.app.userId, text, blocks })
}

describe('requests from Slack', () => {
  it('stores a request before it acknowledges it, and handles it afterwards', async () => {
    const order: string[] = []
    let written = () => {}
    const harness = await openListener({
      receive: async () => {
        order.push('writing')
        await new Promise<void>((resolve) => {
          written = resolve
        })
        order.push('written')
        return 'new'
      },
      signals: { changed: (what) => order.push(`${what} changed`) },
    })
    const typed = harness.slack.as('U0ANA').types(channel, '/deploy prod blog-api')
    await until(() => order.length === 1)
    const first = await Promise.race([
      typed,
      new Promise((resolve) => setTimeout(() => resolve('waiting'), 50)),
    ])
    expect(first).toBe('waiting')
    written()
    expect(await typed).toMatchObject({ outcome: 'acknowledged' })
    await until(() => order.length === 3)
    expect(order).toEqual(['writing', 'written', 'inbox changed'])
  })

  it('stores the typed command with person and channel, by the id of its trigger', async () => {
    const harness = await openListener()
    await harness.slack.as('U0ANA').types(channel, '/rollback blog-api:42 dev')
    expect(harness.items).toEqual([
      {
        id: [...harness.slack.workspace.triggers.keys()][0],
        asked: { ask: 'rollback', service: 'blog-api', environment: 'dev', revision: 42 },
        from: {
          user: 'U0ANA',
          team: 'T0TEAM',
          channel,
          responseUrl: expect.stringContaining('http://'),
        },
        receivedAt: expect.any(Number),
      },
    ])
    expect(harness.slack.workspace.ephemerals('U0ANA')).toEqual([])
  })

  it('answers that a request could not be stored, and promises nothing', async () => {
    const harness = await openListener({ receive: () => Promise.reject(new Error('disk full')) })
    const outcome = await harness.slack.as('U0ANA').types(channel, '/deploy prod')
    expect(outcome).toMatchObject({ outcome: 'acknowledged' })
    expect(harness.slack.workspace.ephemerals('U0ANA')[0]?.text).toMatch(/nothing was done/i)

    const { ts } = postCard(harness)
    await harness.slack.as('U0BEN').clicks({ channel, ts, actionId: 'twokey:approve' })
    await harness.slack.until(
      ({ ephemerals }) => ephemerals.call(harness.slack.workspace, 'U0BEN').length === 1,
    )
    expect(harness.slack.workspace.ephemerals('U0BEN')[0]?.text).toMatch(/nothing was done/i)
  })

  it('stores a button click with its card', async () => {
    const harness = await openListener()
    const { ts } = postCard(harness)
    await harness.slack.as('U0BEN').clicks({ channel, ts, actionId: 'twokey:approve' })
    expect(harness.items[0]).toMatchObject({
      asked: { ask: 'action', action: 'approve', releaseId: 'r-abc123', round: 0, card: { channel, ts } },
      from: { user: 'U0BEN', team: 'T0TEAM', channel },
    })
  })

  it('reads each button of the table by its name', () => {
    for (const action of Object.keys(actions)) {
      const button = { action_id: `twokey:${action}`, value: 'r-abc123:2' }
      const payload = { type: 'block_actions', user: { id: 'U0BEN' }, actions: [button] }
      expect(clickItem({ payload, envelopeId: 'e1', now: 0 })?.asked).toMatchObject({
        ask: 'action',
        action,
        releaseId: 'r-abc123',
        round: 2,
      })
    }
  })

  it('reads a release that was picked to be cancelled, whichever message the list is', () => {
    const button = { action_id: 'twokey:pick-cancel', value: 'r-abc123' }
    const payload = { type: 'block_actions', user: { id: 'U0BEN' }, actions: [button] }
    const item = clickItem({ payload, envelopeId: 'e1', now: 0 })
    expect(item?.asked).toEqual({ ask: 'cancel', releaseId: 'r-abc123' })
  })

  it('stores the workspace of the person, not of the channel', async () => {
    const harness = await openListener()
    const { ts } = postCard(harness)
    await harness.slack.as('U0XENA').clicks({ channel, ts, actionId: 'twokey:approve' })
    expect(harness.items[0]?.from).toMatchObject({ user: 'U0XENA', team: 'T0OTHER' })
  })

  it('stores a picked revision as a rollback', async () => {
    const harness = await openListener()
    const { text, blocks } = replyMessage({
      reply: 'revisions',
      service: 'blog-api',
      environment: 'prod',
      revisions: [
        {
          revision: { name: 'blog-api:42', arn: 'arn:42', commit: null },
          at: 1,
          commit: null,
          difference: { known: false, why: 'not read' },
        },
      ],
      serving: null,
    })
    harness.slack.workspace.whisper({ channel, to: 'U0ANA', from: 'app', text, blocks })
    await harness.slack.as('U0ANA').clicksEphemeral({ actionId: 'twokey:revision' })
    expect(harness.items[0]?.asked).toEqual({
      ask: 'rollback',
      service: 'blog-api',
      environment: 'prod',
      revision: 42,
    })
  })

  it.each([
    ['an empty command', 'slash_commands', { command: '/deploy' }],
    [
      'a command of wrong types',
      'slash_commands',
      { command: '/rollback', text: 7, user_id: null, team_id: {} },
    ],
    [
      'a click without anything',
      'interactive',
      { type: 'block_actions', user: {}, actions: [{ action_id: 'twokey:approve' }] },
    ],
    [
      'a click of wrong types',
      'interactive',
      {
        type: 'block_actions',
        user: { id: 7 },
        message: null,
        container: 'none',
        response_url: {},
        actions: [{ action_id: 'twokey:cancel', value: 7 }],
      },
    ],
  ] as const)('accepts %s without an exception', async (_, type, payload) => {
    const harness = await openListener()
    const outcome = await harness.slack.as('U0ANA').forges({ type, payload })
    expect(outcome).toMatchObject({ outcome: 'acknowledged' })
    expect(harness.items).toHaveLength(1)
  })

  it('continues after an event that Bolt itself cannot handle', async () => {
    const harness = await openListener()
    const person = harness.slack.as('U0ANA')
    void person.forges({
      type: 'interactive',
      payload: { type: 'block_actions', channel: null, actions: [] },
    })
    expect(await person.types(channel, '/deploy status')).toMatchObject({ outcome: 'acknowledged' })
    expect(harness.items).toHaveLength(1)
  })

  it('stores a click on a button that only resembles twokey’s, for the audit', async () => {
    const harness = await openListener()
    const action = { action_id: `twokey:explode${'!'.repeat(300)}`, value: 'r-abc123:0' }
    const payload = {
      type: 'block_actions',
      user: { id: 'U0ANA' },
      channel: { id: channel },
      message: { ts: '1.2' },
      actions: [action],
    }
    await harness.slack.as('U0ANA').forges({ type: 'interactive', payload })
    const card = { channel, ts: '1.2' }
    const button = expect.stringMatching(/^explode!{20,80}$/)
    expect(harness.items).toMatchObject([
      { asked: { ask: 'unknown-button', button, releaseId: 'r-abc123', card } },
    ])
  })

  const takeOver = {
    ask: 'lock',
    environment: 'prod',
    service: null,
    reason: 'the sale goes on',
    until: { afterMs: 7_200_000 },
    as: { hold: 'take', shown: { by: 'U0ANA', since: 1_790_000_000_000 } },
  }

  function presses(value: unknown) {
    const action = { action_id: 'twokey:take-over-lock', value: JSON.stringify(value) }
    return { type: 'block_actions', user: { id: 'U0BEN' }, actions: [action] }
  }

  it('stores the lock that the button offers to take over', async () => {
    const harness = await openListener()
    await harness.slack.as('U0BEN').forges({ type: 'interactive', payload: presses(takeOver) })
    expect(harness.items.map(({ asked }) => asked)).toEqual([takeOver])
  })

  it.each<readonly [string, object]>([
    ['without the lock that it replaces', { as: { hold: 'take', shown: null } }],
    ['that it does not describe', { as: { hold: 'offered' } }],
    ['without a reason', { reason: '' }],
    ['with a reason without end', { reason: 'x'.repeat(401) }],
    ['until an unreadable day', { until: { day: 'doomsday', time: '09:00' } }],
    ['for a negative time', { until: { afterMs: -1 } }],
    ['that requests a deploy', { ask: 'deploy' }],
    ['with additional fields', { release: 'r-abc123' }],
  ])('ignores a button that takes over a lock %s', async (_, differs) => {
    const harness = await openListener()
    const payload = presses({ ...takeOver, ...differs })
    expect(await harness.slack.as('U0BEN').forges({ type: 'interactive', payload })).toMatchObject({
      outcome: 'acknowledged',
    })
    expect(harness.items).toEqual([])
  })

  it('ignores a button with a malformed revision', async () => {
    const action = { action_id: 'twokey:revision', value: '{"service":"blog-api"' }
    const harness = await openListener()
    const payload = { type: 'block_actions', user: { id: 'U0ANA' }, actions: [action] }
    expect(await harness.slack.as('U0ANA').forges({ type: 'interactive', payload })).toMatchObject({
      outcome: 'acknowledged',
    })
    expect(harness.items).toEqual([])
  })
})

describe('the connection to Slack', () => {
  it('receives every event while Slack refreshes one of the two connections', async () => {
    const harness = await openListener()
    await until(() => harness.slack.sockets.open === 2)
    await harness.slack.sockets.refresh()
    for (let typed = 0; typed < 5; typed += 1)
      expect(await harness.slack.as('U0ANA').types(channel, '/deploy status')).toMatchObject({
        outcome: 'acknowledged',
      })
    await until(() => harness.slack.sockets.open === 2)
    expect(harness.bot.connected()).toBe(true)
  })

  it('reconnects after both connections were lost, without the client’s five seconds', async () => {
    const harness = await openListener()
    await until(() => harness.slack.sockets.open === 2)
    harness.slack.sockets.drop()
    harness.slack.sockets.drop()
    await until(() => harness.slack.sockets.open === 2, 4_000)
    expect(harness.bot.connected()).toBe(true)
  })

  it.each(['token_revoked', 'invalid_auth'])('reports a fatal error if Slack answers %s', async (error) => {
    const harness = await openListener()
    await until(() => harness.slack.sockets.open === 2)
    const body = { ok: false, error }
    harness.slack.faults.queue('apps.connections.open', { kind: 'answer', status: 200, body }, { times: 9 })
    harness.slack.sockets.drop()
    await until(() => harness.happened.length > 0)
    expect(harness.happened[0]).toMatch(new RegExp(`^fatal .*${error}`))
  })

  it('a connection with a wrong token is refused at the start', async () => {
    const slack = await openSlack()
    const deps = { apiUrl: slack.env.SLACK_API_URL, log, onFatal: () => undefined }
    const input = {
      vocabulary: { services: [], environments: [] },
      source: noForms,
      receive: async () => 'new' as const,
      signals: { changed: () => undefined },
    }
    await expect(
      connectSlack({ ...deps, botToken: 'xoxb-wrong', appToken: slack.env.SLACK_APP_TOKEN }),
    ).rejects.toMatchObject({ name: 'Trouble', kind: 'terminal' })
    const bot = await connectSlack({ ...deps, botToken: slack.env.SLACK_BOT_TOKEN, appToken: 'xapp-wrong' })
    await expect(bot.start(input)).rejects.toMatchObject({ name: 'Trouble', kind: 'terminal' })
    await bot.stop()
  })

  it('stops once all received events are stored and acknowledged', async () => {
    let written = () => {}
    let isWriting = false
    const harness = await openListener({
      receive: () =>
        new Promise((resolve) => {
          isWriting = true
          written = () => resolve('new')
        }),
    })
    const typed = harness.slack.as('U0ANA').types(channel, '/deploy status')
    await until(() => isWriting)
    const stopped = harness.bot.stop()
    written()
    expect(await typed).toMatchObject({ outcome: 'acknowledged' })
    await stopped
    expect(harness.bot.connected()).toBe(false)
  })
})
