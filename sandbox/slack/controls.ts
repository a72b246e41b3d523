import type { Block, Blocks } from './entities.ts'
import { chosenValue, elementsOf, option } from './inputs.ts'
import type { Action } from './payloads.ts'

/** Identifies a control by its action id, and by its value if several controls share the id. */
export type Control = { readonly actionId: string; readonly value?: string }

type Placed = { readonly block: Block; readonly element: Readonly<Record<string, unknown>> }

/** All interactive elements, each with its block. */
export function controlsOf(blocks: Blocks): Placed[] {
  return blocks.flatMap((block) => elementsOf(block).map((element) => ({ block, element })))
}

/** Whether this element is the given control. */
export function matchesControl(
  element: Readonly<Record<string, unknown>>,
  { actionId, value }: Control,
): boolean {
  return element.action_id === actionId && (value === undefined || element.value === value)
}

/** Finds the control. @throws with a list of the controls that exist, because a person cannot click a missing one */
export function findControl(blocks: Blocks, control: Control): Placed {
  const controls = controlsOf(blocks)
  const placed = controls.find(({ element }) => matchesControl(element, control))
  if (placed) return placed
  const there = controls.map(({ element }) => element.action_id).join(', ') || 'nothing to press'
  throw new Error(
    `There is no control ${control.actionId} ${control.value ?? ''}. The controls are: ${there}`,
  )
}

/** The action that Slack sends for a click on this button. */
export function clickAction(blocks: Blocks, control: Control): Action {
  const { block, element } = findControl(blocks, control)
  if (element.type !== 'button') throw new Error(`${control.actionId} is not a button but ${element.type}`)
  const { type, action_id, text, value, style, url } = element
  return { type, action_id, block_id: block.block_id, text, value, style, url }
}

/** The action that Slack sends for a choice from this menu. */
export function choiceAction(blocks: Blocks, control: Control, chosen: string): Action {
  const { block, element } = findControl(blocks, control)
  const value =
    element.type === 'overflow' ? { selected_option: option(element, chosen) } : chosenValue(element, chosen)
  return { ...value, type: element.type, action_id: element.action_id, block_id: block.block_id }
}
