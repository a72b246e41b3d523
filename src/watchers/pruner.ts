import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import { Alarm } from '../runtime/alarm.ts'
import type { Store } from '../store/store.ts'

/** Between two rounds, ms. */
const roundMs = 10 * 60_000

/** Deletes from the store what nobody reads any more, from time to time. */
export function startPruner({
  store,
  clock,
  log,
}: {
  readonly store: Pick<Store, 'prune'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
}): { stop(): Promise<void> } {
  const alarm = new Alarm(async () => {
    try {
      await store.prune(clock())
    } catch (error) {
      log.error({ err: error }, 'old rows of the store could not be deleted; trying again')
    }
    alarm.in(roundMs)
  })
  alarm.in(0)
  return { stop: () => alarm.stop() }
}
