import { isRecord } from './blocks/check.ts'
import type { Block, Blocks, Values } from './entities.ts'

type Element = Readonly<Record<string, unknown>>
type Value = Readonly<Record<string, unknown>>

/** An element that takes a value, with its block. */
export type Input = {
  readonly block: string
  readonly action: string
  readonly element: Element
  readonly optional: boolean
}

/** All elements of a view that take a value: those of input blocks, and menus in sections and actions. */
export function inputsOf(blocks: Blocks): Input[] {
  return blocks.flatMap((block) =>
    elementsOf(block)
      .filter(
        (element) => element.type !== 'button' && element.type !== 'image' && element.type !== 'overflow',
      )
      .map((element) => ({
        block: String(block.block_id),
        action: String(element.action_id),
        element,
        optional: block.type !== 'input' || block.optional === true,
      })),
  )
}

/** The interactive elements of a block, in whichever field the block has them. */
export function elementsOf(block: Block): Element[] {
  const candidates = [
    block.element,
    block.accessory,
    ...(Array.isArray(block.elements) ? block.elements : []),
  ]
  return candidates.filter(isRecord).filter((element) => typeof element.action_id === 'string')
}

/** `view.state.values` before a person has changed anything. */
export function initialValues(blocks: Blocks): Values {
  const values: Values = {}
  for (const { block, action, element } of inputsOf(blocks)) {
    values[block] = { ...values[block], [action]: initialOf(element) }
  }
  return values
}

function initialOf(element: Element): Value {
  const type = String(element.type)
  switch (type) {
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: element.initial_option ?? null }
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type, selected_options: element.initial_options ?? [] }
    case 'users_select':
      return { type, selected_user: element.initial_user ?? null }
    case 'multi_users_select':
      return { type, selected_users: element.initial_users ?? [] }
    case 'channels_select':
      return { type, selected_channel: element.initial_channel ?? null }
    case 'multi_channels_select':
      return { type, selected_channels: element.initial_channels ?? [] }
    case 'conversations_select':
      return { type, selected_conversation: element.initial_conversation ?? null }
    case 'multi_conversations_select':
      return { type, selected_conversations: element.initial_conversations ?? [] }
    case 'datepicker':
      return { type, selected_date: element.initial_date ?? null }
    case 'timepicker':
      return { type, selected_time: element.initial_time ?? null }
    case 'datetimepicker':
      return { type, selected_date_time: element.initial_date_time ?? null }
    default:
      return { type, value: element.initial_value ?? null }
  }
}

/**
 * The entry of `state.values` after a person chose or typed this; an empty choice removes the value.
 * @throws if the menu does not offer the value, or the text is too short or too long
 */
export function chosenValue(element: Element, given: string | readonly string[]): Value {
  const type = String(element.type)
  const [key, empty] = Object.entries(initialOf({ type })).find(([name]) => name !== 'type') ?? [
    'value',
    null,
  ]
  const one = typeof given === 'string' ? given : (given[0] ?? '')
  if (given.length === 0) return { type, [key]: empty }
  const many = typeof given === 'string' ? [given] : given
  if (key === 'selected_options') return { type, [key]: many.map((value) => option(element, value)) }
  if (key === 'selected_option') return { type, [key]: option(element, one) }
  if (key === 'selected_date_time') return { type, [key]: Number(one) }
  if (Array.isArray(empty)) return { type, [key]: many }
  checkLength(element, one)
  return { type, [key]: one }
}

/** Whether a person has filled the input in. */
export function isFilled(value: Value | undefined): boolean {
  const [, filled] = Object.entries(value ?? {}).find(([key]) => key !== 'type') ?? []
  return Array.isArray(filled) ? filled.length > 0 : filled !== null && filled !== undefined && filled !== ''
}

function checkLength(element: Element, text: string): void {
  const min = Number(element.min_length ?? 0)
  const max = Number(element.max_length ?? 3000)
  if (text.length < min || text.length > max) throw new Error(`The input needs ${min} to ${max} characters`)
}

/** The option of a menu with this value. */
export function option(element: Element, value: string): Element {
  const groups = Array.isArray(element.option_groups) ? element.option_groups.filter(isRecord) : []
  const options = [element, ...groups].flatMap((holder) =>
    Array.isArray(holder.options) ? holder.options : [],
  )
  const found = options.filter(isRecord).find((candidate) => candidate.value === value)
  if (!found) {
    const offered = options.filter(isRecord).map((candidate) => candidate.value)
    throw new Error(`The menu ${element.action_id} does not offer ${value}. It offers: ${offered.join(', ')}`)
  }
  return found
}
