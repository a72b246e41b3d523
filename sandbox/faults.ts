/**
 * A fault of a request. `lost` and `lost-after` execute the request first, so the caller cannot know that it succeeded.
 */
export type Fault =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: unknown
    }
  | { readonly kind: 'reset' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'lost-after'; readonly status: number }
  | { readonly kind: 'delay'; readonly ms: number }

type Queued = { on: string; skip: number; times: number; fault: Fault }

/** Faults that are queued for requests, used in the order of the queue. */
export class Faults {
  #queue: Queued[] = []

  /**
   * Queues a fault for requests of this name: a Slack method (`chat.update`), a GitHub route
   * (`POST /repos/{owner}/{repo}/...`), an AWS operation (`UpdateService`).
   * @param times how many requests it hits (default 1)
   * @param skip how many pass before it hits (default 0)
   */
  queue(on: string, fault: Fault, { times = 1, skip = 0 } = {}): void {
    this.#queue.push({ on, skip, times, fault })
  }

  /** Returns the fault for the current request, and uses it up once. */
  take(on: string): Fault | undefined {
    const queued = this.#queue.find((entry) => entry.on === on)
    if (!queued) return undefined
    if (queued.skip > 0) {
      queued.skip -= 1
      return undefined
    }
    queued.times -= 1
    if (queued.times <= 0) this.#queue = this.#queue.filter((entry) => entry !== queued)
    return queued.fault
  }

  /** Whether a fault is queued for requests of this name. */
  isQueued(on: string): boolean {
    return this.#queue.some((entry) => entry.on === on)
  }

  /** Removes all faults, or those for requests of this name. */
  clear(on?: string): void {
    this.#queue = on === undefined ? [] : this.#queue.filter((entry) => entry.on !== on)
  }
}
