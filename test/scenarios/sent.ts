import type { Exchange } from '../../sandbox/request-log.ts'
import { mrkdwnIn, strayMarkup } from '../slack/markup.ts'

/** What of the bot's texts Slack would have taken for markup that is none of its own, whatever the bot sent it. */
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
