import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import type { GitHubSignal } from '../ports/github-signal.ts'
import { Loop } from '../runtime/loop.ts'
import type { Store } from '../store/store.ts'
import { PacedTurns } from './paced-turns.ts'
import type { Gates } from './waiting-runs.ts'

export type GitHubSignalsDeps = {
  readonly store: Pick<Store, 'transact'>
  readonly gates: Pick<Gates, 'look'>
  readonly clock: Clock
  readonly log: Logger
}

/** What follows from the webhooks of GitHub, each of which only says where to look. */
export type GitHubSignals = {
  /** Takes note, and returns at once. */
  receive(signal: GitHubSignal): void
  stop(): Promise<void>
}

/** How often one run's releases are woken at most, ms: the jobs of a matrix start in the same second. */
const pauseMs = 1_000

/** The pause after an error of the store, ms. */
const afterErrorMs = 1_000

/** Starts the loop that wakes the releases of a run, and hands on where gates have to be looked at. */
export function startGitHubSignals({ store, gates, clock, log }: GitHubSignalsDeps): GitHubSignals {
  const runs = new PacedTurns<number>({ urgent: pauseMs, other: pauseMs })
  const loop = new Loop({
    round,
    onError: { message: 'the releases of a webhook could not be woken', backOffMs: afterErrorMs },
    log,
  })

  async function round(): Promise<number> {
    const now = performance.now()
    for (let due = runs.take(now); due; due = runs.take(now)) await wake(due.name)
    return runs.waitMs(performance.now())
  }

  async function wake(runId: number): Promise<void> {
    await store.transact(async (tx) => {
      for (const { id } of await tx.releasesOfRun(runId)) await tx.wake(id, clock())
    })
  }

  return {
    receive({ repository, runId, isUrgent }) {
      gates.look(repository, { isUrgent })
      if (runId === null) return
      runs.ask(runId, { isUrgent, now: performance.now() })
      loop.wakeIn(runs.waitMs(performance.now()))
    },
    stop: () => loop.stop(),
  }
}
