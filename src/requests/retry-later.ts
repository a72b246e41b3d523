import type { InboxItem } from '../messages/intent.ts'

/** Items that are tried again after a while, all at the same time and in their order. */
export class RetryLater {
  readonly #afterMs: number
  readonly #again: (items: readonly InboxItem[]) => void
  #items: InboxItem[] = []
  #timer: NodeJS.Timeout | null = null

  /** @param again takes the delayed items */
  constructor(afterMs: number, again: (items: readonly InboxItem[]) => void) {
    this.#afterMs = afterMs
    this.#again = again
  }

  add(item: InboxItem): void {
    this.#items.push(item)
    this.#timer ??= setTimeout(() => this.#end(), this.#afterMs)
  }

  some(is: (item: InboxItem) => boolean): boolean {
    return this.#items.some(is)
  }

  /** Forgets the delayed items, which the store still has. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  #end(): void {
    const items = this.#items
    this.#items = []
    this.#timer = null
    this.#again(items)
  }
}
