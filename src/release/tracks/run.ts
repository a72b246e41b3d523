import { concerned, type Draft } from '../draft.ts'
import { takes } from '../input-binding.ts'
import type { Look, Observation } from '../look.ts'
import type { PersonId, Time } from '../names.ts'
import { readLook } from '../read-look.ts'
import type { Release, Unavailability } from '../release.ts'
import type { HeadSighting, RunSighting, Seen } from '../sighting.ts'
import type { Shipped } from '../subject.ts'
import type { RunTrack } from '../tracks.ts'
import { changedPaths } from '../workflow-path.ts'
import { heldSince, reportBlockedRun } from './held.ts'
import type { RunTrackVerdict, Track } from './outcome.ts'
import { openOwnGate } from './own-gate.ts'
import { ownPart } from './own-part.ts'
import { reportReviews } from './reviews.ts'

/** Stores the run that was found. From then on the release is under way. */
export function foundRun(
  draft: Draft,
  { id, attempt = 1, url, seen }: { id: number; attempt?: number; url: string; seen: RunSighting | null },
): undefined {
  trackRun(draft, { id, attempt, url })
  draft.moveTo({ at: 'underway', since: draft.now })
  if (seen) seeRun(draft, seen)
}

/** Stores a run that is followed from now on. */
export function trackRun(draft: Draft, { id, attempt, url }: Pick<RunTrack, 'id' | 'attempt' | 'url'>): void {
  draft.track({
    run: { id, attempt, url, seen: null, head: 'unchecked', inProgressAt: null, endedAt: null },
  })
  draft.record('twokey', 'run found', { id, url, ...(attempt > 1 && { attempt }) })
}

/** Handles a look at the run: first its head, then its progress. */
export function stepRun(draft: Draft, seen: Observation): void {
  const { run } = draft.release.tracks
  if (run === null) return
  if (run.endedAt === null) {
    const found = readLook(draft, 'run', unavailableIfGone(seen.run, run.id))
    if (found) seeRun(draft, found.value)
  }
  reportReviews(draft)
  checkHead(draft, seen)
  stopForeignOrUnwanted(draft)
  openOwnGate(draft)
}

/** A known run that is no longer shown could not be read. */
function unavailableIfGone(search: Observation['run'], id: number): Seen<RunSighting> | undefined {
  if (search === undefined || !search.seen) return search
  if (search.value.found === 'one') return { seen: true, value: search.value.run }
  return { seen: false, kind: 'terminal', reason: `GitHub no longer shows the run ${id}` }
}

/**
 * How old the stored time of the run in progress may become, ms. It is not stored more often, because each time is a
 * write.
 */
const inProgressEveryMs = 30_000

function inProgressAt(last: Time | null, now: Time): Time {
  return last !== null && now >= last && now - last < inProgressEveryMs ? last : now
}

function seeRun(draft: Draft, sighting: RunSighting): void {
  const { run } = draft.release.tracks
  if (run === null || run.id !== sighting.id || run.attempt !== sighting.attempt) return
  const since = heldSince(draft, run, sighting.heldBy)
  const seen = ownPart(draft, sighting, since) ?? sighting
  const ended = seen.verdict !== 'moving'
  const track: RunTrack = {
    ...run,
    url: seen.url,
    seen,
    heldSince: ended ? null : since,
    inProgressAt: ended ? run.inProgressAt : inProgressAt(run.inProgressAt, draft.now),
    endedAt: ended ? draft.now : null,
  }
  draft.track({ run: track })
  reportBlockedRun(draft, track)
  if (ended) draft.record('twokey', `run ${seen.verdict}`, { id: seen.id, reason: seen.reason })
}

/**
 * Checks that the run has what was approved: the commit itself, or with the `sha` input a later commit of the branch,
 * with the same `.github` tree and the same paths outside it that the workflow runs.
 */
function checkHead(draft: Draft, seen: Observation): void {
  const { tracks, subject } = draft.release
  const { run } = tracks
  if (subject.kind === 'rollback' || !run?.seen || run.head !== 'unchecked') return
  const { headSha } = run.seen
  const judge = (isApproved: boolean, carries?: HeadSighting) => {
    const head = isApproved ? 'approved' : 'foreign'
    draft.track({ run: { ...run, head } })
    draft.record('twokey', `head ${head}`, { headSha, ...carries })
  }
  if (!takes(subject.inputs, 'sha')) judge(headSha === subject.commit.sha)
  else if (headSha === subject.tip) judge(true)
  else {
    const head = readLook(draft, 'headTree', seen.headTree)
    if (head) judge(isApprovedHead(head.value, subject), head.value)
  }
}

function isApprovedHead({ githubTree, paths, onBranch }: HeadSighting, subject: Shipped): boolean {
  return onBranch && githubTree === subject.githubTree && changedPaths(subject.paths, paths).length === 0
}

/** Says that the run started on another workflow or commit than was approved; null: that is not known. */
export function foreignHeadText({ tracks: { run } }: Pick<Release, 'tracks'>): string | null {
  if (!run?.seen || run.head !== 'foreign') return null
  return `the run started on ${run.seen.headSha.slice(0, 7)}, which is not what was approved`
}

/** Posts that once, before the end, because the run may ignore its cancellation and deploy. */
export function reportForeignHead(draft: Draft): void {
  const { release } = draft
  const reason = foreignHeadText(release)
  if (reason === null) return
  const mention = concerned(release, release.policy.approvers)
  draft.post('foreign-head', { tell: 'foreign-head', reason, mention }, 'channel')
}

/** The pause between two requests to cancel, ms. A 202 of GitHub does not mean that the run ends. */
const cancelAgainAfterMs = 30_000

function stopForeignOrUnwanted(draft: Draft): void {
  const { tracks, subject, cancelAsked, supersededBy, cancelSentAt } = draft.release
  const { run } = tracks
  if (subject.kind === 'rollback' || run === null || run.endedAt !== null) return
  const isUnwanted = tracks.gate?.isUnwanted === true
  if (run.head !== 'foreign' && cancelAsked === null && supersededBy === null && !isUnwanted) return
  if (cancelSentAt !== null && draft.now - cancelSentAt < cancelAgainAfterMs) return
  cancelRun(draft, { repository: subject.repository, runId: run.id })
}

/** Asks GitHub to cancel the run. */
export function cancelRun(draft: Draft, run: { readonly repository: string; readonly runId: number }): void {
  draft.record('twokey', 'run cancellation sent', { run: run.runId })
  draft.addEffect({ do: 'cancel-run', ...run })
}

/** Key of the post that the run is late. */
const lateRun = 'late-run'

/** Whether it was posted that the run takes longer than configured. */
function isRunLate({ told }: Release): boolean {
  return told.includes(lateRun)
}

/** Posts once that the run takes longer than configured, and what blocks it if that is known. */
export function warnLateRun(draft: Draft): void {
  const { tracks, deadlines, sentAt } = draft.release
  if (tracks.run === null || tracks.run.endedAt !== null || sentAt === null) return
  if (draft.now - sentAt > deadlines.runMs)
    draft.post(lateRun, {
      tell: 'late',
      track: 'run',
      afterMs: deadlines.runMs,
      ...whyLate(tracks.run.seen),
    })
}

function whyLate(seen: RunSighting | null): { readonly why?: string } {
  return seen?.heldBy === undefined ? {} : { why: seen.heldBy.words }
}

/** Whether the run could not be read for so long that twokey no longer waits. */
export function isRunUnavailable({ blind }: Release): boolean {
  return blind.run?.lost ?? false
}

/**
 * Whether the end of the run may never come: GitHub may show a run for ever that it can no longer cancel
 * (actions/runner#3872).
 */
export function isRunStuck(release: Release): boolean {
  return isRunLate(release) || isRunUnavailable(release)
}

/** Settles the run: it counts as ended, with an unknown result. */
export function settleRun(draft: Draft, by: PersonId): void {
  const { tracks, blind } = draft.release
  if (tracks.run === null || tracks.run.endedAt !== null) return
  draft.track({ run: { ...tracks.run, endedAt: draft.now, settledBy: by } })
  draft.change({ blind: { ...blind, run: undefined } })
  draft.record(by, 'run settled', { id: tracks.run.id })
}

/** The verdict of a settled run. What it contains is still checked as long as that can be read. */
function settledTrack(
  { seen, head }: RunTrack,
  headTree: Unavailability | undefined,
): Track<RunTrackVerdict> {
  const reason = 'the run was settled before its result was known'
  if (seen === null || head !== 'unchecked') return { verdict: 'unseen', reason }
  if (!headTree?.lost)
    return { verdict: 'moving', reason: 'twokey is checking the workflow that the run uses' }
  return {
    verdict: 'unseen',
    reason: `${reason}, and the workflow that it uses could not be checked: ${headTree.reason}`,
  }
}

/** The verdict of the run. It is final only once its head was checked too. */
export function runTrack({ tracks: { run }, blind }: Release): Track<RunTrackVerdict> {
  if (run?.settledBy !== undefined) return settledTrack(run, blind.headTree)
  if (!run?.seen || run.endedAt === null) {
    if (blind.run?.lost) return { verdict: 'unseen', reason: blind.run.reason }
    return { verdict: 'moving', reason: run?.seen?.reason ?? 'the run has started' }
  }
  const { verdict, reason } = run.seen
  if (run.head === 'unchecked') {
    if (!blind.headTree?.lost)
      return { verdict: 'moving', reason: 'twokey is checking the workflow that the run uses' }
    if (verdict === 'succeeded')
      return {
        verdict: 'unseen',
        reason: `the workflow that the run uses could not be checked: ${blind.headTree.reason}`,
      }
  }
  return { verdict: verdict === 'unknown' || verdict === 'moving' ? 'unseen' : verdict, reason }
}

/** The look at the run until it has ended, and at its head until that is checked. */
export function looksOfRun({ id: releaseId, subject, tracks: { run } }: Release): readonly Look[] {
  if (subject.kind === 'rollback' || run === null) return []
  const { repository, branch, tip, inputs, paths } = subject
  const looks: Look[] = []
  if (run.endedAt === null) {
    const { id: runId, attempt } = run
    looks.push({
      look: 'run',
      repository,
      runId,
      attempt,
      releaseId,
      ...(isAtGate(run) && { gate: 'seen' }),
    })
  }
  if (run.seen && run.head === 'unchecked' && run.seen.headSha !== tip && takes(inputs, 'sha'))
    looks.push({
      look: 'headTree',
      repository,
      branch,
      sha: run.seen.headSha,
      tip,
      paths: paths.map(({ path }) => path),
    })
  return looks
}

/** Whether a job of the run waited at a gate when it was last seen. */
function isAtGate({ seen }: RunTrack): boolean {
  return seen?.heldBy?.kind === 'gate' || seen?.opens !== undefined
}

/**
 * Jobs that ran, latest first, because one of the last ones deploys. GitHub also sets a start time on skipped jobs, which
 * have no log, and lists the jobs that an attempt keeps from the one before, with their times.
 */
export function jobsThatRan(run: RunTrack | null): readonly number[] {
  const beganAt = run?.seen?.startedAt ?? 0
  return (run?.seen?.jobs ?? [])
    .filter(
      ({ startedAt, completedAt, verdict }) =>
        startedAt !== null && verdict !== 'skipped' && (completedAt ?? beganAt) >= beganAt,
    )
    .map(({ id }) => id)
    .toReversed()
}
