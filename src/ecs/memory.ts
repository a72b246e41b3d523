import { mib } from '../shepherd/bounded.ts'
import { bytesOf, Cache } from '../shepherd/cache.ts'

/** Of one kind. */
const most = { entries: 1_000, bytes: 16 * mib }

/** The last things of a kind that were seen: what was used longest ago goes first. */
export class Memory<Value> {
  readonly #kept: Cache<Value>

  constructor(bounds = most) {
    this.#kept = new Cache(bounds)
  }

  get(key: string): Value | undefined {
    return this.#kept.get(key)
  }

  set(key: string, value: Value): void {
    this.#kept.set(key, value, bytesOf([key, value]))
  }

  forget(key: string): void {
    this.#kept.delete(key)
  }
}

/** While it is read, its size is not known yet, bytes. */
const unread = 1024

/** Reads each thing once, for what never changes. What was not there, or failed, is read again. */
export function remembered<Value>(
  read: (key: string) => Promise<Value | undefined>,
  bounds = most,
): (key: string) => Promise<Value | undefined> {
  const memory = new Cache<Promise<Value | undefined>>(bounds)
  return (key) => {
    const known = memory.get(key)
    if (known) return known
    const reading = read(key).then(
      (value) => {
        if (value === undefined) memory.delete(key)
        else memory.set(key, reading, bytesOf([key, value]))
        return value
      },
      (error: unknown) => {
        memory.delete(key)
        throw error
      },
    )
    memory.set(key, reading, unread)
    return reading
  }
}
