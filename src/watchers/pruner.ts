import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import { Loop } from '../runtime/loop.ts'
import type { Store } from '../store/store.ts'

/** The pause between two rounds, ms. */
const roundMs = 10 * 60_000

/** Regularly deletes rows from the store that are no longer read. */
export function startPruner({
  store,
  clock,
  log,
}: {
  readonly store: Pick<Store, 'prune'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
}): { stop(): Promise<void> } {
  const loop = new Loop({
    async round() {
      await store.prune(clock())
      return roundMs
    },
    onError: { message: 'old rows of the store could not be deleted; trying again', backOffMs: roundMs },
    log,
  })
  loop.wake()
  return loop
}
