import type { Clock } from '../ports/clock.ts'
import { isEnded, type Release, unfinished } from '../release/release.ts'
import type { Store } from '../store/store.ts'

/** Bookmark of the time when twokey was last up. */
const upAt = 'up'

/** How old the stored time may become while a release is in progress, ms. */
const writeEveryMs = 10_000

/** A shorter downtime is not reported, ms: a restart for an update takes less. */
const shortestMs = 60_000

/** A process that ends sooner than this belongs to the same downtime as the one before, ms: it may crash again and again. */
const steadyMs = 30_000

/**
 * Tells people in the thread of each release in progress from when to when twokey was down, because a card that did not
 * change in that time looks like a slow release. For that it stores now and then that it is up, which also works if it is
 * killed.
 */
export class DowntimeWatch {
  readonly #store: Store
  readonly #clock: Clock
  readonly #startedAt: number
  #isReported = false
  #writtenAt = 0

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#startedAt = clock()
  }

  /** Reports the downtime before this process, once; later stores that it is up. To be called in each round. */
  async noteUp(): Promise<void> {
    if (!this.#isReported) await this.#report()
    this.#isReported = true
    const now = this.#clock()
    // The clock may have been set back.
    if (Math.abs(now - this.#startedAt) < steadyMs || Math.abs(now - this.#writtenAt) < writeEveryMs) return
    await this.#write()
  }

  async #report(): Promise<void> {
    const last = await this.#store.bookmark(upAt)
    if (typeof last !== 'number') return this.#write()
    for (const release of await this.#store.inFlight()) {
      if (isEnded(release) && unfinished(release).length === 0) continue
      const from = Math.max(last, lastSign(release))
      if (this.#startedAt - from < shortestMs) continue
      const story = { tell: 'was-down', from, to: this.#startedAt } as const
      // The key names the downtime, which stays the same until twokey has been up for a while.
      await this.#store.transact((tx) =>
        tx.addPosts(release.id, [{ key: `was-down-${last}`, story, where: 'thread' }], this.#clock()),
      )
    }
  }

  async #write(): Promise<void> {
    const now = this.#clock()
    await this.#store.transact((tx) => tx.setBookmark(upAt, now))
    this.#writtenAt = now
  }
}

/** The last time that twokey stored in a release. Nothing is written down while no release is in progress. */
function lastSign({ requestedAt, approvedAt, sentAt, stage }: Release): number {
  return Math.max(requestedAt, approvedAt ?? 0, sentAt ?? 0, 'since' in stage ? stage.since : 0)
}
