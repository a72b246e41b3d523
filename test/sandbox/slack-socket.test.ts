import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type SlackSandbox, startSlack } from '../../sandbox/slack/slack.ts'
import { card, channel, clientOf, startWorld, type World } from './slack-app.ts'

let world: World | undefined
let bare: SlackSandbox | undefined
afterEach(async () => {
  await world?.stop()
  await bare?.close()
  world = undefined
  bare = undefined
})

describe('a slash command', () => {
  test('a slash command is acknowledged with an ephemeral answer', async () => {
    let heard: Record<string, unknown> = {}
    world = await startWorld((app) =>
      app.command('/deploy', async ({ ack, command }) => {
        heard = { ...command }
        await ack({ text: 'on it', blocks: card })
      }),
    )
    const outcome = await world.slack.as('U0ANA').types(channel, '/deploy prod <blog-api> & co')
    expect(outcome).toMatchObject({ outcome: 'acknowledged', afterMs: expect.any(Number) })
    expect(heard).toMatchObject({
      command: '/deploy',
      text: 'prod &lt;blog-api&gt; &amp; co',
      user_id: 'U0ANA',
      channel_id: channel,
      channel_name: 'deploys',
      team_id: 'T0TEAM',
      is_enterprise_install: 'false',
    })
    expect(world.slack.workspace.ephemerals('U0ANA')).toMatchObject([{ text: 'on it', from: 'app' }])
  })

  test('a slash command can be answered in the channel', async () => {
    world = await startWorld((app) =>
      app.command('/deploy', ({ ack }) => ack({ text: 'hello all', response_type: 'in_channel' })),
    )
    await world.slack.as('U0ANA').types(channel, '/deploy status')
    expect(world.slack.workspace.messages(channel)).toMatchObject([{ text: 'hello all', user: 'U0TWOKEY' }])
  })

  test('a slash command without acknowledgement times out, and Slackbot says so', async () => {
    world = await startWorld((app) => app.command('/deploy', async () => {}), { ackMs: 40 })
    expect(await world.slack.as('U0ANA').types(channel, '/deploy prod')).toEqual({ outcome: 'timeout' })
    expect(world.slack.workspace.ephemerals('U0ANA')).toMatchObject([
      { from: 'slackbot', text: expect.stringContaining('operation_timeout') },
    ])
  })

  test('a slash command without an open socket fails at once', async () => {
    bare = await startSlack()
    expect(await bare.as('U0ANA').types(channel, '/deploy prod')).toEqual({ outcome: 'dispatch_failed' })
    expect(bare.workspace.ephemerals('U0ANA')[0]?.text).toContain('dispatch_failed')
  })

  test('an answer with invalid blocks to a slash command is refused', async () => {
    const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }]
    world = await startWorld((app) => app.command('/deploy', ({ ack }) => ack({ blocks: blocks as never })))
    const outcome = await world.slack.as('U0ANA').types(channel, '/deploy prod')
    expect(outcome).toMatchObject({ outcome: 'response_refused', problems: [expect.any(String)] })
  })
})

describe('a click', () => {
  test('a click contains its message', async () => {
    let heard: unknown
    world = await startWorld((app) =>
      app.action('approve', async ({ ack, body }) => {
        await ack()
        heard = body
      }),
    )
    const { ts = '' } = await world.client.chat.postMessage({ channel, text: 'card', blocks: card })
    const outcome = await world.slack.as('U0BEN').clicks({ channel, ts, actionId: 'approve' })
    expect(outcome.outcome).toBe('acknowledged')
    expect(heard).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0BEN', team_id: 'T0TEAM' },
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: 'deploys' },
      message: { ts, bot_id: 'B0TWOKEY', text: 'card' },
      actions: [{ type: 'button', action_id: 'approve', block_id: 'keys', value: 'r1' }],
      response_url: expect.stringContaining(world.slack.url),
    })
  })

  test('a click of a person from another company names their team', async () => {
    let team: string | undefined
    world = await startWorld((app) =>
      app.action('approve', async ({ ack, body }) => {
        await ack()
        team = 'team_id' in body.user ? body.user.team_id : undefined
      }),
    )
    const { ts = '' } = await world.client.chat.postMessage({ channel, text: 'card', blocks: card })
    await world.slack.as('U0XENA').clicks({ channel, ts, actionId: 'approve' })
    expect(team).toBe('T0OTHER')
  })
})

describe('connections', () => {
  const ticket = async (slack: SlackSandbox) => {
    const { url = '' } = await clientOf(slack, slack.env.SLACK_APP_TOKEN).apps.connections.open()
    return url
  }
  const firstFrame = (url: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const socket = new WebSocket(url)
      socket.once('message', (frame) => resolve(JSON.parse(String(frame))))
      socket.once('error', reject)
    })

  test('a socket ticket is valid for one connection', async () => {
    bare = await startSlack()
    const url = await ticket(bare)
    expect(await firstFrame(url)).toMatchObject({
      type: 'hello',
      num_connections: 1,
      connection_info: { app_id: 'A0TWOKEY' },
      debug_info: { host: expect.any(String) },
    })
    await expect(firstFrame(url)).rejects.toThrow('401')
  })

  test('an app can have at most ten connections', async () => {
    bare = await startSlack()
    const frames = []
    for (let n = 0; n < 11; n += 1) frames.push(await firstFrame(await ticket(bare)))
    expect(frames[9]).toMatchObject({ type: 'hello', num_connections: 10 })
    expect(frames[10]).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' })
    expect(bare.sockets.open).toBe(10)
  })

  test('each envelope is sent on exactly one connection', async () => {
    let handled = 0
    const listen = (app: World['app']) =>
      app.command('/deploy', async ({ ack }) => {
        handled += 1
        await ack()
      })
    world = await startWorld(listen, { receivers: 2 })
    const ana = world.slack.as('U0ANA')
    await Promise.all(Array.from({ length: 20 }, () => ana.types(channel, '/deploy status')))
    expect(world.slack.sockets.open).toBe(2)
    expect(handled).toBe(20)
  })

  test('two connections lose no envelope while one is refreshed', async () => {
    world = await startWorld((app) => app.command('/deploy', ({ ack }) => ack()), { receivers: 2 })
    const ana = world.slack.as('U0ANA')
    let refreshed = false
    const refresh = world.slack.sockets.refresh().then(() => {
      refreshed = true
    })
    const outcomes = new Set<string>()
    while (!refreshed) outcomes.add((await ana.types(channel, '/deploy status')).outcome)
    outcomes.add((await ana.types(channel, '/deploy status')).outcome)
    await refresh
    expect([...outcomes]).toEqual(['acknowledged'])
    expect(world.slack.sockets.open).toBe(1)
  })

  test('the app is unreachable after its connections were cut', async () => {
    world = await startWorld((app) => app.command('/deploy', ({ ack }) => ack()))
    world.slack.sockets.drop()
    expect(await world.slack.as('U0ANA').types(channel, '/deploy prod')).toEqual({
      outcome: 'dispatch_failed',
    })
  })
})

describe('delivery faults', () => {
  const counting = async (ackMs: number) => {
    const seen: string[] = []
    world = await startWorld(
      (app) =>
        app.command('/deploy', async ({ ack, command }) => {
          seen.push(command.trigger_id)
          await ack()
        }),
      { ackMs },
    )
    return { slack: world.slack, seen }
  }

  test('an envelope can be delivered twice', async () => {
    const { slack, seen } = await counting(3_000)
    slack.sockets.troubles.queue({ kind: 'twice' })
    await slack.as('U0ANA').types(channel, '/deploy prod')
    await expect.poll(() => seen.length).toBe(2)
    expect(seen[0]).toBe(seen[1])
  })

  test('after a late delivery the person sees a timeout, and the app still receives it', async () => {
    const { slack, seen } = await counting(30)
    slack.sockets.troubles.queue({ kind: 'late', ms: 60 })
    expect(await slack.as('U0ANA').types(channel, '/deploy prod')).toEqual({ outcome: 'timeout' })
    await expect.poll(() => seen.length).toBe(1)
  })

  test.each(['cut', 'deaf'] as const)('%s: the app received the delivery', async (kind) => {
    const { slack, seen } = await counting(60)
    slack.sockets.troubles.queue({ kind })
    expect(await slack.as('U0ANA').types(channel, '/deploy prod')).toEqual({ outcome: 'timeout' })
    expect(seen).toHaveLength(1)
  })

  test('events are retried until they are acknowledged, commands are never retried', async () => {
    const attempts: unknown[] = []
    world = await startWorld(
      (app) => {
        app.event('app_home_opened', async ({ context }) => {
          attempts.push([context.retryNum, context.retryReason])
        })
        app.command('/deploy', async ({ command }) => {
          attempts.push(command.command)
        })
      },
      { ackMs: 30, redeliverAfter: [0, 5] },
    )
    const { slack } = world
    slack.sockets.troubles.queue({ kind: 'deaf' }, { times: 2 })
    expect(await slack.as('U0ANA').opensHome()).toEqual({ outcome: 'timeout' })
    await expect
      .poll(() => attempts)
      .toEqual([
        [0, ''],
        [1, 'timeout'],
        [2, 'timeout'],
      ])
    await slack.as('U0ANA').types(channel, '/deploy prod')
    expect(attempts.slice(3)).toEqual(['/deploy'])
  })
})
