import {
  all,
  atLeastOne,
  boolean,
  byType,
  type Check,
  exactlyOne,
  integer,
  isRecord,
  list,
  oneOf,
  problem,
  shape,
  string,
  typed,
  url,
} from './check.ts'
import { accessory, actionElement, cardButton, contextAction, inputElement } from './elements.ts'
import { richText } from './rich-text.ts'
import { blockId, image, mrkdwn, plainText, text } from './texts.ts'

/** Where blocks are shown. */
export type Surface = 'message' | 'modal' | 'home'

function block(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return shape({ type: typed, ...required }, { block_id: blockId, ...optional })
}

const actions = block({ elements: list(actionElement, { max: 25 }) })

const context = block({
  elements: list(
    byType({
      image,
      plain_text: text({ max: 3000 }),
      mrkdwn: text({ max: 3000 }),
    }),
    { max: 10 },
  ),
})

const divider = block({})
const header = block({ text: plainText({ max: 150 }) })

const imageBlock = all(
  exactlyOne('image_url', 'slack_file'),
  block(
    { alt_text: string({ max: 2000 }) },
    {
      image_url: url(3000),
      slack_file: shape({}, { id: string({ max: 255 }), url: url(3000) }),
      title: plainText({ max: 2000 }),
    },
  ),
)

const input = block(
  { label: plainText({ max: 2000 }), element: inputElement },
  { hint: plainText({ max: 2000 }), optional: boolean, dispatch_action: boolean },
)

const section = all(
  atLeastOne('text', 'fields'),
  block(
    {},
    { text: text({ max: 3000 }), fields: list(text({ max: 2000 }), { max: 10 }), accessory, expand: boolean },
  ),
)

const video = block(
  {
    alt_text: string({ max: 2000 }),
    title: plainText({ max: 199 }),
    thumbnail_url: url(3000),
    video_url: url(3000),
  },
  {
    author_name: string({ max: 49 }),
    description: plainText({ max: 200 }),
    provider_icon_url: url(3000),
    provider_name: string({ max: 50 }),
    title_url: url(3000),
  },
)

const cell = byType({
  raw_text: shape({ type: typed, text: string({ min: 0, max: 3000 }) }),
  raw_number: shape({ type: typed, value: isNumber, text: string({ max: 3000 }) }),
  rich_text: richText,
})

function isNumber(value: unknown, at: string): string[] {
  return Number.isFinite(value) ? [] : [problem('must be a number', at)]
}

const table = block(
  { rows: list(list(cell, { max: 20 }), { max: 100 }) },
  {
    column_settings: list(shape({}, { align: oneOf('left', 'center', 'right'), is_wrapped: boolean }), {
      max: 20,
    }),
  },
)

const dataTable = block(
  // One row of headings and 1–100 rows of data.
  { rows: list(list(cell, { max: 20 }), { min: 2, max: 101 }), caption: string({ max: 255 }) },
  { page_size: integer({ min: 1, max: 100 }), row_header_column_index: integer({ max: 19 }) },
)

const markdown = block({ text: string({ max: 12_000 }) })

const taskCard = block(
  {
    task_id: string({ max: 255 }),
    title: string({ max: 3000 }),
    status: oneOf('pending', 'in_progress', 'complete', 'error'),
  },
  {
    details: richText,
    output: richText,
    sources: list(shape({ type: typed, url: url(3000), text: string({ max: 3000 }) }), { max: 100 }),
  },
)

const plan = block(
  { title: string({ max: 3000 }) },
  { tasks: list(byType({ task_card: taskCard }), { max: 50 }) },
)

const card = all(
  atLeastOne('hero_image', 'title', 'actions', 'body'),
  block(
    {},
    {
      hero_image: image,
      icon: image,
      title: mrkdwn({ max: 150 }),
      subtitle: mrkdwn({ max: 150 }),
      body: mrkdwn({ max: 200 }),
      actions: list(cardButton, { max: 25 }),
    },
  ),
)

const carousel = block({ elements: list(byType({ card }), { max: 10 }) })
const contextActions = block({ elements: list(contextAction, { max: 5 }) })
const alert = block(
  { text: text({ max: 200 }) },
  { level: oneOf('default', 'info', 'warning', 'error', 'success') },
)
const file = block({ source: oneOf('remote'), external_id: string({ max: 255 }) })

const everywhere: Record<string, Check> = {
  actions,
  context,
  divider,
  header,
  image: imageBlock,
  input,
  rich_text: richText,
  section,
  video,
}

const container = all(
  exactlyOne('title', 'rich_text_title'),
  block(
    { child_blocks: list(byType({ ...everywhere, file, table }), { max: 10 }) },
    {
      title: plainText({ max: 150 }),
      rich_text_title: richText,
      subtitle: text({ max: 150 }),
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: image,
      is_collapsible: boolean,
      default_collapsed: boolean,
      has_header_divider: boolean,
    },
  ),
)

/**
 * The blocks that each surface shows. If Slack's documentation does not name a surface, the block is refused there.
 */
const kinds: Record<Surface, Record<string, Check>> = {
  message: {
    ...everywhere,
    card,
    carousel,
    container,
    context_actions: contextActions,
    data_table: dataTable,
    file,
    markdown,
    plan,
    table,
    task_card: taskCard,
  },
  modal: { ...everywhere, alert },
  home: everywhere,
}

/** Checks one block of a surface. A block that belongs on another surface is reported as such. */
export function blockOf(surface: Surface): Check {
  const known = byType(kinds[surface])
  const elsewhere = Object.values(kinds).flatMap((kind) => Object.keys(kind))
  return (value, at) => {
    const type = isRecord(value) ? value.type : undefined
    if (typeof type === 'string' && !kinds[surface][type] && elsewhere.includes(type)) {
      return [problem(`block type ${type} is not allowed on surface ${surface}`, `${at}/type`)]
    }
    return known(value, at)
  }
}
