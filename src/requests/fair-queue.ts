import type { InboxItem } from '../messages/intent.ts'
import { type Person, personOf } from '../release/policy/approval.ts'

/** How many items are in progress at the same time, in all and for one person. */
const most = { inAll: 100, ofOne: 10 } as const

/**
 * The queue of stored requests, each person's in their order. Somebody who sends a thousand requests delays only
 * their own answers.
 */
export class FairQueue {
  readonly #people: readonly Person[]
  /** The items by person, the next person first; each has at least one. */
  readonly #of = new Map<string, InboxItem[]>()

  /** @param people whose accounts count as one */
  constructor(people: readonly Person[]) {
    this.#people = people
  }

  add(item: InboxItem): void {
    const person = this.#personOf(item)
    const queue = this.#of.get(person)
    if (queue) queue.push(item)
    else this.#of.set(person, [item])
  }

  /** Adds items that are to be tried again, before later ones. */
  putBack(items: readonly InboxItem[]): void {
    for (const item of items.toReversed()) {
      const person = this.#personOf(item)
      this.#of.set(person, [item, ...(this.#of.get(person) ?? [])])
    }
  }

  /**
   * Takes the next item, from the person with the fewest in progress. People with equally many take turns, so that
   * many quick requests of one delay nobody. Null: there is none, or enough are in progress.
   */
  take(inProgress: readonly InboxItem[]): InboxItem | null {
    if (inProgress.length >= most.inAll) return null
    const counts = new Map<string, number>()
    for (const item of inProgress) {
      const person = this.#personOf(item)
      counts.set(person, (counts.get(person) ?? 0) + 1)
    }
    let next: { readonly person: string; readonly queue: InboxItem[]; readonly count: number } | null = null
    for (const [person, queue] of this.#of) {
      const count = counts.get(person) ?? 0
      if (count < (next?.count ?? most.ofOne)) next = { person, queue, count }
    }
    if (next === null) return null
    const { person, queue } = next
    const item = queue.shift() ?? null
    this.#of.delete(person)
    if (queue.length > 0) this.#of.set(person, queue)
    return item
  }

  #personOf({ from }: InboxItem): string {
    return personOf({ people: this.#people }, from.user)
  }
}
