import { LRUCache } from 'lru-cache'
import { bytesOf, mib } from '../../runtime/bounded.ts'

/** Limits of one cache: entries and bytes. */
const limits = { max: 1_000, maxSize: 16 * mib }

/** A cache that evicts the least recently used entry. */
export class Cache<Value extends {}> {
  readonly #kept: LRUCache<string, Value>

  constructor(bounds = limits) {
    this.#kept = new LRUCache(bounds)
  }

  get(key: string): Value | undefined {
    return this.#kept.get(key)
  }

  set(key: string, value: Value): void {
    this.#kept.set(key, value, { size: bytesOf([key, value]) })
  }

  forget(key: string): void {
    this.#kept.delete(key)
  }
}

/** Size assumed while a value is being read, bytes. */
const unread = 1024

/** Reads each immutable value once. A value that was absent or failed is read again. */
export function cached<Value>(
  read: (key: string) => Promise<Value | undefined>,
  bounds = limits,
): (key: string) => Promise<Value | undefined> {
  const memory = new LRUCache<string, { readonly reading: Promise<Value | undefined> }>(bounds)
  return (key) => {
    const known = memory.get(key)
    if (known) return known.reading
    const reading = read(key).then(
      (value) => {
        if (value === undefined) memory.delete(key)
        else memory.set(key, { reading }, { size: bytesOf([key, value]) })
        return value
      },
      (error: unknown) => {
        memory.delete(key)
        throw error
      },
    )
    memory.set(key, { reading }, { size: unread })
    return reading
  }
}
