import type { Logger } from 'pino'
import type { AwsMessage, AwsQueue, AwsSignal } from '../ports/aws-signal.ts'
import type { Clock } from '../ports/clock.ts'
import { Trouble } from '../ports/ports.ts'
import type { Release } from '../release/release.ts'
import { Loop } from '../runtime/loop.ts'
import type { Store } from '../store/store.ts'
import { isAbout, isThere } from './aws-signals.ts'

export type AwsEventsDeps = {
  readonly store: Pick<Store, 'inFlight' | 'transact'>
  readonly queue: AwsQueue
  readonly clock: Clock
  readonly log: Logger
  /** Counts a message by what became of it. */
  readonly count: (use: EventUse) => void
  /** Called with each event that is not old, whether or not a release is in progress there. */
  readonly onSignal: (signal: AwsSignal) => void
}

/**
 * What became of a message. `woke`: it woke a release. `nobody`: it concerns no release in progress. `unknown`: it is not an
 * event that twokey knows. `old`: it was ignored, because polling has looked since.
 */
export type EventUse = 'woke' | 'nobody' | 'unknown' | 'old'

/** A message of this age says nothing new, ms: polling has looked since, as after a downtime. */
const oldMs = 5 * 60_000

/** How often one release is woken at most, ms: each task of a rollout has several events. */
const pauseMs = 1_000

/** The pause after an error that may pass, and after one that does not pass by itself, ms. */
const backOffMs = { passing: 5_000, terminal: 60_000 } as const

/**
 * Reads a queue of ECS's and CodeDeploy's events, and wakes the releases that they may concern. A message is deleted once
 * the wake is stored, so it is not lost with the process; replicas may share the queue. Without a queue, polling sees the same, only later.
 */
export function startAwsEvents({ store, queue, clock, log, count, onSignal }: AwsEventsDeps): {
  stop(): Promise<void>
} {
  const abort = new AbortController()
  const woken = new Map<string, number>()
  const loop = new Loop({
    round,
    onError: { message: 'the events of AWS could not be handled', backOffMs: backOffMs.passing },
    log,
  })

  async function round(): Promise<number> {
    try {
      const messages = await queue.receive(abort.signal)
      if (messages.length > 0) await handle(messages)
      return 0
    } catch (error) {
      if (loop.isStopped) return Number.POSITIVE_INFINITY
      const kind = error instanceof Trouble ? error.kind : 'passing'
      log.warn({ err: error, queue: queue.url }, 'the queue of AWS events could not be read; polling goes on')
      return backOffMs[kind]
    }
  }

  async function handle(messages: readonly AwsMessage[]): Promise<void> {
    const releases = await store.inFlight()
    const waking = new Set<string>()
    for (const { signal, sentAt } of messages) {
      const concerned = signal === null ? [] : concernedBy(signal, releases)
      const isOld = sentAt !== null && sentAt < clock() - oldMs
      count(signal === null ? 'unknown' : isOld ? 'old' : concerned.length > 0 ? 'woke' : 'nobody')
      if (isOld) continue
      for (const { id } of concerned) waking.add(id)
      if (signal !== null) onSignal(signal)
    }
    if (waking.size > 0) await wake([...waking], new Set(releases.map(({ id }) => id)))
    const left = await queue.delete(messages.map(({ receipt }) => receipt))
    if (left > 0) log.warn({ left, queue: queue.url }, 'messages of the queue could not be deleted')
  }

  async function wake(ids: readonly string[], inFlight: ReadonlySet<string>): Promise<void> {
    const now = clock()
    for (const id of woken.keys()) if (!inFlight.has(id)) woken.delete(id)
    await store.transact(async (tx) => {
      for (const id of ids) {
        const at = Math.max(now, Math.min((woken.get(id) ?? 0) + pauseMs, now + pauseMs))
        await tx.wake(id, at)
        woken.set(id, at)
      }
    })
  }

  loop.wake()
  return {
    stop() {
      abort.abort()
      return loop.stop()
    },
  }
}

/**
 * The releases that may have changed by this event. A deployment of CodeDeploy that none of them follows is new, or a
 * rollback: it may be anybody's.
 */
function concernedBy(signal: AwsSignal, releases: readonly Release[]): readonly Release[] {
  const there = releases.filter((release) => concerns(signal, release))
  if (signal.of !== 'deployment') return there
  const isFollowed = there.some((release) => followed(release).includes(signal.id))
  if (!isFollowed) return there
  return there.filter((release) => followed(release).some((id) => id === signal.id || id === null))
}

/** By ECS's or CodeDeploy's id, the rollouts of a release; null: not found yet. */
function followed({ tracks }: Release): readonly (string | null)[] {
  return tracks.rollouts.map(({ seen }) => seen?.deploymentId ?? null)
}

/** Whether the release may have changed by this event. */
function concerns(signal: AwsSignal, { targets, migration }: Release): boolean {
  if (signal.of !== 'family') return targets.some((target) => isAbout(signal, target))
  return (
    migration !== null &&
    isThere(signal, migration) &&
    migration.family === signal.family &&
    migration.cluster === signal.cluster
  )
}
