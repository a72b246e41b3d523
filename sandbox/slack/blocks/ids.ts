import type { Block, Blocks } from '../entities.ts'
import { isRecord } from './check.ts'

/**
 * Blocks as Slack stores them: it generates missing ids, and writes each text object's default (`emoji`, `verbatim`)
 * explicitly.
 */
export function asStored(blocks: readonly unknown[], newId: () => string): Blocks {
  return blocks.filter(isRecord).map((block) => {
    const texts = spelled(block) as Record<string, unknown>
    return {
      ...withActionIds(texts, newId),
      type: String(block.type),
      block_id: block.block_id ?? newId(),
    } as Block
  })
}

const acting = /(button|select|menu|overflow|checkboxes|picker|input|radio_buttons|buttons)$/

function withActionIds(block: Record<string, unknown>, newId: () => string): Record<string, unknown> {
  const named = (element: unknown) =>
    isRecord(element) && acting.test(String(element.type))
      ? { ...element, action_id: element.action_id ?? newId() }
      : element
  return {
    ...block,
    ...(Array.isArray(block.elements) && { elements: block.elements.map(named) }),
    ...(block.accessory !== undefined && { accessory: named(block.accessory) }),
    ...(block.element !== undefined && { element: named(block.element) }),
  }
}

function spelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spelled)
  if (!isRecord(value)) return value
  if (value.type === 'plain_text') return { emoji: true, ...value }
  if (value.type === 'mrkdwn') return { verbatim: false, ...value }
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, spelled(field)]))
}
