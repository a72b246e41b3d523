import type { Context } from '../context.ts'
import { concerned, type Draft } from '../draft.ts'
import type { GateVerdict } from '../effects.ts'
import type { Look, Observation } from '../look.ts'
import type { Time } from '../names.ts'
import { approvalVerdict } from '../policy/approval-round.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import type { GateSighting, Reviewers } from '../sighting.ts'
import type { Subject } from '../subject.ts'
import type { GateTrack } from '../tracks.ts'
import { reportAtGate } from './gate-report.ts'
import { foundRun } from './run.ts'

export type GateSubject = Extract<Subject, { kind: 'gate' }>

/** How long a review may be under way before GitHub shows it, ms. Then it is looked at and sent again. */
export const reviewAgainMs = 5_000

/** The look at the gate while the run waits there. */
export function looksAtGate({ id: releaseId, subject, tracks }: Release): readonly Look[] {
  if (subject.kind !== 'gate' || tracks.gate?.is !== 'waiting') return []
  const { repository, githubEnvironment: environment, run } = subject
  const { id: runId, attempt, since } = run
  return [
    {
      look: 'gate',
      repository,
      runId,
      attempt,
      environment,
      releaseId,
      ...(since !== undefined && { since }),
    },
  ]
}

/**
 * Reads the gate. Returns what GitHub shows, or null if that could not be read, or no gate is waited for. A run that GitHub
 * does not show counts as gone after `settleMs`.
 */
export function readGate(draft: Draft, seen: Observation): GateSighting | null {
  if (looksAtGate(draft.release).length === 0) return null
  const sighting = readLook(draft, 'gate', seen.gate)?.value ?? null
  return sighting === null || isGoneForNow(draft, sighting) ? null : sighting
}

function isGoneForNow(draft: Draft, sighting: GateSighting): boolean {
  const { tracks, settleMs } = draft.release
  if (!tracks.gate) return false
  const { goneSince, ...gate } = tracks.gate
  if (sighting.gate !== 'gone') {
    if (goneSince !== undefined) draft.track({ gate })
    return false
  }
  if (goneSince === undefined) draft.track({ gate: { ...gate, goneSince: draft.now } })
  return goneSince === undefined || draft.now - goneSince < settleMs
}

/**
 * Handles a look at the gate before the approvals are in, and just before it is opened: somebody may have decided on
 * GitHub meanwhile, or the run may have ended.
 */
export function stepGate(
  draft: Draft,
  seen: Observation,
  context: Pick<Context, 'holders' | 'hasCard'>,
): void {
  const sighting = readGate(draft, seen)
  const { subject } = draft.release
  if (sighting === null || subject.kind !== 'gate') return
  switch (sighting.gate) {
    case 'waiting':
      noteWaiting(draft, sighting)
      if (sighting.takesReports && context.hasCard) reportAtGate(draft)
      break
    case 'passed':
      followOpened(draft, subject, sighting.by, context)
      break
    case 'rejected':
    case 'run ended':
    case 'started again':
    case 'gone':
      endWithGate(draft, sighting)
  }
}

/** Stores what the card shows of the gate: GitHub's wait timer, and why twokey cannot open it. */
function noteWaiting(draft: Draft, { until, may }: Extract<GateSighting, { gate: 'waiting' }>): void {
  const { gate } = draft.release.tracks
  if (!gate) return
  const { timerUntil, mayNot, ...rest } = gate
  const why = typeof may === 'object' ? may.not : may === 'unlisted' ? mayNot : undefined
  if (timerUntil === until && mayNot === why) return
  draft.track({
    gate: {
      ...rest,
      ...(until !== undefined && { timerUntil: until }),
      ...(why !== undefined && { mayNot: why }),
    },
  })
  if (why !== undefined && why !== mayNot) draft.record('twokey', 'cannot open the gate', { why })
}

/**
 * The gate is open. Unless twokey sent an approval of its own before, somebody opened it on GitHub, which is reported. The
 * run is followed to its end either way.
 */
function followOpened(
  draft: Draft,
  subject: GateSubject,
  by: Reviewers,
  context: Pick<Context, 'holders'>,
): void {
  const { gate } = draft.release.tracks
  if (!gate) return
  const others = othersWhoOpened(gate, by)
  if (others !== null) reportOpened(draft, others, 'goes on')
  notePassed(draft, { ...gate, ...(others !== null && { openedBy: others }) }, context)
  followRun(draft, subject)
}

/** Stores that the run has passed the gate, and holds the lanes, as for a run that was sent. */
export function notePassed(draft: Draft, gate: GateTrack, { holders }: Pick<Context, 'holders'>): void {
  draft.track({ gate: { ...gate, is: 'passed' } })
  // The times of AWS are compared with the request, which is before the gate was passed.
  draft.change({ sentAt: draft.now })
  if (holders.length === 0) draft.addEffect({ do: 'hold-lanes', beside: [] })
}

/**
 * The logins of those who opened the gate without twokey; null: an approval that twokey sent did. GitHub may show no
 * review: then it is twokey's if twokey sent one.
 */
export function othersWhoOpened(
  { reviewedAt, approvedAt }: GateTrack,
  by: Reviewers,
): readonly string[] | null {
  if (by === 'twokey') return reviewedAt === null ? [] : null
  return by.length === 0 && approvedAt !== undefined ? null : by
}

export function reportOpened(draft: Draft, by: readonly string[], run: 'goes on' | 'is cancelled'): void {
  const { release } = draft
  const { missing, required } = approvalVerdict(release)
  const { stage } = release
  const after = stage.at === 'ended' ? { after: stage.outcome } : {}
  draft.record('twokey', 'gate opened on GitHub', { by, missing, ...after })
  const mention = concerned(release, release.policy.approvers)
  draft.post('gate-opened', { tell: 'gate-opened-outside', by, missing, required, mention, run }, 'channel')
}

/** From now on the run is followed as one that twokey dispatched. */
export function followRun(draft: Draft, { run }: GateSubject): void {
  foundRun(draft, { id: run.id, attempt: run.attempt, url: run.url, seen: null })
}

type Closed = Extract<GateSighting, { gate: 'rejected' | 'run ended' | 'started again' | 'gone' }>

/** Ends a release whose run will not pass the gate any more. */
export function endWithGate(draft: Draft, sighting: Closed): void {
  const { gate } = draft.release.tracks
  const { newer = undefined } = sighting.gate === 'run ended' ? sighting : {}
  if (gate) draft.track({ gate: { ...gate, is: 'closed', ...(newer && { newer }) } })
  switch (sighting.gate) {
    case 'rejected':
      draft.end('rejected', `rejected on GitHub${byText(sighting.by)}; nothing was rolled out`)
      break
    case 'started again':
      draft.end(
        'superseded',
        `the run was started again as attempt ${sighting.attempt}, which asks for approvals of its own`,
      )
      break
    case 'gone':
      if (gate?.approvedAt === undefined)
        draft.end('cancelled', 'GitHub no longer shows the run, which had not passed the gate')
      else endUnseen(draft, 'GitHub no longer shows the run')
      break
    case 'run ended':
      if (newer) draft.end('superseded', `${sighting.reason}, before it passed the gate`)
      else if (sighting.verdict === 'cancelled')
        draft.end('cancelled', 'the run was cancelled on GitHub before it passed the gate')
      else draft.end('failed', `the run ended before it passed the gate: ${sighting.reason}`)
  }
}

/** Ends a release whose approval was sent, because twokey cannot find out what became of the run. */
export function endUnseen(draft: Draft, why: string): undefined {
  draft.end(
    'unknown',
    `the gate was approved on GitHub, but twokey could not read whether the run went on: ${why}`,
  )
}

function byText(by: Reviewers): string {
  if (by === 'twokey') return ' by twokey'
  return by.length === 0 ? '' : ` by ${by.join(', ')}`
}

/** Marks that twokey sends its review, with the comment that GitHub shows. */
export function reviewGate(
  draft: Draft,
  { verdict, sendBy, comment }: { verdict: GateVerdict; sendBy: Time; comment: string },
): void {
  const { subject, tracks } = draft.release
  if (subject.kind !== 'gate' || !tracks.gate) return
  const { repository, githubEnvironment: environment, run } = subject
  const { now } = draft
  draft.track({
    gate: { ...tracks.gate, reviewedAt: now, ...(verdict === 'approved' && { approvedAt: now }) },
  })
  draft.record('twokey', 'gate review marked', { run: run.id, attempt: run.attempt, environment, verdict })
  const { id: runId, attempt } = run
  draft.addEffect({
    do: 'review-gate',
    repository,
    runId,
    attempt,
    environment,
    verdict,
    comment,
    sendBy,
  })
}

/** Whether a review was sent so recently that GitHub may not show it yet. */
export function isUnderReview({ reviewedAt }: GateTrack, now: Time): boolean {
  return reviewedAt !== null && now >= reviewedAt && now - reviewedAt < reviewAgainMs
}
