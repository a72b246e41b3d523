import { randomBytes } from 'node:crypto'
import { isRecord } from './blocks/check.ts'
import { asStored } from './blocks/ids.ts'
import type { Client, Values, View } from './entities.ts'
import { initialValues } from './inputs.ts'

type Deps = {
  readonly newId: (letter: string) => string
  readonly newTs: () => string
  readonly changed: () => void
}

type Sent = Readonly<Record<string, unknown>>

/** Slack stacks at most three modals. */
const stackLimit = 3

/** The modals that people have open, each in the client that opened it, and each person's App Home. */
export class Views {
  readonly #seams: Deps
  readonly #stacks = new Map<string, View[]>()
  readonly #homes = new Map<string, View>()

  constructor(seams: Deps) {
    this.#seams = seams
  }

  /** The modals that this person has open in one client, or in any; the front one of each client comes last. */
  open(user: string, client?: string): readonly View[] {
    if (client !== undefined) return this.#stacks.get(keyOf({ user, client })) ?? []
    return [...this.#stacks.values()].flat().filter((view) => view.user === user)
  }

  home(user: string): View | undefined {
    return this.#homes.get(user)
  }

  /** A view by its id or by the app's `external_id`. */
  find(key: { readonly id?: string; readonly externalId?: string }): View | undefined {
    const all = [...[...this.#stacks.values()].flat(), ...this.#homes.values()]
    return all.find((view) =>
      key.id === undefined ? key.externalId && view.sent.external_id === key.externalId : view.id === key.id,
    )
  }

  /** Opens a modal, and closes those that were open in that client. */
  replace(at: Client, sent: Sent): View {
    const view = this.#make(at, { sent, previous: null })
    this.#stacks.set(keyOf(at), [view])
    this.#seams.changed()
    return view
  }

  /** Stacks a modal on the open ones; undefined if three are open already, or none. */
  push(at: Client, sent: Sent): View | undefined {
    const stack = this.#stacks.get(keyOf(at)) ?? []
    if (stack.length === 0 || stack.length >= stackLimit) return undefined
    const view = this.#make(at, { sent, previous: stack.at(-1) ?? null })
    stack.push(view)
    this.#seams.changed()
    return view
  }

  publish(user: string, sent: Sent): View {
    const home = this.#homes.get(user)
    if (home) {
      this.update(home, sent)
      return home
    }
    const view = this.#make({ user, client: '' }, { sent, previous: null })
    this.#homes.set(user, view)
    this.#seams.changed()
    return view
  }

  /** Replaces the content of a view. Typed values stay if block and action ids stay. */
  update(view: View, sent: Sent): void {
    const before = view.values
    view.sent = sent
    view.blocks = this.#blocks(sent)
    view.hash = this.#hash()
    view.errors = {}
    view.values = keptWhere(initialValues(view.blocks), before)
    this.#seams.changed()
  }

  /** Stores the errors of a submission, or the values that the person chose. */
  note(view: View, change: Partial<Pick<View, 'errors' | 'values'>>): void {
    if (change.errors) view.errors = change.errors
    if (change.values) view.values = added(view.values, change.values)
    this.#seams.changed()
  }

  close(view: View): void {
    const stack = this.#stacks.get(keyOf(view)) ?? []
    this.#stacks.set(
      keyOf(view),
      stack.filter((open) => open !== view),
    )
    this.#seams.changed()
  }

  clear(at: Client): void {
    this.#stacks.delete(keyOf(at))
    this.#seams.changed()
  }

  #make({ user, client }: Client, { sent, previous }: { sent: Sent; previous: View | null }): View {
    const id = this.#seams.newId('V')
    const blocks = this.#blocks(sent)
    return {
      id,
      type: sent.type === 'home' ? 'home' : 'modal',
      user,
      client,
      rootId: previous?.rootId ?? id,
      previousId: previous?.id ?? null,
      sent,
      blocks,
      hash: this.#hash(),
      values: initialValues(blocks),
      errors: {},
    }
  }

  #blocks(sent: Sent) {
    const blocks = Array.isArray(sent.blocks) ? sent.blocks.filter(isRecord) : []
    return asStored(blocks, () => randomBytes(4).toString('base64url').slice(0, 5))
  }

  #hash(): string {
    return `${Math.floor(Number(this.#seams.newTs()))}.${randomBytes(4).toString('hex')}`
  }
}

function keyOf({ user, client }: Client): string {
  return JSON.stringify([user, client])
}

/** The new values, with the previous value of every input that still exists. */
function keptWhere(values: Values, before: Values): Values {
  const still = Object.entries(before).map(([block, actions]) => [
    block,
    Object.fromEntries(Object.entries(actions).filter(([action]) => values[block]?.[action])),
  ])
  return added(values, Object.fromEntries(still))
}

function added(values: Values, more: Values): Values {
  const blocks = new Set([...Object.keys(values), ...Object.keys(more)])
  return Object.fromEntries([...blocks].map((block) => [block, { ...values[block], ...more[block] }]))
}
