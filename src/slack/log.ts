import { LogLevel, type Logger as SlackLogger } from '@slack/web-api'
import type { Logger } from 'pino'

/** What tokens look like, wherever they turn up. */
const token = /x(?:ox[a-z]|app)-[\w-]+/g

/** Slack's own log lines in ours. Debug lines carry whole payloads, so there are none. */
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
