import { App } from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { Forms } from '../messages/form.ts'
import type { Clock } from '../ports/clock.ts'
import { Trouble } from '../ports/ports.ts'
import { inTime } from '../runtime/bounded.ts'
import { clientOptions, slackClients } from './clients.ts'
import type { SlackDeps, SlackInput } from './deps.ts'
import { slackForms } from './forms.ts'
import { listen } from './listeners.ts'
import { slackLogger } from './log.ts'
import { requestConnection } from './requests.ts'
import { readSelf, type Self, tokenTrouble } from './self.ts'
import { type Connections, socketConnections } from './sockets.ts'

/** A connection to Slack. */
export type Slack = {
  /** For reads. */
  readonly web: WebClient
  /** For writes: sends once, so that the outbox learns the result of each call. */
  readonly edits: WebClient
  readonly forms: Forms
  /** The time by Slack's clock. */
  readonly slackTime: Clock
  /** The workspace in which the app is installed. */
  readonly team: string
  /** Its organization on Enterprise Grid; null if the workspace belongs to none. */
  readonly enterprise: string | null
  readonly botUser: string
  /** The workspace's own address; undefined if Slack does not send it. */
  readonly workspace: string | undefined
  /** Whether twokey receives events. */
  connected(): boolean
  /** Resolves once events arrive, which go to `input`. Throws `Trouble` if Slack refuses the app token. */
  start(input: SlackInput): Promise<void>
  /** Resolves once all received events are stored and acknowledged. */
  stop(): Promise<void>
}

/** How long events in progress may take at shutdown, ms: longer than Slack waits for an acknowledgement. */
const drainMs = 5_000

/** Checks the bot token and prepares the connection; `start` opens it. Throws `Trouble` if Slack refuses the token. */
export async function connectSlack(deps: SlackDeps): Promise<Slack> {
  const { botToken, apiUrl, log } = deps
  const logger = slackLogger(log)
  const { web, edits, forms: client, slackTime } = slackClients({ botToken, apiUrl, logger })
  const forms = slackForms({ client, log })
  const self = await whoAmI(web, log)
  const connections =
    'appToken' in deps ? socketConnections({ ...deps, logger }) : requestConnection({ ...deps, web })
  const inHand = new InHand()
  return {
    web,
    edits,
    forms,
    slackTime,
    team: self.team,
    enterprise: self.enterprise,
    botUser: self.botUser,
    workspace: self.workspace,
    connected: () => connections.isOpen(),
    async start(input) {
      await serve({ connections, deps, input, inHand, self, forms })
      try {
        await connections.open()
      } catch (error) {
        throw tokenTrouble(error, 'SLACK_APP_TOKEN')
      }
    },
    async stop() {
      await inHand.none(drainMs)
      await connections.close()
    },
  }
}

/** The pause between two calls of `auth.test`, ms. It doubles up to the second value. */
const askAgainMs = { first: 500, longest: 5_000 } as const

/**
 * Calls `auth.test` until Slack answers, so that a bot that starts during an outage of Slack works once Slack does. Throws
 * `Trouble` if Slack refuses the token.
 */
async function whoAmI(web: WebClient, log: Logger): Promise<Self> {
  for (let waitMs: number = askAgainMs.first; ; waitMs = Math.min(askAgainMs.longest, waitMs * 2)) {
    try {
      return await readSelf(web)
    } catch (error) {
      if (!(error instanceof Trouble) || error.kind === 'terminal') throw error
      log.warn({ reason: error.message, waitMs }, 'Slack does not answer; trying again')
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}

type Serving = {
  readonly connections: Connections
  readonly deps: SlackDeps
  readonly input: SlackInput
  readonly inHand: InHand
  readonly self: Self
  readonly forms: Forms
}

/** Sets up Bolt on any receiver; it knows nothing of sockets. */
async function serve({ connections, deps, input, inHand, self, forms }: Serving): Promise<void> {
  const { botToken, apiUrl, log } = deps
  const logger = slackLogger(log)
  const app = new App({
    receiver: connections.first,
    logger,
    clientOptions: clientOptions(apiUrl, logger),
    // Known from the one `auth.test` at the start. Bolt then makes no call of its own that could fail.
    authorize: async () => ({ botToken, botId: self.botId, botUserId: self.botUser }),
    deferInitialization: true,
    convoStore: false,
  })
  await app.init()
  connections.serve(app)
  app.error(async (error) => log.error({ err: error }, 'an event from Slack could not be handled'))
  app.use(({ next }) => inHand.during(next))
  listen(app, { checkpoint: () => {}, ...input, log, forms })
}

/** Counts events in progress, because Bolt does not wait for them when it stops. */
class InHand {
  #count = 0
  #whenNone: (() => void)[] = []

  async during(work: () => Promise<void>): Promise<void> {
    this.#count += 1
    try {
      await work()
    } finally {
      this.#count -= 1
      if (this.#count === 0) for (const resolve of this.#whenNone.splice(0)) resolve()
    }
  }

  /** Resolves when no event is in progress, after `ms` at the latest. */
  async none(ms: number): Promise<void> {
    if (this.#count === 0) return
    await inTime(new Promise<void>((resolve) => this.#whenNone.push(resolve)), ms, () => {})
  }
}
