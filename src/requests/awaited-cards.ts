import type { InboxItem } from '../messages/intent.ts'
import type { Clock } from '../ports/clock.ts'
import type { Time } from '../release/names.ts'
import type { Store } from '../store/store.ts'

/** How long a click is parked at most, ms. */
const longestMs = 15_000

/**
 * Tells which clicks have to wait for the card that they were made on to be written down. A person may be quicker than the
 * answer to our own post, or click a card whose post a crash cut off and the outbox has yet to find.
 */
export class AwaitedCards {
  readonly #store: Pick<Store, 'card' | 'release'>
  readonly #clock: Clock
  readonly #since = new Map<string, Time>()

  constructor(store: Pick<Store, 'card' | 'release'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Whether to try it later. After its time it is worked on all the same, and refused where no card is known by then. */
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
