import type { Draft } from '../draft.ts'
import { familyOf, isMisdated } from '../log-names.ts'
import type { Look, Observation } from '../look.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import { jobsThatRan } from './run.ts'
import { tiedIn } from './whose-rollout.ts'

/** Families of rollouts that only the run's log can distinguish; empty: there are none. */
function familiesOpen({ tracks, ...release }: Release): readonly string[] {
  const { run, runLog, rollouts } = tracks
  const isOver = run?.seen != null && run.endedAt !== null && run.settledBy === undefined
  if (!isOver || runLog?.checked === 'yes' || runLog?.checked === 'unavailable') return []
  const tied = rollouts
    .filter(({ binding }) => binding === 'ambiguous')
    .flatMap(({ candidates }) => tiedIn({ ...release, tracks }, candidates))
  return [...new Set(tied.map(({ revision }) => familyOf(revision)))]
}

/** The families for which the run's log is to be read now; empty: not at all, or not again yet. */
function familiesInQuestion(release: Release): readonly string[] {
  return release.tracks.runLog === undefined ? familiesOpen(release) : []
}

/** Whether the end waits for the run's log, which is read once, when GitHub has all of it and it matters. */
export function isRunLogAwaited(release: Release): boolean {
  return familiesOpen(release).length > 0
}

/**
 * Handles the run's log. A log that cannot be read is tried a few times, then given up, because each try may read
 * nearly all of it.
 */
export function stepRunLog(draft: Draft, seen: Observation): void {
  resume(draft)
  if (familiesInQuestion(draft.release).length === 0 || seen.runLog === undefined) return
  const found = readLook(draft, 'runLog', seen.runLog)
  if (found) {
    draft.track({ runLog: { checked: 'yes', log: found.value } })
    draft.record('twokey', 'run log read', { ...found.value })
    return
  }
  const unavailable = draft.release.blind.runLog
  if (!unavailable?.lost) {
    draft.track({ runLog: { checked: 'not yet', triedAt: draft.now } })
    return
  }
  draft.track({ runLog: { checked: 'unavailable', why: unavailable.reason } })
  draft.record('twokey', 'run log not read', { why: unavailable.reason })
}

/** Makes another attempt if enough time has passed, and at once if our clock was set back meanwhile. */
function resume(draft: Draft): void {
  const { runLog } = draft.release.tracks
  if (runLog?.checked !== 'not yet') return
  const passed = draft.now - runLog.triedAt
  if (passed < 0 || passed >= untilNextTry(draft.release)) draft.track({ runLog: undefined })
}

/** The pause doubles after each try: with the default of a minute it is a quarter, a half and a whole one. */
function untilNextTry({ settleMs, blind }: Release): number {
  return (settleMs * 2 ** (blind.runLog?.times ?? 1)) / 8
}

/** The result of reading the log for a release whose rollout it did not identify; null: it was not read. */
export function runLogText(release: Release): string | null {
  const { runLog } = release.tracks
  if (runLog === undefined || runLog.checked === 'not yet') return null
  if (runLog.checked === 'unavailable') return `the run’s log could not be read: ${runLog.why}`
  const { names, extent } = runLog.log
  if (extent === 'part') return 'the run’s log was too large to read completely'
  if (isMisdated(release, names))
    return 'the times in the run’s log do not match the dispatch, possibly because the clock of the runner is behind'
  const few = names.slice(0, namesShown).map(({ name }) => name)
  return names.length === 0
    ? 'the run’s log mentions none of them'
    : `the run’s log mentions ${few.join(', ')}${names.length > few.length ? ' and others' : ''}, which does not tell them apart`
}

const namesShown = 3

export function looksOfRunLog(release: Release): readonly Look[] {
  const { subject, tracks } = release
  const families = familiesInQuestion(release)
  if (subject.kind === 'rollback' || families.length === 0) return []
  const jobs = jobsThatRan(tracks.run)
  return [{ look: 'runLog', repository: subject.repository, jobs, families }]
}
