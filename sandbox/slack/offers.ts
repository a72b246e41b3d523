import { isRecord } from './blocks/check.ts'
import type { Blocks } from './entities.ts'

type Part = Readonly<Record<string, unknown>>

/** An `external_select` menu of a view, and the person who types in it. */
export type Menu = { readonly user: string; readonly block: string; readonly action: string }

/** The options that apps last offered in `external_select` menus. */
export class Offers {
  readonly #options = new Map<string, readonly Part[]>()

  /** Stores the answer to a `block_suggestion`: `options`, or `option_groups`. */
  keep(menu: Menu, answer: Part): readonly Part[] {
    const groups = parts(answer.option_groups)
    const options = [answer, ...groups].flatMap((holder) => parts(holder.options))
    this.#options.set(keyOf(menu), options)
    return options
  }

  /** The blocks, in which each `external_select` has the options that this person was last offered. */
  in(blocks: Blocks, user: string): Blocks {
    return blocks.map((block) => {
      const filled = (element: unknown) => {
        if (!isRecord(element) || !/external_select$/.test(String(element.type))) return element
        const menu = { user, block: String(block.block_id), action: String(element.action_id) }
        return { ...element, options: this.#offered(menu, element) }
      }
      return {
        ...block,
        ...(block.element !== undefined && { element: filled(block.element) }),
        ...(block.accessory !== undefined && { accessory: filled(block.accessory) }),
        ...(Array.isArray(block.elements) && { elements: block.elements.map(filled) }),
      }
    })
  }

  #offered(menu: Menu, element: Part): readonly Part[] {
    const initial = [element.initial_option, ...parts(element.initial_options)].filter(isRecord)
    return [...(this.#options.get(keyOf(menu)) ?? []), ...initial]
  }
}

function keyOf({ user, block, action }: Menu): string {
  return JSON.stringify([user, block, action])
}

function parts(value: unknown): Part[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
