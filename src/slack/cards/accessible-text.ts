import type { KnownBlock, RichTextElement } from '@slack/types'
import { outside } from '../escape.ts'
import { withoutLinks } from '../mrkdwn.ts'

/** The longest line of a list, in characters. */
const longest = 250

/** The text of blocks for a message's `text`: lines of mrkdwn, with links reduced to their labels. */
export function spoken(blocks: readonly KnownBlock[]): readonly string[] {
  return blocks.flatMap((block) => {
    switch (block.type) {
      case 'section':
        return block.text ? [withoutLinks(block.text.text)] : []
      case 'context':
        return block.elements.flatMap((each) => (each.type === 'mrkdwn' ? [withoutLinks(each.text)] : []))
      case 'rich_text':
        return block.elements.flatMap((part) => {
          if (part.type === 'rich_text_section') return [written(part.elements)]
          if (part.type !== 'rich_text_list') return []
          return part.elements.flatMap((row) =>
            row.type === 'rich_text_section' ? [`• ${written(row.elements)}`] : [],
          )
        })
      default:
        return []
    }
  })
}

/** Slack parses a message's `text` but not rich text, so rich text is escaped here. */
function written(elements: readonly RichTextElement[]): string {
  const words = elements.map((each) => ('text' in each ? (each.text ?? '') : '')).join('')
  return outside(words, longest)
}
