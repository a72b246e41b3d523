import DataLoader from 'dataloader'
import { mayBeOfOne } from './trouble.ts'

/** Looks within this time share a request, where none was sent just before, ms. */
const gatherMs = 5

type Batching<Value> = {
  /** How many keys one request takes. */
  readonly size: number
  /** Least time between two rounds of requests, ms: the busier it is, the more share one. */
  readonly paceMs: number
  /** What was found, by key. */
  fetch(keys: readonly string[]): Promise<ReadonlyMap<string, Value>>
}

/**
 * One read out of a batch: looks in the same moment share requests, and each moment asks afresh.
 * Where a batch is refused for what may be one of its keys, each is asked alone: one service without
 * permission does not blind the others.
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
