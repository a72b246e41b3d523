import { LRUCache } from 'lru-cache'
import { bytesOf, mib } from '../runtime/bounded.ts'

/** Of one kind: how many entries, and how many bytes. */
const most = { max: 1_000, maxSize: 16 * mib }

/** The last things of a kind that were seen: what was used longest ago goes first. */
export class Cache<Value extends {}> {
  readonly #kept: LRUCache<string, Value>

  constructor(bounds = most) {
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

/** While it is read, its size is not known yet, bytes. */
const unread = 1024

/** Reads each thing once, for what never changes. What was not there, or failed, is read again. */
export function cached<Value>(
  read: (key: string) => Promise<Value | undefined>,
  bounds = most,
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
