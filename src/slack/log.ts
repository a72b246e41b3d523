import { LogLevel, type Logger as SlackLogger } from '@slack/web-api'
import type { Logger } from 'pino'

/** What tokens look like, wherever they appear. */
const token = /x(?:ox[a-z]|app)-[\w-]+/g

/** Writes Slack's own log lines into our log, without its debug lines, which carry whole payloads. */
export function slackLogger(log: Logger): SlackLogger {
  const line = (said: unknown[]) => said.map(String).join(' ').replaceAll(token, 'xox…')
  return {
    debug: () => undefined,
    info: (...said) => log.debug({ from: 'slack' }, line(said)),
    warn: (...said) => log.warn({ from: 'slack' }, line(said)),
    error: (...said) => log.error({ from: 'slack' }, line(said)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  }
}
