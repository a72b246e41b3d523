import { carriedId } from '../carried-id.ts'
import type { Context } from '../context.ts'
import { concerned, type Draft } from '../draft.ts'
import type { Observation } from '../look.ts'
import { type Target, type Time, targetName } from '../names.ts'
import { isFollowedAfterEnd, type Release, unfinished } from '../release.ts'
import type { RolloutSighting, RolloutVerdict, TargetSighting } from '../sighting.ts'
import { byAws, clockSkewMs, spanOf } from '../span.ts'
import { type AfterEndTrack, isMoving, type RolloutAfterEnd, type RolloutTrack } from '../tracks.ts'
import { isWatchOver, watchedSince, watchedUntil } from '../watch-period.ts'
import { foundIn, isFollowedByEcs, noteFound, seenAgain } from './rollouts-after-end.ts'
import { evidenceOf, sightingOf } from './whose-rollout.ts'

/** The longest time between two looks for late rollouts, ms. */
const rarestMs = 30 * 60_000

/**
 * Whether rollouts that the run started elsewhere are searched: a workflow that only starts another one, or calls a CI,
 * has ended long before anything is rolled out. A rollout that was found is followed until ECS completes it.
 */
export function isWatchedForLate(release: Release): boolean {
  const { subject, tracks } = release
  const hasEnded = tracks.run?.endedAt != null && isFollowedAfterEnd(release)
  if (subject.kind === 'rollback' || !hasEnded) return false
  if (unfinished(release).length > 0 || isFollowedByEcs(release)) return false
  return tracks.afterEnd?.late !== 'over' || tracks.afterEnd.rollouts.some(isOpen)
}

/**
 * How long until the next look, ms: a tenth of the time since the end, or since the start of the followed rollout or
 * of a new attempt of the run. AWS and GitHub date those by their own clocks.
 */
export function untilLateLook(release: Release, now: Time, idleMs: number): number {
  const { tracks } = release
  const began = (tracks.afterEnd?.rollouts ?? []).filter(isOpen).map(({ rollout }) => rollout.createdAt)
  const again = tracks.again?.endedAt === null ? (tracks.again.run.startedAt ?? 0) : 0
  const ago = Math.min(
    now - watchedSince(release),
    ...[again, ...began].map((time) => byAws(release, now) - time),
  )
  return Math.max(idleMs, Math.min(rarestMs, Math.round(ago / 10)))
}

/**
 * Searches rollouts of the release's commit in its own services once its run has ended, and reports how each ended.
 * The end of the release does not change, and no lane is held meanwhile. A failed look is made again and delays
 * nothing.
 */
export function stepLateRollouts(
  draft: Draft,
  seen: Observation,
  { nextSentAt }: Pick<Context, 'nextSentAt'>,
): void {
  const { release, now } = draft
  const { tracks } = release
  if (seen.rollouts === undefined) return
  const before: AfterEndTrack = tracks.afterEnd ?? { checked: 'yes', rollouts: [] }
  const late = isWatchOver(release, nextSentAt, now) ? 'over' : 'looked for'
  if (!seen.rollouts.seen) {
    if (late === 'over' && before.late !== 'over') giveUp(draft, before, seen.rollouts.reason)
    return
  }
  const sightings = seen.rollouts.value
  const until = watchedUntil(release, nextSentAt)
  const found =
    before.late === 'over'
      ? []
      : tracks.rollouts.flatMap((track) => lateIn(release, track, { before, sightings, until }))
  const kept = firstOfEach(before.rollouts, found)
  noteFound(draft, 'rolled out late', kept)
  const updated = before.rollouts.map((known) => seenAgain(draft, known, sightings))
  const rollouts = [...updated, ...kept]
  const changed = rollouts.filter((each) => !before.rollouts.includes(each))
  draft.track({
    rollouts: tracks.rollouts.map((track) => servingNow(track, [...changed, ...found], sightings)),
    afterEnd: { ...before, rollouts, late },
  })
  for (const each of changed) if (each.evidence === 'late' && !isOpen(each)) reportEnd(draft, each)
  for (const each of found) if (!kept.includes(each)) reportMore(draft, each.target)
}

/**
 * How many late rollouts of a target are stored and posted. More would say nothing new if others redeploy the service
 * all day.
 */
const keptPerTarget = 3

function firstOfEach(
  known: readonly RolloutAfterEnd[],
  found: readonly RolloutAfterEnd[],
): readonly RolloutAfterEnd[] {
  const kept: RolloutAfterEnd[] = []
  for (const each of found) if (!isFull([...known, ...kept], each.target)) kept.push(each)
  return kept
}

function isFull(rollouts: readonly RolloutAfterEnd[], target: Target): boolean {
  const there = rollouts.filter(
    (each) => each.evidence === 'late' && targetName(each.target) === targetName(target),
  )
  return there.length >= keptPerTarget
}

function isOpen({ evidence, rollout }: RolloutAfterEnd): boolean {
  return evidence === 'late' && isMoving(rollout.verdict)
}

/** Rollouts that began there after the run had ended, and have the tag or the commit of the release. */
function lateIn(
  release: Release,
  track: RolloutTrack,
  {
    before,
    sightings,
    until,
  }: {
    readonly before: AfterEndTrack
    readonly sightings: readonly TargetSighting[]
    readonly until: Time
  },
): readonly RolloutAfterEnd[] {
  const runEnded = spanOf(release).until
  // For a settled run nobody knows its end, nor what it did between an unreadable end and the settlement.
  const since = isRunSettled(release) ? Math.min(runEnded, endedAtAws(release)) : runEnded
  // Rollouts that the service showed before the end were handled then, as far as the run may have begun them.
  const wasSeen = ({ deploymentId, createdAt }: RolloutSighting) =>
    track.shown.includes(deploymentId) && createdAt <= runEnded + clockSkewMs
  return foundIn(track, {
    known: before.rollouts,
    sighting: sightingOf(sightings, track.target),
    evidenceOf: (rollout) =>
      rollout.createdAt >= since - clockSkewMs &&
      rollout.createdAt < until &&
      !wasSeen(rollout) &&
      carriesRelease(release, rollout)
        ? 'late'
        : null,
  })
}

function isRunSettled({ tracks }: Release): boolean {
  return tracks.run?.settledBy !== undefined
}

function endedAtAws(release: Release): Time {
  const { stage } = release
  return stage.at === 'ended' ? byAws(release, stage.since) : Number.POSITIVE_INFINITY
}

/** A tag of another release belongs to that one. */
function carriesRelease(release: Release, rollout: RolloutSighting): boolean {
  if (rollout.releaseTag !== null && rollout.releaseTag !== carriedId(release)) return false
  const evidence = evidenceOf(release, rollout)
  return evidence === 'tag' || evidence === 'commit'
}

function servingNow(
  track: RolloutTrack,
  changed: readonly RolloutAfterEnd[],
  sightings: readonly TargetSighting[],
): RolloutTrack {
  const sighting = sightingOf(sightings, track.target)
  const isChanged = changed.some(({ target }) => sightingOf(sightings, target) === sighting)
  return sighting && isChanged ? { ...track, serving: sighting.serving } : track
}

/** Ends the search. Single failed looks are not mentioned; if none succeeded, the card says so. */
function giveUp(draft: Draft, before: AfterEndTrack, why: string): void {
  const checked = before.late === undefined ? 'unavailable' : before.checked
  draft.record('twokey', 'late rollouts not checked', { why })
  draft.track({ afterEnd: { ...before, checked, late: 'over' } })
}

/**
 * Posts in the channel if somebody must act, because nobody reads that thread by then. Only the first one mentions
 * people.
 */
function reportEnd(draft: Draft, late: RolloutAfterEnd): void {
  const { release } = draft
  const isBad = isBadEnd(late.rollout.verdict)
  const mention = isBad && !isMentioned(release) ? concerned(release, release.policy.approvers) : []
  draft.postEachTime(
    mention.length > 0 ? mentioned : 'late',
    { tell: 'rolled-out-late', late, mention },
    isBad ? 'channel' : 'thread',
  )
}

/** The prefix of the keys of posts that mention people. */
const mentioned = 'late-mentioned'

function isMentioned({ told }: Release): boolean {
  return told.some((key) => key.startsWith(mentioned))
}

/** Posts where the others were posted: in the channel if one of them ended badly. */
function reportMore(draft: Draft, target: Target): void {
  const rollouts = draft.release.tracks.afterEnd?.rollouts ?? []
  const isBad = rollouts.some(
    (each) => each.evidence === 'late' && isBadEnd(each.rollout.verdict) && !isOpen(each),
  )
  const where = isBad ? 'channel' : 'thread'
  draft.post(`more-late-${targetName(target)}`, { tell: 'more-rolled-out-late', target }, where)
}

/** Whether somebody must act on the end of a late rollout. */
export function isBadEnd(verdict: RolloutVerdict): boolean {
  return verdict !== 'succeeded' && verdict !== 'superseded'
}
