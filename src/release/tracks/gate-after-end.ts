import type { Context } from '../context.ts'
import { concerned, type Draft } from '../draft.ts'
import type { Observation } from '../look.ts'
import type { Time } from '../names.ts'
import type { Release } from '../release.ts'
import type { Reviewers } from '../sighting.ts'
import type { GateTrack } from '../tracks.ts'
import {
  type GateSubject,
  notePassed,
  othersWhoOpened,
  readGate,
  reportOpened,
  reviewAgainMs,
  reviewGate,
} from './gate.ts'
import { closingComment } from './gate-comment.ts'
import { cancelRun, trackRun } from './run.ts'

/** Whether a release has ended while its run still waits at the gate, which twokey then closes. */
export function isGateToBeClosed({ stage, tracks }: Release): boolean {
  return stage.at === 'ended' && tracks.gate?.is === 'waiting'
}

/** How long after its mark a rejection may be sent, ms. */
const rejectionFreshMs = 60_000

/** The longest pause between two rejections that GitHub does not take, ms. */
const rejectAgainWithinMs = 10 * 60_000

/** Whether a rejection was sent so recently that it is not sent again. The pause doubles from the end on. */
function isRejectedLately({ reviewedAt }: GateTrack, endedAt: Time, now: Time): boolean {
  if (reviewedAt === null || now < reviewedAt) return false
  return now - reviewedAt < Math.min(rejectAgainWithinMs, Math.max(reviewAgainMs, reviewedAt - endedAt))
}

/** After the end of a release whose run still waits: closes the gate, and looks until GitHub shows that. */
export function stepGateAfterEnd(draft: Draft, seen: Observation, context: Pick<Context, 'holders'>): void {
  const sighting = readGate(draft, seen)
  const { subject, tracks, stage } = draft.release
  const { gate } = tracks
  if (!gate || stage.at !== 'ended' || subject.kind !== 'gate') return
  if (sighting === null) {
    giveUpUnread(draft, gate, stage.since)
    return
  }
  switch (sighting.gate) {
    case 'waiting': {
      if (sighting.may !== 'review' || isRejectedLately(gate, stage.since, draft.now)) return
      const comment = closingComment(draft.release)
      reviewGate(draft, { verdict: 'rejected', sendBy: draft.now + rejectionFreshMs, comment })
      return
    }
    case 'passed':
      followOpenedLate(draft, subject, sighting.by, context)
      return
    case 'rejected':
    case 'run ended':
    case 'started again':
    case 'gone':
      draft.track({ gate: { ...gate, is: 'closed' } })
      draft.record('twokey', 'gate closed', { ...sighting })
  }
}

/** How long a job may wait at a gate before GitHub fails it, ms. Source: docs.github.com, custom deployment protection rules. */
const gateLastsMs = 30 * 24 * 60 * 60_000

/** No run waits any more at a gate that could not be read for as long as GitHub keeps it. */
function giveUpUnread(draft: Draft, gate: GateTrack, endedAt: Time): void {
  if (draft.now - endedAt < gateLastsMs) return
  draft.track({ gate: { ...gate, is: 'closed' } })
  draft.record('twokey', 'gate not followed any more', {})
}

/**
 * The gate was opened after the release had ended. Nobody wants the run of an approval that came too late, so it is
 * cancelled. One that somebody let through on GitHub goes on, unless a rollback has replaced the release. It is followed
 * to its end either way.
 */
function followOpenedLate(
  draft: Draft,
  { repository, run }: GateSubject,
  by: Reviewers,
  context: Pick<Context, 'holders'>,
): void {
  const { stage, tracks } = draft.release
  const { gate } = tracks
  if (!gate) return
  const others = othersWhoOpened(gate, by)
  const outcome = stage.at === 'ended' ? stage.outcome : null
  // After an unknown end a person looks whether the run is wanted.
  const isUnwanted = outcome === 'superseded' || (others === null && outcome !== 'unknown')
  if (others === null && isUnwanted) reportOpenedLate(draft, gate)
  else if (others !== null) reportOpened(draft, others, isUnwanted ? 'is cancelled' : 'goes on')
  notePassed(
    draft,
    { ...gate, ...(others !== null && { openedBy: others }), ...(isUnwanted && { isUnwanted }) },
    context,
  )
  trackRun(draft, run)
  if (isUnwanted) cancelRun(draft, { repository, runId: run.id })
}

function reportOpenedLate(draft: Draft, { approvedAt }: GateTrack): void {
  const { release } = draft
  draft.record('twokey', 'gate opened late', { approvedAt: approvedAt ?? null })
  const mention = concerned(release, release.policy.approvers)
  draft.post('gate-opened-late', { tell: 'gate-opened-late', mention }, 'channel')
}
