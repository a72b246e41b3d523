import type { Block, Blocks } from './entities.ts'
import { chosenValue, elementsOf, option } from './inputs.ts'
import type { Action } from './payloads.ts'

/** A control by its action id; by its value too where several share the id. */
export type Control = { readonly actionId: string; readonly value?: string }

type Placed = { readonly block: Block; readonly element: Readonly<Record<string, unknown>> }

/** All interactive elements, with the block each stands in. */
export function controlsOf(blocks: Blocks): Placed[] {
  return blocks.flatMap((block) => elementsOf(block).map((element) => ({ block, element })))
}

/** Whether this is the control meant. */
export function fits(element: Readonly<Record<string, unknown>>, { actionId, value }: Control): boolean {
  return element.action_id === actionId && (value === undefined || element.value === value)
}

/** The control meant. @throws with what there is instead: nobody can press what is not there */
export function found(blocks: Blocks, control: Control): Placed {
  const controls = controlsOf(blocks)
  const placed = controls.find(({ element }) => fits(element, control))
  if (placed) return placed
  const there = controls.map(({ element }) => element.action_id).join(', ') || 'nothing to press'
  throw new Error(`There is no ${control.actionId} ${control.value ?? ''} here. There is: ${there}`)
}

/** What a press of this button sends. */
export function pressed(blocks: Blocks, control: Control): Action {
  const { block, element } = found(blocks, control)
  if (element.type !== 'button') throw new Error(`${control.actionId} is no button but ${element.type}`)
  const { type, action_id, text, value, style, url } = element
  return { type, action_id, block_id: block.block_id, text, value, style, url }
}

/** What a choice from this menu sends. */
export function picked(blocks: Blocks, control: Control, chosen: string): Action {
  const { block, element } = found(blocks, control)
  const value =
    element.type === 'overflow' ? { selected_option: option(element, chosen) } : chosenValue(element, chosen)
  return { ...value, type: element.type, action_id: element.action_id, block_id: block.block_id }
}
