import type { KnownBlock, RichTextElement } from '@slack/types'
import { outside } from '../escape.ts'
import { withoutLinks } from '../mrkdwn.ts'

/** How long one line of a list is, characters. */
const longest = 250

/** What blocks say, for a message's `text`: lines of mrkdwn, links by their words alone. */
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

/** Rich text parses nothing, a message's `text` does: escaped here. */
function written(elements: readonly RichTextElement[]): string {
  const words = elements.map((each) => ('text' in each ? (each.text ?? '') : '')).join('')
  return outside(words, longest)
}
