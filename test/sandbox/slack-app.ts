import { App, type AppOptions, LogLevel, SocketModeReceiver } from '@slack/bolt'
import { WebClient } from '@slack/web-api'
import { type SlackOptions, type SlackSandbox, startSlack } from '../../sandbox/slack/slack.ts'

/** The sandbox with the real Bolt 5 connected to it. */
export type World = {
  readonly slack: SlackSandbox
  readonly app: App
  readonly client: WebClient
  stop(): Promise<void>
}

/** A logger without output. */
export const quiet = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
}

export async function startWorld(
  listeners: (app: App) => void,
  { receivers = 1, ...options }: SlackOptions & { receivers?: number } = {},
): Promise<World> {
  const slack = await startSlack(options)
  const { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN } = slack.env
  const sockets = Array.from(
    { length: receivers },
    () =>
      new SocketModeReceiver({
        appToken: SLACK_APP_TOKEN,
        logger: quiet,
        installerOptions: { clientOptions: { slackApiUrl: SLACK_API_URL } },
      }),
  )
  const settings: AppOptions = {
    token: SLACK_BOT_TOKEN,
    receiver: sockets[0],
    logger: quiet,
    deferInitialization: true,
    clientOptions: { slackApiUrl: SLACK_API_URL, retryConfig: { retries: 0 } },
  }
  const app = new App(settings)
  await app.init()
  for (const socket of sockets) socket.init(app)
  listeners(app)
  for (const socket of sockets) await socket.start()
  const stop = async () => {
    for (const socket of sockets) await socket.stop()
    await slack.close()
  }
  return { slack, app, client: clientOf(slack), stop }
}

/** A WebClient that does not retry. */
export function clientOf(slack: SlackSandbox, token = slack.env.SLACK_BOT_TOKEN): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.env.SLACK_API_URL,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: quiet,
  })
}

/** The error code of a refused call, or `ok`. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'ok'
  } catch (error) {
    return (error as { data?: { error?: string } }).data?.error ?? String(error)
  }
}

export const channel = 'C0DEPLOYS'

/** A minimal card. */
export const card = [
  { type: 'section', block_id: 'what', text: { type: 'mrkdwn', text: '*blog-api* to prod' } },
  {
    type: 'actions',
    block_id: 'keys',
    elements: [
      { type: 'button', action_id: 'approve', value: 'r1', text: { type: 'plain_text', text: 'Approve' } },
      { type: 'button', action_id: 'reject', value: 'r1', text: { type: 'plain_text', text: 'Reject' } },
    ],
  },
]
