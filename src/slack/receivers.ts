import { App } from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { Forms } from '../messages/form.ts'
import type { Clock } from '../ports/clock.ts'
import { inTime } from '../runtime/bounded.ts'
import { clientOptions, slackClients } from './clients.ts'
import type { SlackDeps, SlackInput } from './deps.ts'
import { slackForms } from './forms.ts'
import { listen } from './listeners.ts'
import { slackLogger } from './log.ts'
import { type Connections, socketConnections } from './sockets.ts'
import { asTrouble } from './trouble.ts'

/** Slack, as connected. */
export type Slack = {
  /** For reads. */
  readonly web: WebClient
  /** For what is written: sends once, so that the outbox knows what became of it. */
  readonly edits: WebClient
  readonly forms: Forms
  /** The time by Slack's clock. */
  readonly slackTime: Clock
  /** The workspace that the app is installed in. */
  readonly team: string
  /** Its organization on Enterprise Grid; null: it is of none. */
  readonly enterprise: string | null
  readonly botUser: string
  /** The workspace's own address; undefined where Slack does not tell. */
  readonly workspace: string | undefined
  /** Whether events come in. */
  connected(): boolean
  /** Resolves once events come in, which go to `input`; throws `Trouble` where Slack refuses the app token. */
  start(input: SlackInput): Promise<void>
  /** Ends once all that came in is written down and acknowledged. */
  stop(): Promise<void>
}

/** How long work that came in may take at the end, ms: longer than Slack waits for an acknowledgement. */
const drainMs = 5_000

/** Checks the bot token and prepares the connection; `start` opens it. Throws `Trouble` where Slack refuses the token. */
export async function connectSlack(deps: SlackDeps): Promise<Slack> {
  const { botToken, appToken, apiUrl, log, onFatal } = deps
  const logger = slackLogger(log)
  const { web, edits, forms: client, slackTime } = slackClients({ botToken, apiUrl, logger })
  const forms = slackForms({ client, log })
  const self = await whoAmI(web, log)
  const connections = socketConnections({ appToken, apiUrl, logger, log, onFatal })
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
        throw asTrouble(error)
      }
    },
    async stop() {
      await inHand.none(drainMs)
      await connections.close()
    },
  }
}

type Self = {
  readonly team: string
  readonly enterprise: string | null
  readonly botUser: string
  readonly botId: string
  readonly workspace: string | undefined
}

/** Between two attempts to ask who we are, ms: doubled up to the second. */
const askAgainMs = { first: 500, longest: 5_000 } as const

/** Asked until Slack says it: a bot that starts while Slack is down is there once it is up. Throws `Trouble` where the token is refused. */
async function whoAmI(web: WebClient, log: Logger): Promise<Self> {
  for (let waitMs: number = askAgainMs.first; ; waitMs = Math.min(askAgainMs.longest, waitMs * 2)) {
    try {
      const self = await web.auth.test()
      const { team_id: team = '', enterprise_id, user_id: botUser = '', bot_id: botId = '', url } = self
      return { team, enterprise: enterprise_id || null, botUser, botId, workspace: url }
    } catch (error) {
      const trouble = asTrouble(error)
      if (trouble.kind === 'terminal') throw trouble
      log.warn({ reason: trouble.message, waitMs }, 'Slack does not answer; trying again')
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

/** Bolt on whatever brings the events in; it knows nothing of sockets. */
async function serve({ connections, deps, input, inHand, self, forms }: Serving): Promise<void> {
  const { botToken, apiUrl, log } = deps
  const logger = slackLogger(log)
  const app = new App({
    receiver: connections.first,
    logger,
    clientOptions: clientOptions(apiUrl, logger),
    // Known from the one auth.test at the start: Bolt asks for nothing itself, and cannot fail beside us.
    authorize: async () => ({ botToken, botId: self.botId, botUserId: self.botUser }),
    deferInitialization: true,
    convoStore: false,
  })
  await app.init()
  connections.serve(app)
  app.error(async (error) => log.error({ err: error }, 'what Slack sent could not be worked on'))
  app.use(({ next }) => inHand.during(next))
  listen(app, { checkpoint: () => {}, ...input, log, forms })
}

/** Counts what is being worked on: Bolt drains nothing at its end. */
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

  /** Resolves when nothing is worked on, after `ms` at the latest. */
  async none(ms: number): Promise<void> {
    if (this.#count === 0) return
    await inTime(new Promise<void>((resolve) => this.#whenNone.push(resolve)), ms, () => {})
  }
}
