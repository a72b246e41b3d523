import { carriedId } from '../carried-id.ts'
import { commitSourceOf } from '../commit-source.ts'
import { concerned, type Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import { targetName } from '../names.ts'
import { readLook } from '../read-look.ts'
import { isFollowedAfterEnd, type Release } from '../release.ts'
import type { RolloutSighting, TargetSighting } from '../sighting.ts'
import { byAws, clockSkewMs, spanOf } from '../span.ts'
import { type AfterEndTrack, isMoving, type RolloutAfterEnd, type RolloutTrack } from '../tracks.ts'
import { evidenceOf, isKnown, isReplacement, isSameRollout, sightingOf } from './whose-rollout.ts'

/**
 * Whether the services are still read although the run has ended: until they were read once after its end, and until ECS
 * completes the rollouts that began after the end of the release.
 */
export function isFollowedByEcs(release: Release): boolean {
  const { afterEnd, run } = release.tracks
  if (afterEnd === null || run?.endedAt == null || !isFollowedAfterEnd(release)) return false
  const isOpen = afterEnd.rollouts.some(
    ({ rollout, evidence }) => evidence !== 'late' && isMoving(rollout.verdict),
  )
  return afterEnd.checked === 'not yet' || (afterEnd.checked === 'yes' && isOpen)
}

/**
 * Handles a look at the release's own services after its end, because its run may update them again, such as over a
 * manual rollout during an incident. The end does not change.
 */
export function stepRolloutsAfterEnd(draft: Draft, seen: Observation): void {
  const { run, afterEnd, rollouts } = draft.release.tracks
  const before: AfterEndTrack = afterEnd ?? { checked: 'not yet', rollouts: [] }
  // A run that has ended is no longer read, so the services were read after its end.
  const isAfterRun = run !== null && run.endedAt !== null && seen.run === undefined
  const sightings = readLook(draft, 'rollouts', seen.rollouts)
  if (!sightings) {
    const unavailable = draft.release.blind.rollouts
    const isGivenUp = isAfterRun && unavailable?.lost === true
    if (isGivenUp) draft.record('twokey', 'rollouts after the end not checked', { why: unavailable.reason })
    draft.track({ afterEnd: isGivenUp ? { ...before, checked: 'unavailable' } : before })
    return
  }
  // After the services were read once after the run's end, later rollouts are somebody else's.
  const found =
    before.checked === 'not yet'
      ? rollouts.flatMap((track) =>
          sinceEnd(draft.release, track, { before, sighting: sightingOf(sightings.value, track.target) }),
        )
      : []
  const updated = before.rollouts.map((known) => seenAgain(draft, known, sightings.value))
  draft.track({
    rollouts: rollouts.map((track) => ({
      ...track,
      serving: sightingOf(sightings.value, track.target)?.serving ?? track.serving,
    })),
    afterEnd: {
      ...before,
      checked: isAfterRun ? 'yes' : before.checked,
      rollouts: [...updated, ...found],
    },
  })
  if (found.length > 0) report(draft, found)
}

/** Rollouts there after the end that are not known yet and may be the run's. */
function sinceEnd(
  release: Release,
  track: RolloutTrack,
  { before, sighting }: { readonly before: AfterEndTrack; readonly sighting: TargetSighting | undefined },
): readonly RolloutAfterEnd[] {
  const { stage } = release
  if (stage.at !== 'ended') return []
  const since = byAws(release, stage.since) - clockSkewMs
  const until = spanOf(release).until + clockSkewMs
  return foundIn(track, {
    known: before.rollouts,
    sighting,
    evidenceOf: (rollout) =>
      rollout.createdAt >= since &&
      rollout.createdAt <= until &&
      !track.shown.includes(rollout.deploymentId) &&
      !isReplacement(release, track, rollout)
        ? evidenceAfterEnd(release, track, rollout)
        : null,
  })
}

/**
 * Rollouts of a target with some evidence, that were not there before the dispatch, are no candidates and were not
 * found yet.
 */
export function foundIn(
  track: RolloutTrack,
  {
    known,
    sighting,
    evidenceOf,
  }: {
    readonly known: readonly RolloutAfterEnd[]
    readonly sighting: TargetSighting | undefined
    readonly evidenceOf: (rollout: RolloutSighting) => RolloutAfterEnd['evidence'] | null
  },
): readonly RolloutAfterEnd[] {
  const others = [...track.candidates, ...known.map(({ rollout }) => rollout), track.seen]
  let over = track.serving
  return (sighting?.rollouts ?? []).flatMap((rollout) => {
    const isNew = !isKnown(track, rollout) && !others.some((each) => isSameRollout(rollout, each))
    const evidence = isNew ? evidenceOf(rollout) : null
    if (evidence === null) return []
    const after = { target: track.target, rollout, over, evidence }
    over = rollout.revision
    return [after]
  })
}

/** A tag of another release, and another commit, belong to somebody else. */
function evidenceAfterEnd(
  release: Release,
  { seen }: RolloutTrack,
  rollout: RolloutSighting,
): RolloutAfterEnd['evidence'] | null {
  if (rollout.releaseTag !== null && rollout.releaseTag !== carriedId(release)) return null
  if (rollout.revision.arn === seen?.revision.arn) return 'own'
  const evidence = evidenceOf(release, rollout)
  return evidence === 'tag' || evidence === 'commit' ? 'own' : evidence
}

/** The rollout as ECS shows it now, until ECS completes it. */
export function seenAgain(
  draft: Draft,
  known: RolloutAfterEnd,
  sightings: readonly TargetSighting[],
): RolloutAfterEnd {
  if (!isMoving(known.rollout.verdict)) return known
  const shown = sightingOf(sightings, known.target)?.rollouts.find((each) =>
    isSameRollout(each, known.rollout),
  )
  const gone = { verdict: 'unknown', reason: 'ECS no longer shows it' } as const
  const rollout = shown ?? { ...known.rollout, ...gone }
  if (rollout.verdict !== known.rollout.verdict)
    draft.record('twokey', `rollout after the end ${rollout.verdict}`, {
      rollout: rollout.arn,
      reason: rollout.reason,
    })
  return { ...known, rollout }
}

/** Posts in the channel, because nobody reads that thread by then, with mentions if it is surely the release's version. */
function report(draft: Draft, found: readonly RolloutAfterEnd[]): void {
  noteFound(draft, 'rolled out after the end', found)
  const isOwn = found.some(({ evidence }) => evidence === 'own')
  const mention = isOwn ? concerned(draft.release, draft.release.policy.approvers) : []
  draft.postEachTime('after-end', { tell: 'rolled-out-after-end', rollouts: found, mention }, 'channel')
}

/** Adds an audit row for each rollout. */
export function noteFound(draft: Draft, what: string, found: readonly RolloutAfterEnd[]): void {
  for (const { target, rollout, over, evidence } of found)
    draft.record('twokey', what, {
      target: targetName(target),
      rollout: rollout.arn,
      deployment: rollout.deploymentId,
      revision: rollout.revision.arn,
      over: over?.arn ?? null,
      evidence,
    })
}

/** The look at rollouts in its own targets since its end, or since the end of its run if that came first. */
export function looksAtRolloutsAfterEnd(release: Release): readonly Look[] {
  const { stage, subject, targets } = release
  if (stage.at !== 'ended' || subject.kind === 'rollback') return []
  const since = Math.min(byAws(release, stage.since), spanOf(release).until) - clockSkewMs
  return [
    {
      look: 'rollouts',
      commit: subject.commit.sha,
      images: 'unwanted',
      source: commitSourceOf(release),
      targets: targets.map((target) => ({ target, since, arn: null })),
    },
  ]
}
