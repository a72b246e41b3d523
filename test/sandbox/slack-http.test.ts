import { App, HTTPReceiver } from '@slack/bolt'
import { expect, onTestFinished, test } from 'vitest'
import { type SlackOptions, startSlack } from '../../sandbox/slack/slack.ts'
import { channel, quiet } from './slack-app.ts'

/** The sandbox with Bolt's own HTTP receiver, which verifies what it gets. */
async function startWorld(listeners: (app: App) => void, options: SlackOptions = {}) {
  const slack = await startSlack(options)
  const receiver = new HTTPReceiver({
    signingSecret: slack.requests.signingSecret,
    logger: quiet,
    port: 0,
    unhandledRequestTimeoutMillis: 200,
  })
  const app = new App({
    token: slack.env.SLACK_BOT_TOKEN,
    receiver,
    logger: quiet,
    deferInitialization: true,
    clientOptions: { slackApiUrl: slack.env.SLACK_API_URL },
  })
  await app.init()
  listeners(app)
  const server = (await app.start(0)) as import('node:http').Server
  onTestFinished(async () => {
    await app.stop()
    await slack.close()
  })
  const { port } = server.address() as import('node:net').AddressInfo
  const url = `http://127.0.0.1:${port}/slack/events`
  await slack.requests.setRequestUrl(url)
  return { slack, url }
}

test('commands, clicks and events are signed so that Bolt takes them, and answers are shown', async () => {
  const heard: unknown[] = []
  const { slack } = await startWorld((app) => {
    app.command('/deploy', async ({ ack, command }) => {
      heard.push(command.text)
      await ack('on it')
    })
    app.event('app_home_opened', async ({ event }) => {
      heard.push(event.user)
    })
  })
  const ana = slack.as('U0ANA')
  expect(await ana.types(channel, '/deploy prod <blog-api> & co')).toMatchObject({ outcome: 'acknowledged' })
  expect(slack.workspace.ephemerals('U0ANA')).toMatchObject([{ text: 'on it' }])
  expect(await ana.opensHome()).toMatchObject({ outcome: 'acknowledged' })
  await expect.poll(() => heard).toEqual(['prod &lt;blog-api&gt; &amp; co', 'U0ANA'])
})

test('a request URL that does not answer the challenge is refused', async () => {
  const { slack, url } = await startWorld(() => {})
  await expect(slack.requests.setRequestUrl(`${url}/elsewhere`)).rejects.toThrow('challenge')
})

test('a command that the app refuses is not sent again, and Slackbot says so', async () => {
  const { slack } = await startWorld(() => {})
  expect(await slack.as('U0ANA').types(channel, '/deploy prod')).toMatchObject({ reason: 'http_error' })
  expect(slack.workspace.ephemerals('U0ANA').at(-1)?.text).toContain('http_service_error')
  expect(slack.requests.attempts.filter(({ body }) => body.includes('command'))).toHaveLength(1)
})

test('a command without an answer in time times out', async () => {
  const { slack } = await startWorld((app) => app.command('/deploy', ({ ack }) => ack()), { ackMs: 60 })
  slack.requests.troubles.queue({ kind: 'late', ms: 90 })
  expect(await slack.as('U0ANA').types(channel, '/deploy prod')).toEqual({ outcome: 'timeout' })
  expect(slack.workspace.ephemerals('U0ANA').at(-1)?.text).toContain('operation_timeout')
})

test('an event is sent three times more, with the number and the reason', async () => {
  const { slack } = await startWorld(() => {}, { ackMs: 60, redeliverAfter: [0, 5, 5] })
  slack.requests.troubles.queue({ kind: 'deaf' }, { times: 9 })
  await slack.as('U0ANA').opensHome()
  const retries = () =>
    slack.requests.attempts.flatMap(({ headers }) =>
      headers['x-slack-retry-num'] ? [[headers['x-slack-retry-num'], headers['x-slack-retry-reason']]] : [],
    )
  await expect.poll(() => retries().length).toBe(3)
  expect(retries()).toEqual(['1', '2', '3'].map((number) => [number, 'http_timeout']))
})
