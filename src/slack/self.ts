import { WebClient, type WebClientOptions } from '@slack/web-api'
import type { Logger } from 'pino'
import { Trouble } from '../ports/ports.ts'
import { clientOptions, slackClients } from './clients.ts'
import { slackLogger } from './log.ts'
import { asTrouble, troubleOf } from './trouble.ts'

/** What `auth.test` says of the bot token. */
export type Self = {
  readonly team: string
  readonly enterprise: string | null
  readonly botUser: string
  readonly botId: string
  /** The bot's own name; undefined if Slack does not send it. */
  readonly name: string | undefined
  /** The workspace's own address; undefined if Slack does not send it. */
  readonly workspace: string | undefined
}

/** Calls `auth.test`. Throws `Trouble`, which names the variable if Slack refuses the token. */
export async function readSelf(web: WebClient): Promise<Self> {
  try {
    const { team_id, enterprise_id, user_id, bot_id, user, url } = await web.auth.test()
    return {
      team: team_id ?? '',
      enterprise: enterprise_id || null,
      botUser: user_id ?? '',
      botId: bot_id ?? '',
      name: user,
      workspace: url,
    }
  } catch (error) {
    throw tokenTrouble(error, 'SLACK_BOT_TOKEN')
  }
}

/** What makes each token valid again. */
const remedies = {
  SLACK_BOT_TOKEN: 'Reinstall the app and copy the bot token again (xoxb-…)',
  SLACK_APP_TOKEN: 'Generate an app-level token with `connections:write` again (xapp-…)',
} as const

/** Refusals of the token itself, whatever was called. */
const refusedTokens: ReadonlySet<string> = new Set([
  'account_inactive',
  'invalid_auth',
  'not_allowed_token_type',
  'not_authed',
  'token_expired',
  'token_revoked',
])

/** The error of a call that was made to check a token. Slack's codes are the same for both, so the variable is named. */
export function tokenTrouble(error: unknown, variable: keyof typeof remedies): Trouble {
  const trouble = troubleOf(error)
  if (trouble.kind !== 'terminal' || !refusedTokens.has(trouble.code)) return asTrouble(error)
  return new Trouble(
    'terminal',
    `${variable} is not valid for any installed app (Slack answered ${trouble.code}). ${remedies[variable]}`,
    { cause: error },
  )
}

export type TokensDeps = {
  readonly botToken: string
  /** Absent in HTTP mode. */
  readonly appToken?: string
  readonly apiUrl?: string
  readonly log: Logger
}

/** Slack as a check of the setup reads it, without a connection. */
export type SlackTokens = {
  /** For reads. */
  readonly web: WebClient
  bot(): Promise<Self>
  /** Requests the address of a socket from Slack without opening it. Throws `Trouble` if Slack refuses the app token. Null in HTTP mode. */
  readonly app: (() => Promise<void>) | null
}

/** Sends no request until one of its methods is called. */
export function slackTokens({ botToken, appToken, apiUrl, log }: TokensDeps): SlackTokens {
  const logger = slackLogger(log)
  const { web } = slackClients({ botToken, apiUrl, logger })
  return {
    web,
    bot: () => readSelf(web),
    app: appToken === undefined ? null : () => checkAppToken(appToken, clientOptions(apiUrl, logger)),
  }
}

async function checkAppToken(appToken: string, options: WebClientOptions): Promise<void> {
  const client = new WebClient(appToken, { ...options, retryConfig: { retries: 1 } })
  try {
    await client.apps.connections.open({})
  } catch (error) {
    throw tokenTrouble(error, 'SLACK_APP_TOKEN')
  }
}
