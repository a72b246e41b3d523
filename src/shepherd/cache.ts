/** How much a cache keeps. */
type Most = { readonly entries: number; readonly bytes: number }

/**
 * The last things that were used, bounded by number and by bytes: what was used longest ago goes first. What alone is larger
 * than the bound is not kept.
 */
export class Cache<Value> {
  readonly #most: Most
  readonly #kept = new Map<string, { readonly value: Value; readonly bytes: number }>()
  #bytes = 0

  constructor(most: Most) {
    this.#most = most
  }

  /** The bytes of all that is kept. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Value | undefined {
    const found = this.#kept.get(key)
    if (found === undefined) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, found)
    return found.value
  }

  /** @param bytes of key and value, about */
  set(key: string, value: Value, bytes: number): void {
    this.delete(key)
    if (bytes > this.#most.bytes) return
    this.#kept.set(key, { value, bytes })
    this.#bytes += bytes
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= this.#most.entries && this.#bytes <= this.#most.bytes) return
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0
    this.#kept.delete(key)
  }
}

/** About how many bytes plain data takes in memory: two for each character of its JSON. */
export function bytesOf(value: unknown): number {
  return 2 * (JSON.stringify(value)?.length ?? 0)
}
