import { LRUCache } from 'lru-cache'

export type Pauses = {
  /** The shortest time between two turns of one name, ms, if the later one is urgent. */
  readonly urgent: number
  /** The same for turns that are not urgent. */
  readonly other: number
}

/** How many names are remembered. One that was forgotten has its turn at once. */
const mostNames = 10_000

type Turn = { readonly due: number; readonly isUrgent: boolean }

/** Names that wait for a turn, each at most once, and none too soon after its last one. */
export class PacedTurns<Name extends string | number> {
  readonly #pauses: Pauses
  readonly #waiting = new Map<Name, Turn>()
  readonly #tookAt = new LRUCache<Name, number>({ max: mostNames })

  constructor(pauses: Pauses) {
    this.#pauses = pauses
  }

  /** Asks for a turn. @param now ms of a clock that is never set */
  ask(name: Name, { isUrgent, now }: { readonly isUrgent: boolean; readonly now: number }): void {
    const pause = isUrgent ? this.#pauses.urgent : this.#pauses.other
    const due = Math.max(now, (this.#tookAt.get(name) ?? Number.NEGATIVE_INFINITY) + pause)
    const known = this.#waiting.get(name)
    if (!known && this.#waiting.size >= mostNames) return
    this.#waiting.set(name, {
      due: Math.min(due, known?.due ?? due),
      isUrgent: isUrgent || known?.isUrgent === true,
    })
  }

  /** A name whose turn is due, with its turn; null: none is. */
  take(now: number): { readonly name: Name; readonly isUrgent: boolean } | null {
    for (const [name, { due, isUrgent }] of this.#waiting) {
      if (due > now) continue
      this.#waiting.delete(name)
      this.#tookAt.set(name, now)
      return { name, isUrgent }
    }
    return null
  }

  /** How long until the next turn, ms; `Infinity`: nobody waits. */
  waitMs(now: number): number {
    const dues = [...this.#waiting.values()].map(({ due }) => Math.max(0, due - now))
    return dues.reduce((least, due) => Math.min(least, due), Number.POSITIVE_INFINITY)
  }
}
