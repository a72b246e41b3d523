/**
 * What was written that somebody may wait for: `release`, a release was written or is due sooner; `outbox`, something is to be
 * sent to Slack; `locks`, a deploy lock was set or lifted; `inbox`, a request was received and acknowledged.
 */
export type Change = 'release' | 'outbox' | 'locks' | 'inbox'

/**
 * Tells whoever waits that something was written. A signal only says "look now": it carries nothing, and one that is missed
 * costs time alone, since every loop also looks by itself.
 */
export class Signals {
  readonly #subscribers = new Map<Change, (() => void)[]>()

  /** @param subscriber called at once on each change, so it only takes note; many may come in a row */
  on(change: Change, subscriber: () => void): void {
    this.#subscribers.set(change, [...(this.#subscribers.get(change) ?? []), subscriber])
  }

  changed(...changes: readonly Change[]): void {
    for (const change of changes) for (const subscriber of this.#subscribers.get(change) ?? []) subscriber()
  }
}
