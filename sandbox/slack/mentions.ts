import { isRecord } from './blocks/check.ts'
import type { Blocks } from './entities.ts'

export type Mention =
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'everyone' }

/**
 * The people that a post mentions: in its blocks, or in its text if it has no blocks. With blocks, `text` is only
 * the fallback.
 */
export function mentionsOf(text: string, blocks: Blocks): Mention[] {
  return blocks.length > 0 ? blocks.flatMap(inValue) : inMrkdwn(text)
}

function inMrkdwn(text: string): Mention[] {
  return [
    ...text.matchAll(/<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!channel|!here|!everyone)(\|[^>]*)?>/g),
  ].map(([, tag = '']) => {
    if (tag.startsWith('@')) return { kind: 'user', id: tag.slice(1) }
    if (tag.startsWith('!subteam^')) return { kind: 'group', id: tag.slice('!subteam^'.length) }
    return { kind: 'everyone' }
  })
}

function inValue(value: unknown): Mention[] {
  if (Array.isArray(value)) return value.flatMap(inValue)
  if (!isRecord(value)) return []
  switch (value.type) {
    case 'mrkdwn':
      return inMrkdwn(String(value.text))
    case 'user':
      return [{ kind: 'user', id: String(value.user_id) }]
    case 'usergroup':
      return [{ kind: 'group', id: String(value.usergroup_id) }]
    case 'broadcast':
      return [{ kind: 'everyone' }]
    default:
      return Object.values(value).flatMap(inValue)
  }
}
