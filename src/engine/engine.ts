import type { Logger } from 'pino'
import { cardAddress } from '../messages/places.ts'
import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import type { Checkpoint } from '../ports/ports.ts'
import type { OutsideEffect } from '../release/effects.ts'
import type { Input } from '../release/input.ts'
import type { Observation } from '../release/look.ts'
import type { Time } from '../release/names.ts'
import { looks } from '../release/next-look.ts'
import type { Release } from '../release/release.ts'
import { Loop } from '../runtime/loop.ts'
import { currentRules, type Settings } from '../settings/settings.ts'
import { Fenced, type Lease, type Store } from '../store/store.ts'
import { ClockWatch } from './clock-watch.ts'
import { type Committed, decideWithin } from './commit.ts'
import { DowntimeWatch } from './downtime.ts'
import { observe } from './observe.ts'
import { hasPendingCancel, pendingRequests } from './pending-stops.ts'
import { perform } from './perform.ts'
import { recordSeen } from './unreleased.ts'

export type EngineDeps = {
  readonly store: Store
  readonly outside: Outside
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Logger
  /** The owner of the leases, one name per process. */
  readonly owner: string
  readonly checkpoint: Checkpoint
  /** The web address of the Slack workspace; absent: not known. */
  readonly workspace?: string | undefined
  /** How long a lease lasts, ms; renewed at a third of it. */
  readonly leaseMs?: number
}

/** Drives the releases: claim, observe, decide, commit, perform. */
export type Engine = {
  /** Checks now whether a release is due. */
  wake(): void
  /** Claims nothing more, and waits until the steps in progress are stored. */
  stop(): Promise<void>
}

/** How many releases are driven at the same time. */
const mostAtOnce = 32

/** The longest sleep, ms. It is short because the clock may be set back meanwhile. */
const longestSleepMs = 5_000

/** The pause after an error of the store, ms. */
const backOffMs = 1_000

/** How long a release waits after an internal error, ms. */
const afterErrorMs = 10_000

/** Starts the loop. */
export function startEngine(deps: EngineDeps): Engine {
  const { store, clock, log, owner, leaseMs = 15_000 } = deps
  const loop = new Loop({
    round,
    onError: { message: 'the store did not answer; trying again in a second', backOffMs },
    log,
  })
  const inProgress = new Set<Promise<unknown>>()
  const records = new Set<Promise<void>>()
  const clockWatch = new ClockWatch(store, clock)
  const downtime = new DowntimeWatch(store, clock)

  async function round(): Promise<number> {
    await handleSetBack()
    await downtime.noteUp()
    while (!loop.isStopped && inProgress.size < mostAtOnce) {
      const claim = await store.claim({ owner, now: clock(), leaseMs })
      if (claim === null) break
      const work = drive(claim.release, claim.lease).finally(() => {
        inProgress.delete(work)
        loop.wake()
      })
      inProgress.add(work)
      const recorded = work.then(recordUnreleased).finally(() => records.delete(recorded))
      records.add(recorded)
    }
    // The end of any step starts the next round.
    if (inProgress.size >= mostAtOnce) return Number.POSITIVE_INFINITY
    const wake = await store.nextWake()
    return wake === null ? Number.POSITIVE_INFINITY : Math.min(wake - clock(), longestSleepMs)
  }

  /**
   * Passes a clock that was set back to each driven release, and wakes what waits by the earlier clock: releases and
   * messages to Slack.
   */
  async function handleSetBack(): Promise<void> {
    const byMs = await clockWatch.unreportedMs()
    if (byMs === 0) return
    log.warn({ ms: byMs }, 'the clock was set back: everything that waits is checked now')
    const driven = [...(await store.inFlight()), ...(await store.awaitingAcknowledgement())]
    for (const id of new Set(driven.map((release) => release.id))) await reportSetBack(id, byMs)
    await store.transact((tx) => tx.wakeInFlight(clock(), null))
    await store.outbox.wake(clock())
    await clockWatch.reported()
  }

  function reportSetBack(id: string, byMs: number): Promise<void> {
    return store.transact(async (tx) => {
      const release = await tx.releaseForUpdate(id)
      const input = { on: 'clock-set-back', byMs } as const
      if (release) await decideWithin(tx, { release, input, settings: deps.settings, now: clock() })
    })
  }

  async function drive(release: Release, first: Lease): Promise<Step | null> {
    const held = new HeldLease(store, first, leaseMs, clock)
    try {
      return await runStep(deps, release, held)
    } catch (error) {
      if (error instanceof Fenced) log.info({ release: release.id }, 'another owner drives this release now')
      else await retryLater(release, held, error)
      return null
    } finally {
      held.stopRenewing()
      await store.releaseLease(held.current()).catch((error: unknown) => {
        log.error(
          { err: error, release: release.id },
          'the lease could not be released; it expires by itself',
        )
      })
    }
  }

  /** Runs without the lease, so that the release can continue while runs are requested from GitHub. */
  async function recordUnreleased(step: Step | null): Promise<void> {
    if (step === null) return
    await recordSeen(deps, step.release, step.seen).catch((error: unknown) =>
      log.error({ err: error, release: step.release.id }, 'rollouts outside twokey could not be recorded'),
    )
  }

  /** After an internal error the release keeps its stage and is tried again later. */
  async function retryLater(release: Release, held: HeldLease, error: unknown): Promise<void> {
    log.error({ err: error, release: release.id }, 'a step failed; the release keeps its stage')
    await store
      .transact(async (tx) => {
        await tx.releaseForUpdate(release.id, held.current())
        await tx.wake(release.id, clock() + afterErrorMs)
      })
      .catch((second: unknown) =>
        log.error({ err: second, release: release.id }, 'the release could not be delayed'),
      )
  }

  loop.wake()
  return {
    wake: () => loop.wake(),
    async stop() {
      await loop.stop()
      await Promise.all(inProgress)
      await Promise.all(records)
    },
  }
}

/** What a step observed, and the release as decided on it. */
type Step = { readonly release: Release; readonly seen: Observation }

/** Observes once, decides and performs. Null: nothing was decided. */
async function runStep(deps: EngineDeps, release: Release, held: HeldLease): Promise<Step | null> {
  const { outside, settings, clock, checkpoint } = deps
  const isMissing = Object.values(release.blind).some((each) => each !== undefined)
  const missed = isMissing ? 'something' : 'nothing'
  const seen = await observe(looks(release, currentRules(settings, release)), missed, deps)
  const committed = await decideOnLook(deps, release.id, seen, held)
  if (committed === null || 'refused' in committed) return null
  if (committed.moved !== null) await checkpoint(`${committed.moved} committed`)
  for (const effect of committed.outside) {
    await checkpoint(`before ${effect.do}`)
    const answer = await perform(await withCard(deps, release.id, effect), outside, {
      lease: () => held.current(),
      clock,
      isWanted: () => isWanted(deps.store, release.id),
    })
    await checkpoint(`after ${effect.do}`)
    await commit(deps, release.id, { on: 'answer', answer }, held)
    await checkpoint(`${effect.do} answer committed`)
  }
  return { release: committed.release, seen }
}

/** The effect; a report on GitHub with a link to the card, if that is known. */
async function withCard(
  { store, workspace }: EngineDeps,
  id: string,
  effect: OutsideEffect,
): Promise<OutsideEffect> {
  if (effect.do !== 'report-gate' || workspace === undefined) return effect
  const card = await store.card(id)
  if (card === null) return effect
  return { ...effect, comment: `${effect.comment} [Card in Slack](${cardAddress(card, workspace)})` }
}

/**
 * Decides on an observation. After a pause longer than its lease, a process holds an old observation, even if nobody
 * else claimed the release, so it observes again.
 */
async function decideOnLook(
  deps: EngineDeps,
  id: string,
  seen: Observation,
  held: HeldLease,
): Promise<Committed | null> {
  const { store, settings, clock, log } = deps
  return store.transact(async (tx) => {
    const release = await tx.releaseForUpdate(id, held.current())
    if (release === null) return null
    const now = clock()
    if (held.isValid(now)) return decideWithin(tx, { release, input: { on: 'look', seen }, settings, now })
    log.warn({ release: id }, 'twokey was paused while it observed; it observes again')
    await tx.wake(id, now)
    return null
  })
}

/**
 * Whether a marked effect is still to be sent: nobody has cancelled or replaced the release meanwhile, or requested
 * that.
 */
function isWanted(store: Store, id: string): Promise<boolean> {
  return store.transact(async (tx) => {
    const release = await tx.release(id)
    if (release === null || release.cancelAsked !== null || release.supersededBy !== null) return false
    return !hasPendingCancel(release, await pendingRequests(tx))
  })
}

/** Decides on the row as it is now, in one fenced transaction. */
async function commit(
  { store, settings, clock }: EngineDeps,
  id: string,
  input: Input,
  held: HeldLease,
): Promise<Committed | null> {
  return store.transact(async (tx) => {
    const release = await tx.releaseForUpdate(id, held.current())
    return release && decideWithin(tx, { release, input, settings, now: clock() })
  })
}

/** A lease that is renewed at a third of its length while a step takes long. */
class HeldLease {
  #lease: Lease
  readonly #timer: NodeJS.Timeout

  constructor(store: Store, first: Lease, leaseMs: number, clock: Clock) {
    this.#lease = first
    this.#timer = setInterval(() => {
      // An expired lease is not renewed, because the observation made under it is old.
      if (!this.isValid(clock())) return this.stopRenewing()
      store.renew(this.#lease, clock() + leaseMs).then(
        (renewed) => {
          this.#lease = renewed
        },
        // A failed renewal does not lose the lease yet. Later writes are fenced, and nothing is sent after its end.
        () => this.stopRenewing(),
      )
    }, leaseMs / 3)
    this.#timer.unref()
  }

  current(): Lease {
    return this.#lease
  }

  /** Whether the lease has not expired. */
  isValid(now: Time): boolean {
    return now < this.#lease.until
  }

  stopRenewing(): void {
    clearInterval(this.#timer)
  }
}
