import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import type { Checkpoint } from '../ports/ports.ts'
import type { Input } from '../release/input.ts'
import type { Observation } from '../release/look.ts'
import type { Time } from '../release/names.ts'
import type { Release } from '../release/release.ts'
import { looks } from '../release/watch.ts'
import { Loop } from '../runtime/loop.ts'
import { currentRules, type Settings } from '../settings/settings.ts'
import { Fenced, type Lease, type Store } from '../store/store.ts'
import { ClockWatch } from './clock-watch.ts'
import { type Committed, decideWithin } from './commit.ts'
import { observe } from './observe.ts'
import { cancelling } from './pending-stops.ts'
import { perform } from './perform.ts'
import { noteSeen } from './unreleased.ts'

export type EngineDeps = {
  readonly store: Store
  readonly outside: Outside
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Logger
  /** Who holds the leases: one name a process. */
  readonly owner: string
  readonly checkpoint: Checkpoint
  /** How long a lease lasts, ms; renewed at a third of it. */
  readonly leaseMs?: number
}

/** Drives the releases: claim, observe, decide, commit, perform. */
export type Engine = {
  /** A release may be due: look now. */
  wake(): void
  /** Takes no more, and waits until what is in hand is written down. */
  stop(): Promise<void>
}

/** How many releases are looked after at the same moment. */
const atOnce = 32

/** How long to sleep at most, ms: the clock may be set back meanwhile. */
const longestSleepMs = 5_000

/** After an error of the store, ms. */
const backOffMs = 1_000

/** After an error of our own the release waits this long, ms. */
const afterBugMs = 10_000

/** Starts the loop. */
export function startEngine(deps: EngineDeps): Engine {
  const { store, clock, log, owner, leaseMs = 15_000 } = deps
  const loop = new Loop({
    round,
    onError: { message: 'the store did not answer; looking again in a second', backOffMs },
    log,
  })
  const inHand = new Set<Promise<unknown>>()
  const notes = new Set<Promise<void>>()
  const clockWatch = new ClockWatch(store, clock)

  async function round(): Promise<number> {
    await noteSetBack()
    while (!loop.isStopped && inHand.size < atOnce) {
      const claim = await store.claim({ owner, now: clock(), leaseMs })
      if (claim === null) break
      const work = drive(claim.release, claim.lease).finally(() => {
        inHand.delete(work)
        loop.wake()
      })
      inHand.add(work)
      const noted = work.then(noteStep).finally(() => notes.delete(noted))
      notes.add(noted)
    }
    // The end of any of them is followed by the next round.
    if (inHand.size >= atOnce) return Number.POSITIVE_INFINITY
    const wake = await store.nextWake()
    return wake === null ? Number.POSITIVE_INFINITY : Math.min(wake - clock(), longestSleepMs)
  }

  /** What is driven learns of it, and what was to be done by the clock as it was is done now: looks, and what waits to go to Slack. */
  async function noteSetBack(): Promise<void> {
    const byMs = await clockWatch.untoldMs()
    if (byMs === 0) return
    log.warn({ ms: byMs }, 'the clock was set back: everything that waits is looked at now')
    const driven = [...(await store.inFlight()), ...(await store.awaitingAcknowledgement())]
    for (const id of new Set(driven.map((release) => release.id))) await tellSetBack(id, byMs)
    await store.transact((tx) => tx.wakeInFlight(clock(), null))
    await store.outbox.wake(clock())
    await clockWatch.told()
  }

  function tellSetBack(id: string, byMs: number): Promise<void> {
    return store.transact(async (tx) => {
      const release = await tx.releaseForUpdate(id)
      const input = { on: 'clock-set-back', byMs } as const
      if (release) await decideWithin(tx, { release, input, settings: deps.settings, now: clock() })
    })
  }

  async function drive(release: Release, first: Lease): Promise<Step | null> {
    const held = new HeldLease(store, first, leaseMs, clock)
    try {
      return await oneStep(deps, release, held)
    } catch (error) {
      if (error instanceof Fenced) log.info({ release: release.id }, 'another owner drives this release now')
      else await putOff(release, held, error)
      return null
    } finally {
      held.stopRenewing()
      await store.releaseLease(held.current()).catch((error: unknown) => {
        log.error({ err: error, release: release.id }, 'the lease could not be given back; it ends by itself')
      })
    }
  }

  /** Without the lease, so that the release moves on meanwhile: GitHub is asked for runs. */
  async function noteStep(step: Step | null): Promise<void> {
    if (step === null) return
    await noteSeen(deps, step.release, step.seen).catch((error: unknown) =>
      log.error({ err: error, release: step.release.id }, 'what no release made could not be noted'),
    )
  }

  /** An error of our own: the release stays where it was, and is tried again later. */
  async function putOff(release: Release, held: HeldLease, error: unknown): Promise<void> {
    log.error({ err: error, release: release.id }, 'a step failed; the release stays where it was')
    await store
      .transact(async (tx) => {
        await tx.releaseForUpdate(release.id, held.current())
        await tx.wake(release.id, clock() + afterBugMs)
      })
      .catch((second: unknown) =>
        log.error({ err: second, release: release.id }, 'the release could not be put off'),
      )
  }

  loop.wake()
  return {
    wake: () => loop.wake(),
    async stop() {
      await loop.stop()
      await Promise.all(inHand)
      await Promise.all(notes)
    },
  }
}

/** What was seen by a step, and the release as it was decided on it. */
type Step = { readonly release: Release; readonly seen: Observation }

/** One look and what follows from it. Null: nothing was decided. */
async function oneStep(deps: EngineDeps, release: Release, held: HeldLease): Promise<Step | null> {
  const { outside, settings, clock, checkpoint } = deps
  const seen = await observe(looks(release, currentRules(settings, release)), deps)
  const committed = await decideOnLook(deps, release.id, seen, held)
  if (committed === null || 'refused' in committed) return null
  if (committed.moved !== null) await checkpoint(`${committed.moved} committed`)
  for (const effect of committed.outside) {
    await checkpoint(`before ${effect.do}`)
    const answer = await perform(effect, outside, {
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

/**
 * Decides on what was just looked at. A process that was paused for longer than its lease holds an old answer, though no other
 * has taken the release: it looks again.
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
    if (held.holds(now)) return decideWithin(tx, { release, input: { on: 'look', seen }, settings, now })
    log.warn({ release: id }, 'twokey was paused while it looked; it looks again')
    await tx.wake(id, now)
    return null
  })
}

/** Whether what was marked for the release is still to be sent: nobody has cancelled or replaced it meanwhile, or asked to. */
function isWanted(store: Store, id: string): Promise<boolean> {
  return store.transact(async (tx) => {
    const release = await tx.release(id)
    if (release === null || release.cancelAsked !== null || release.supersededBy !== null) return false
    return cancelling(release, await tx.pendingItems()) === 'nobody'
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
      // What was looked at before its end is old: it is not made good afterwards.
      if (!this.holds(clock())) return this.stopRenewing()
      store.renew(this.#lease, clock() + leaseMs).then(
        (renewed) => {
          this.#lease = renewed
        },
        // Not renewed is not yet lost; what is written next is fenced, and nothing is sent after its end.
        () => this.stopRenewing(),
      )
    }, leaseMs / 3)
    this.#timer.unref()
  }

  current(): Lease {
    return this.#lease
  }

  /** Whether its end has not come yet. */
  holds(now: Time): boolean {
    return now < this.#lease.until
  }

  stopRenewing(): void {
    clearInterval(this.#timer)
  }
}
