import { boolean, byType, type Check, integer, list, matching, oneOf, shape, string, typed } from './check.ts'
import { blockId } from './texts.ts'

const style = shape(
  {},
  {
    bold: boolean,
    italic: boolean,
    strike: boolean,
    code: boolean,
    underline: boolean,
  },
)
const words = string({ max: 13_200 })
const id = string({ max: 255 })

const plain: Record<string, Check> = {
  text: shape({ type: typed, text: words }, { style }),
  link: shape(
    { type: typed, url: string({ max: 3000 }) },
    { text: string({ min: 0, max: 3000 }), style, unsafe: boolean },
  ),
}

const inline = byType({
  ...plain,
  broadcast: shape({ type: typed, range: oneOf('here', 'channel', 'everyone') }, { style }),
  channel: shape({ type: typed, channel_id: id }, { style }),
  color: shape({ type: typed, value: matching(/^#[0-9a-fA-F]{6}$/, 'a colour #RRGGBB') }, { style }),
  date: shape(
    { type: typed, timestamp: integer({ max: 9_999_999_999 }), format: string({ max: 255 }) },
    { url: string({ max: 3000 }), fallback: string({ max: 255 }), style },
  ),
  emoji: shape(
    { type: typed, name: string({ max: 255 }) },
    { unicode: string({ max: 255 }), url: string({ max: 3000 }), style },
  ),
  team: shape({ type: typed, team_id: id }, { style }),
  user: shape({ type: typed, user_id: id }, { style }),
  usergroup: shape({ type: typed, usergroup_id: id }, { style }),
})

const many = { min: 0, max: 1000 }
const border = integer({ max: 1 })
const section = shape({ type: typed, elements: list(inline, many) })

const part = byType({
  rich_text_section: section,
  rich_text_list: shape(
    {
      type: typed,
      style: oneOf('bullet', 'ordered'),
      elements: list(byType({ rich_text_section: section }), many),
    },
    { indent: integer({ max: 8 }), offset: integer({ max: 10_000 }), border },
  ),
  rich_text_quote: shape({ type: typed, elements: list(inline, many) }, { border }),
  // Nothing is parsed inside: no mention, no emoji, no mrkdwn.
  rich_text_preformatted: shape(
    { type: typed, elements: list(byType(plain), many) },
    { border, language: string({ max: 50 }) },
  ),
})

/** A rich_text block. */
export const richText: Check = shape(
  { type: typed, elements: list(part, { max: 1000 }) },
  { block_id: blockId },
)
