import type { InboxItem } from '../messages/intent.ts'
import { type Person, personOf } from '../release/policy/approval.ts'

/** How much is worked on at the same moment, and how much of that for one person. */
const most = { inAll: 100, ofOne: 10 } as const

/**
 * What was asked and is not worked on yet: each person's in the order in which it came. Whoever asks a thousand things delays
 * their own answers, and nobody else's.
 */
export class FairQueue {
  readonly #people: readonly Person[]
  /** By person, whose turn is next first; of each at least one. */
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

  /** As `add`, of what was taken and is to be tried again: before what came after it. */
  putBack(items: readonly InboxItem[]): void {
    for (const item of items.toReversed()) {
      const person = this.#personOf(item)
      this.#of.set(person, [item, ...(this.#of.get(person) ?? [])])
    }
  }

  /**
   * Takes the next: of whoever has the least in hand; of those with as much, each in turn, so that who is soon answered a
   * thousand times delays nobody either. Null where there is none, or enough in hand.
   */
  take(inHand: readonly InboxItem[]): InboxItem | null {
    if (inHand.length >= most.inAll) return null
    const counts = new Map<string, number>()
    for (const item of inHand) {
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
