import type { Draft } from '../draft.ts'
import { isSameOnGitHub, type Time } from '../names.ts'
import { openingComment } from './gate-comment.ts'

/**
 * The shortest and the longest pause between two reviews of a gate that GitHub still shows as closed, ms. It may wait for
 * another reviewer or a timer for days.
 */
const openAgainAfterMs = 15_000
const openAgainWithinMs = 10 * 60_000

/** How long after its mark the gate of a run may be opened, ms. */
const openFreshMs = 60_000

/**
 * Opens the gate of its own environment for a run that the release dispatched, or whose gate it has opened before: a
 * later job may ask again. Its head is what was approved, and nobody has stopped it.
 */
export function openOwnGate(draft: Draft): void {
  const { tracks, subject, cancelAsked, supersededBy, stage } = draft.release
  const { run, gate } = tracks
  if (subject.kind === 'rollback' || stage.at !== 'underway' || gate?.openedBy !== undefined) return
  if (run?.seen?.opens === undefined || run.endedAt !== null || run.head !== 'approved') return
  if (cancelAsked !== null || supersededBy !== null) return
  const environment = run.seen.opens.find((each) => isSameOnGitHub(each, subject.githubEnvironment))
  const { gateOpenedAt: at = null } = run
  if (environment === undefined) return
  if (at !== null && draft.now >= at && draft.now - at < openAgainPause(at, run.heldSince)) return
  draft.track({ run: { ...run, gateOpenedAt: draft.now } })
  draft.record('twokey', 'gate review marked', {
    run: run.id,
    attempt: run.attempt,
    environment,
    verdict: 'approved',
  })
  draft.addEffect({
    do: 'review-gate',
    repository: subject.repository,
    runId: run.id,
    attempt: run.attempt,
    environment,
    verdict: 'approved',
    comment: openingComment(draft.release),
    sendBy: draft.now + openFreshMs,
  })
}

/** Doubles while the same thing blocks the run. */
function openAgainPause(at: Time, blockedSince: Time | null | undefined): number {
  return Math.min(openAgainWithinMs, Math.max(openAgainAfterMs, at - (blockedSince ?? at)))
}
