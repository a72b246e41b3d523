import type { InboxItem } from '../messages/intent.ts'

/** What is tried again after a while: all of it at the same moment, in its order. */
export class PutOff {
  readonly #afterMs: number
  readonly #again: (items: readonly InboxItem[]) => void
  #items: InboxItem[] = []
  #timer: NodeJS.Timeout | null = null

  /** @param again takes what was put off */
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

  /** Forgets what waits: the store has it. */
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
