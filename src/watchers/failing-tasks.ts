import { lastSentTo } from '../engine/unreleased.ts'
import type { FailedTasks } from '../ports/watch-services.ts'
import type { Time } from '../release/names.ts'
import type { FailingNotice } from '../release/notice.ts'
import { failing, failuresSince, isSameSeries, type Watched } from '../release/outside-changes.ts'
import { announce, type Place, setWatched, type WatchDeps, watchedOf } from './watched-target.ts'

/** Reports a series of failed tasks once, until no task has failed for an hour. */
export async function lookAtTasks(deps: WatchDeps, place: Place, watched: Watched): Promise<void> {
  const { store, outside, clock, checkpoint } = deps
  const { target, serviceEnvironment } = place
  const since = Math.max(failuresSince(watched, outside.ecs.now()), await lastEnd(deps, place))
  const failed = await outside.ecs.failedTasks({ target, since })
  if (failed === null) return
  if (failed.count < failing.tasks && watched.failingAt === null) return
  const isReported = await store.transact(async (tx) => {
    const now = await watchedOf(tx, target)
    if (now === null || now.failingAt === failed.last) return false
    const isKnown = isSameSeries(now, failed.last)
    if (!isKnown && failed.count < failing.tasks) return false
    if (!isKnown) {
      await announce(tx, serviceEnvironment, failingNotice(place, failed), clock())
      await checkpoint('before failing tasks committed')
    }
    await setWatched(tx, target, { ...now, failingAt: failed.last })
    return !isKnown
  })
  if (isReported) await checkpoint('failing tasks committed')
}

/** How long after a release its tasks may still stop, ms. AWS's clock is known to the second, too. */
const stoppingMs = 60_000

/** When the last task of the last release of the target stopped, by AWS's clock: failures until then are that release's. */
async function lastEnd({ store, outside, clock }: WatchDeps, { target }: Place): Promise<Time> {
  const last = await lastSentTo(store, target, clock())
  if (last?.stage.at !== 'ended') return Number.NEGATIVE_INFINITY
  return last.stage.since + stoppingMs + outside.ecs.now() - clock()
}

function failingNotice({ serviceEnvironment, target }: Place, failed: FailedTasks): FailingNotice {
  const { service, environment, notify } = serviceEnvironment
  const { count, revision, why } = failed
  const { withinMs } = failing
  return {
    notice: 'tasks-failing',
    service,
    environment,
    target,
    count,
    withinMs,
    revision,
    why,
    mention: notify,
  }
}
