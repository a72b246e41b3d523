import type { InboxItem } from '../messages/intent.ts'
import type { Clock } from '../ports/clock.ts'
import type { Time } from '../release/names.ts'
import type { Store } from '../store/store.ts'

/** The longest time for which a click is delayed, ms. */
const longestMs = 15_000

/**
 * Finds clicks that have to wait until their card is stored. A person may click before Slack's answer to our post
 * arrives, or click a card whose post a crash interrupted and that the outbox has yet to find.
 */
export class AwaitedCards {
  readonly #store: Pick<Store, 'card' | 'release'>
  readonly #clock: Clock
  readonly #since = new Map<string, Time>()

  constructor(store: Pick<Store, 'card' | 'release'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Whether to try the item later. After its time it is handled anyway, and refused if no card is known by then. */
  async awaits(item: InboxItem): Promise<boolean> {
    const { id, asked, receivedAt } = item
    if (asked.ask !== 'action' || !(await this.#isUnwritten(asked.releaseId))) return this.#forget(id)
    const now = this.#clock()
    const since = this.#since.get(id) ?? Math.max(now, receivedAt)
    this.#since.set(id, since)
    return now - since <= longestMs || this.#forget(id)
  }

  async #isUnwritten(releaseId: string): Promise<boolean> {
    return (await this.#store.card(releaseId)) === null && (await this.#store.release(releaseId)) !== null
  }

  #forget(id: string): false {
    this.#since.delete(id)
    return false
  }
}
