import type { Logger } from 'pino'
import { troubleOf } from '../engine/observe.ts'
import type { AwsSignal } from '../ports/aws-signal.ts'
import { Trouble } from '../ports/ports.ts'
import type { ServiceGlance } from '../ports/watch-services.ts'
import { targetName } from '../release/names.ts'
import { firstWatched } from '../release/outside-changes.ts'
import type { Release } from '../release/release.ts'
import { Loop } from '../runtime/loop.ts'
import { type Settings, targetsOf } from '../settings/settings.ts'
import { isAbout } from './aws-signals.ts'
import { lookAtTasks } from './failing-tasks.ts'
import { lookAtRollouts } from './outside-rollouts.ts'
import { type Place, setWatched, type WatchDeps, watchedOf } from './watched-target.ts'

export type OutsideChangesDeps = WatchDeps & { readonly settings: Settings; readonly log: Logger }

/** Watches all configured services for what twokey did not do, and reports each change once. */
export type OutsideChanges = {
  /** Looks at once at the services that an event of AWS is about. */
  receive(signal: AwsSignal): void
  stop(): Promise<void>
}

/** The shortest pause between two looks, ms: what happens outside twokey must not take from releases, and each task has several events. */
const pauseMs = 1_000

/**
 * Starts the rounds: one glance at all services every `polling.idle` (a second at least), which shares requests, and a closer look at those that
 * changed. A target with a release that was sent is left to that.
 */
export function startOutsideChanges(deps: OutsideChangesDeps): OutsideChanges {
  const { store, outside, settings, log } = deps
  const intervalMs = Math.max(settings.polling.idleMs, pauseMs)
  const places = settings.serviceEnvironments.flatMap((serviceEnvironment) =>
    targetsOf(serviceEnvironment).map((target): Place => ({ serviceEnvironment, target })),
  )
  /** By target: its state at the last closer look, while no rollout there was in progress. */
  const settled = new Map<string, string>()
  const unreadable = new Set<string>()
  /** The targets to look at because of events. */
  const signaled = new Set<string>()
  let nextRoundAt = 0
  let lastLookAt = Number.NEGATIVE_INFINITY
  const loop = new Loop({
    round,
    onError: { message: 'the check for changes outside twokey failed', backOffMs: intervalMs },
    log,
  })

  async function round(): Promise<number> {
    if (places.length === 0) return Number.POSITIVE_INFINITY
    const isDue = performance.now() >= nextRoundAt
    const due = isDue ? places : places.filter(({ target }) => signaled.has(targetName(target)))
    signaled.clear()
    if (isDue) nextRoundAt = performance.now() + intervalMs
    lastLookAt = performance.now()
    await look(due)
    return Math.max(0, nextRoundAt - performance.now())
  }

  async function look(due: readonly Place[]): Promise<void> {
    const inFlight = await store.inFlight()
    const sent = inFlight.filter(({ sentAt }) => sentAt !== null)
    const busy = new Set(sent.flatMap(({ targets }) => targets.map(targetName)))
    const glances = await outside.ecs.glances(due.map(({ target }) => target))
    for (const [index, place] of due.entries()) {
      const glance = glances[index]
      if (loop.isStopped || glance === undefined) return
      const name = targetName(place.target)
      try {
        if (glance.seen === 'no') throw new Trouble('passing', glance.why)
        if (busy.has(name)) settled.delete(name)
        else await lookAt(place, glance, inFlight)
        if (unreadable.delete(name)) log.info({ target: name }, 'the service can be read again')
      } catch (error) {
        if (!unreadable.has(name))
          log.warn({ target: name, reason: troubleOf(error).reason }, 'cannot watch the service')
        unreadable.add(name)
      }
    }
  }

  async function lookAt(
    place: Place,
    { state, mayFail }: Extract<ServiceGlance, { seen: 'yes' }>,
    inFlight: readonly Release[],
  ): Promise<void> {
    const name = targetName(place.target)
    const watched = await watchedOf(store, place.target)
    if (watched === null) {
      const first = firstWatched(outside.ecs.now())
      await store.transact((tx) => setWatched(tx, place.target, first))
      settled.set(name, state)
      return
    }
    if (settled.get(name) !== state) {
      settled.delete(name)
      if (await lookAtRollouts(deps, place, { watched, inFlight })) settled.set(name, state)
    }
    if (mayFail) await lookAtTasks(deps, place, watched)
  }

  loop.wake()
  return {
    receive(signal) {
      const concerned = places.filter(({ target }) => isAbout(signal, target))
      if (concerned.length === 0) return
      for (const { target } of concerned) signaled.add(targetName(target))
      loop.wakeIn(lastLookAt + pauseMs - performance.now())
    },
    stop: () => loop.stop(),
  }
}
