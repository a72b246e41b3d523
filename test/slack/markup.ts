import { type Node, NodeType, parse } from 'slack-message-parser'

/** Text that people and machines could write, with every character that formats in Slack. */
export const formattedWords =
  '*FAKE* _FAKE_ ~FAKE~ `FAKE` ```FAKE``` ＊FAKE＊ ＿FAKE＿ *\u200bFAKE\u200b* a *FAKE*: > FAKE'

/** All mrkdwn of a message (with its `text`) or of a view. */
export function mrkdwnIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnIn)
  if (typeof value !== 'object' || value === null) return []
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)]
  return Object.entries(value).flatMap(([key, part]) =>
    key === 'text' && typeof part === 'string' && !('type' in value) ? [part] : mrkdwnIn(part),
  )
}

/**
 * Markup that twokey itself writes in brackets: mentions of one account, group or channel, dates with a fallback, and web
 * links.
 */
const tokens =
  /<@[UW][A-Z0-9]+>|<#[CGD][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|<!date\^\d+\^[^<>|]+\|[^<>|]+>|<https?:\/\/[^<>|\s]+(?:\|[^<>|]*)?>/g

/** Markup that Slack would recognize and that is not twokey's own, and text that formats itself. */
export function strayMarkup(mrkdwn: string): readonly string[] {
  const rest = mrkdwn.replaceAll(tokens, '')
  return [
    ...(rest.match(/.{0,20}(?:[<>]|&(?!amp;|lt;|gt;)).{0,20}/g) ?? []),
    ...(rest.replaceAll(/`[^`\n]*`/g, '').match(/[＊＿｀～]/g) ?? []),
    ...formatted(parse(mrkdwn)).filter((source) => /^[^\p{L}]*FAKE[^\p{L}]*$/u.test(source)),
  ]
}

function formatted(node: Node): readonly string[] {
  const inside = 'children' in node ? node.children.flatMap(formatted) : []
  switch (node.type) {
    case NodeType.Bold:
    case NodeType.Italic:
    case NodeType.Strike:
    case NodeType.Code:
    case NodeType.PreText:
    case NodeType.Quote:
      return [node.source, ...inside]
    default:
      return inside
  }
}
