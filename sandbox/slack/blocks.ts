import { boolean, type Check, isRecord, list, problem, shape, string, typed } from './blocks/check.ts'
import { offeredOptions } from './blocks/elements.ts'
import { blockOf, type Surface } from './blocks/layout.ts'
import { plainText } from './blocks/texts.ts'

export type { Surface } from './blocks/layout.ts'

/** Slack's undocumented total for a message (bolt-js #2509, #2867), counted on the JSON: the strictest reading. */
export const totalLimit = 13_200

const most: Record<Surface, number> = { message: 50, modal: 100, home: 100 }
const markdownLimit = 12_000

/**
 * Every problem that Slack would refuse these blocks for, in Slack's words with a JSON pointer; [] when the blocks are
 * valid. Unknown properties are refused too, although Slack sometimes accepts them.
 */
export function checkBlocks(blocks: unknown, surface: Surface): string[] {
  return checkAt(blocks, surface, '/blocks')
}

/** Every problem that Slack would refuse this modal or App Home view for. */
export function checkView(view: unknown): string[] {
  if (!isRecord(view)) return [problem('must be an object', '/view')]
  switch (view.type) {
    case 'modal':
      return [...modal(view, '/view'), ...missingSubmit(view), ...focusedTwice(view)]
    case 'home':
      return home(view, '/view')
    default:
      return [problem('must be a valid enum value', '/view/type')]
  }
}

/** Every problem that Slack would refuse this answer to a `block_suggestion` for. */
export function checkOptions(answer: unknown): string[] {
  return offeredOptions(answer, '')
}

/** Whether a message with these blocks exceeds Slack's total (`msg_blocks_too_long`). */
export function isTooLong(blocks: readonly unknown[]): boolean {
  return JSON.stringify(blocks).length > totalLimit
}

function checkAt(blocks: unknown, surface: Surface, at: string): string[] {
  const problems = list(blockOf(surface), { min: 0, max: most[surface] })(blocks, at)
  if (!Array.isArray(blocks)) return problems
  const records = blocks.filter(isRecord)
  return [
    ...problems,
    ...repeated(records, 'block_id', at),
    ...records.flatMap((block, index) => repeated(actionsOf(block), 'action_id', `${at}/${index}`)),
    ...once(records, 'table', at),
    ...markdownTotal(records, at),
  ]
}

function repeated(records: readonly Record<string, unknown>[], key: string, at: string): string[] {
  const ids = records.map((record) => record[key]).filter((id) => typeof id === 'string')
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index))
  return [...twice].map((id) => problem(`${key} ${JSON.stringify(id)} already exists`, at))
}

function actionsOf(block: Record<string, unknown>): Record<string, unknown>[] {
  return [block.elements, block.actions].flatMap((list) => (Array.isArray(list) ? list.filter(isRecord) : []))
}

function once(records: readonly Record<string, unknown>[], type: string, at: string): string[] {
  const count = records.filter((record) => record.type === type).length
  return count > 1 ? [problem(`only one ${type} allowed`, at)] : []
}

function markdownTotal(records: readonly Record<string, unknown>[], at: string): string[] {
  const total = records
    .filter((record) => record.type === 'markdown')
    .reduce((sum, record) => sum + String(record.text).length, 0)
  return total > markdownLimit
    ? [problem(`markdown blocks must be less than ${markdownLimit + 1} characters together`, at)]
    : []
}

const common: Record<string, Check> = {
  private_metadata: string({ min: 0, max: 3000 }),
  callback_id: string({ min: 0, max: 255 }),
  external_id: string({ min: 0, max: 255 }),
}

const title = plainText({ max: 24 })

const modal = shape(
  { type: typed, title, blocks: (blocks, at) => checkAt(blocks, 'modal', at) },
  { ...common, submit: title, close: title, clear_on_close: boolean, notify_on_close: boolean },
)

const home = shape({ type: typed, blocks: (blocks, at) => checkAt(blocks, 'home', at) }, common)

/** Slack refuses a modal that has inputs and no submit button. */
function missingSubmit(view: Record<string, unknown>): string[] {
  const asks =
    Array.isArray(view.blocks) && view.blocks.some((block) => isRecord(block) && block.type === 'input')
  return asks && view.submit === undefined ? [problem('missing required field: submit', '/view')] : []
}

function focusedTwice(view: Record<string, unknown>): string[] {
  const focused = JSON.stringify(view.blocks ?? []).split('"focus_on_load":true').length - 1
  return focused > 1 ? [problem('only one element may have focus_on_load', '/view/blocks')] : []
}
