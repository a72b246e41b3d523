import type { Draft } from '../draft.ts'
import { familyOf, isMisdated } from '../log-names.ts'
import type { Observation } from '../observation.ts'
import type { Release } from '../release.ts'
import { readLook } from './read-look.ts'
import { tiedIn } from './whose-rollout.ts'

/** The families of rollouts that nothing but the run's log may tell apart; none where its log is not to be read. */
export function familiesInQuestion({ tracks, ...release }: Release): readonly string[] {
  const { run, runLog, rollouts } = tracks
  const isOver = run?.seen != null && run.endedAt !== null && run.settledBy === undefined
  if (!isOver || runLog !== undefined) return []
  const tied = rollouts
    .filter(({ binding }) => binding === 'ambiguous')
    .flatMap(({ candidates }) => tiedIn({ ...release, tracks }, candidates))
  return [...new Set(tied.map(({ revision }) => familyOf(revision)))]
}

/** Whether the run's log is to be read: once, when GitHub has all of it and something hangs on it. */
export function isRunLogDue(release: Release): boolean {
  return familiesInQuestion(release).length > 0
}

/** Takes what the run's log names. One that cannot be read for long leaves things as they are. */
export function stepRunLog(draft: Draft, seen: Observation): void {
  if (!isRunLogDue(draft.release)) return
  const found = readLook(draft, 'runLog', seen.runLog)
  if (found) {
    draft.track({ runLog: { checked: 'yes', log: found.value } })
    draft.record('twokey', 'run log read', { ...found.value })
    return
  }
  const blind = draft.release.blind.runLog
  if (!blind?.lost) return
  draft.track({ runLog: { checked: 'unavailable', why: blind.reason } })
  draft.record('twokey', 'run log not read', { why: blind.reason })
}

/** What came of looking into it, for a release whose rollout it did not tell; null where it was not read. */
export function runLogWords(release: Release): string | null {
  const { runLog } = release.tracks
  if (runLog === undefined) return null
  if (runLog.checked === 'unavailable') return `the run’s log could not be read: ${runLog.why}`
  const { names, extent } = runLog.log
  if (extent === 'part') return 'the run’s log was too large to read whole'
  if (isMisdated(release, names))
    return 'the times in the run’s log do not fit the dispatch, as where the clock of the runner is behind'
  const few = names.slice(0, namesShown).map(({ name }) => name)
  return names.length === 0
    ? 'the run’s log names none of them'
    : `the run’s log names ${few.join(', ')}${names.length > few.length ? ' and others' : ''}, which does not tell them apart`
}

const namesShown = 3
