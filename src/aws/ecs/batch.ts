import DataLoader from 'dataloader'
import { mayBeOfOne } from './trouble.ts'

/** Lookups within this time share a request, if none was sent just before, ms. */
const gatherMs = 15

type Batching<Value> = {
  /** How many keys one request accepts. */
  readonly size: number
  /** Minimum time between two rounds of requests, ms: the busier it is, the more lookups share a request. */
  readonly paceMs: number
  /** Returns what was found, by key. */
  fetch(keys: readonly string[]): Promise<ReadonlyMap<string, Value>>
}

/**
 * Reads single values through batch requests: lookups at the same moment share requests, and no result is cached. If a
 * batch is refused for a reason that may concern only one key, each key is requested alone: one service without
 * permission does not affect the others.
 */
export function batched<Value>({
  size,
  paceMs,
  fetch,
}: Batching<Value>): (key: string) => Promise<Value | undefined> {
  const alone = async (key: string): Promise<Value | undefined | Error> => {
    try {
      return (await fetch([key])).get(key)
    } catch (error) {
      return asError(error)
    }
  }
  let last = Number.NEGATIVE_INFINITY
  const loader = new DataLoader<string, Value | undefined>(
    async (keys) => {
      loader.clearAll()
      try {
        const found = await fetch(keys)
        return keys.map((key) => found.get(key))
      } catch (error) {
        if (keys.length === 1 || !mayBeOfOne(error)) throw error
        return Promise.all(keys.map(alone))
      }
    },
    {
      maxBatchSize: size,
      batchScheduleFn: (dispatch) =>
        setTimeout(
          () => {
            last = performance.now()
            dispatch()
          },
          Math.max(gatherMs, last + paceMs - performance.now()),
        ),
    },
  )
  return (key) => loader.load(key)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
