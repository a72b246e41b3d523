/**
 * A kind of write that somebody may wait for. `release`: a release was written or is due sooner. `outbox`: something
 * is to be sent to Slack. `locks`: a deploy lock was set or lifted. `inbox`: a request was received and acknowledged.
 */
export type Change = 'release' | 'outbox' | 'locks' | 'inbox'

/**
 * Notifies waiting loops of a write. A signal carries nothing and only means "check now". A missed one costs only
 * time, because every loop also checks by itself.
 */
export class Signals {
  readonly #subscribers = new Map<Change, (() => void)[]>()

  /** @param subscriber called at once on each change, so it should only take note; many may come in a row */
  on(change: Change, subscriber: () => void): void {
    this.#subscribers.set(change, [...(this.#subscribers.get(change) ?? []), subscriber])
  }

  changed(...changes: readonly Change[]): void {
    for (const change of changes) for (const subscriber of this.#subscribers.get(change) ?? []) subscriber()
  }
}
