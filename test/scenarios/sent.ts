import type { Exchange } from '../../sandbox/request-log.ts'
import { mrkdwnIn, strayMarkup } from '../slack/markup.ts'

/** Markup in the bot's texts that Slack would recognize and that is not the bot's own, in any request to Slack. */
export function straysSent(exchanges: readonly Exchange[]): readonly string[] {
  return exchanges.flatMap(({ body }) => mrkdwnIn(parsed(body))).flatMap(strayMarkup)
}

/** Forms carry their nested values as JSON. */
function parsed(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return null
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      (key === 'blocks' || key === 'view') && typeof value === 'string' ? JSON.parse(value) : value,
    ]),
  )
}
