import { commitSourceOf } from '../commit-source.ts'
import { concerned, type Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import { type Time, targetName } from '../names.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import type { RolloutSighting, TargetSighting } from '../sighting.ts'
import { clockSkewMs, spanOf } from '../span.ts'
import type { RolloutTrack } from '../tracks.ts'
import { heldSince, reportBlockedRollout, reportStandstill } from './held.ts'
import { firstUnapproved } from './rollout-track.ts'
import { bind, broughtBy, isSameRollout, sightingOf } from './whose-rollout.ts'

/** Handles a look at the rollouts of all targets. */
export function stepRollout(draft: Draft, seen: Observation): void {
  const sightings = readLook(draft, 'rollouts', unavailableIfGone(draft.release, seen.rollouts))
  const { run } = draft.release.tracks
  // An ended run is no longer read, so these were read after its end.
  const isAfterRun = run !== null && run.endedAt !== null && seen.run === undefined
  if (sightings) bindRollouts(draft, sightings.value, { isAfterRun })
}

/** A service or a followed rollout that is no longer shown could not be read. */
export function unavailableIfGone(
  { tracks }: Release,
  seen: Observation['rollouts'],
): Observation['rollouts'] {
  if (seen === undefined || !seen.seen) return seen
  const gone = tracks.rollouts.find((track) => !isShown(track, seen.value))
  if (!gone) return seen
  const reason = `ECS no longer shows ${gone.seen ? 'the rollout of ' : ''}${targetName(gone.target)}`
  return { seen: false, kind: 'terminal', reason }
}

function isShown({ target, binding, seen }: RolloutTrack, sightings: readonly TargetSighting[]): boolean {
  const there = sightingOf(sightings, target)
  if (!there || binding !== 'firm') return there !== undefined
  return there.rollouts.some((each) => isSameRollout(each, seen))
}

/**
 * Identifies this release's rollout in each target, once; from then on only that one is followed.
 * @param isAfterRun whether the look began after the run was seen to have ended
 */
export function bindRollouts(
  draft: Draft,
  sightings: readonly TargetSighting[],
  { isAfterRun }: { readonly isAfterRun: boolean },
): void {
  const rollouts = draft.release.tracks.rollouts.map((track) => {
    const sighting = sightingOf(sightings, track.target)
    if (!sighting) return track
    const bound = bind(draft.release, track, { sighting, isAfterRun, now: draft.now })
    return follow(draft, { before: track, bound }, sighting)
  })
  draft.track({ rollouts })
}

function follow(
  draft: Draft,
  { before: track, bound }: { readonly before: RolloutTrack; readonly bound: RolloutTrack },
  { serving, primary, deployments }: TargetSighting,
): RolloutTrack {
  const shown = [...new Set([primary.id, ...deployments])]
  if (bound.seen && !isSameRollout(bound.seen, track.seen))
    draft.record('twokey', 'rollout found', {
      rollout: bound.seen.arn,
      binding: bound.binding,
      revision: bound.seen.revision.name,
    })
  if (bound.seen && bound.seen.verdict !== track.seen?.verdict) onVerdictChanged(draft, track, bound.seen)
  const since = heldSince(draft, track, bound.seen?.heldBy)
  const held = { ...bound, ...progressOf(track, bound.seen, draft.now), shown, serving, heldSince: since }
  reportBlockedRollout(draft, held)
  reportStandstill(draft, held)
  return held
}

/** Since when the rollout is at its stage, and when it last moved; a request to stop is of the rollout that it was for. */
function progressOf(
  { seen: before, stageSince, movedAt, stop }: RolloutTrack,
  seen: RolloutSighting | null,
  now: Time,
): Pick<RolloutTrack, 'stageSince' | 'movedAt' | 'stop'> {
  if (seen === null) return { stageSince: undefined, movedAt: undefined, stop: undefined }
  const known = before !== null && isSameRollout(seen, before) ? before : null
  const isAtSameStage = known !== null && stageOf(known) === stageOf(seen)
  const hasMoved = !isAtSameStage || progressText(known) !== progressText(seen)
  return {
    stageSince: isAtSameStage ? (stageSince ?? now) : now,
    movedAt: hasMoved ? now : (movedAt ?? now),
    stop: known === null ? undefined : stop,
  }
}

/** A stage comes again with each step of traffic. */
function stageOf({ stage, shift, pause }: RolloutSighting): string {
  return JSON.stringify([stage, shift?.production, pause?.hookId])
}

function progressText({ verdict, counts }: RolloutSighting): string {
  return JSON.stringify([verdict, counts])
}

function onVerdictChanged(draft: Draft, track: RolloutTrack, rollout: RolloutSighting): void {
  const name = targetName(track.target)
  draft.record('twokey', `rollout ${rollout.verdict}`, { rollout: rollout.arn, reason: rollout.reason })
  if (rollout.verdict === 'rolling back')
    draft.post(`rolling-back-${name}`, { tell: 'rolling-back', target: track.target, rollout })
}

/** Posts once, before the end, that something runs that was not approved. */
export function reportUnapproved(draft: Draft): undefined {
  const { policy, told } = draft.release
  const reason = firstUnapproved(draft.release)
  if (reason === null || told.includes('unapproved')) return
  draft.record('twokey', 'image not approved', { reason })
  const mention = concerned(draft.release, policy.approvers)
  draft.post('unapproved', { tell: 'unapproved', reason, mention }, 'channel')
}

export function buildRolloutsLook(release: Release): Look {
  const { subject } = release
  const since = spanOf(release).since - clockSkewMs
  return {
    look: 'rollouts',
    commit: subject.kind !== 'rollback' ? subject.commit.sha : null,
    images: subject.kind !== 'rollback' ? 'unwanted' : 'wanted',
    source: commitSourceOf(release),
    targets: release.tracks.rollouts.map(({ target, seen, binding, answered }) => ({
      target,
      since,
      arn: (binding === 'firm' ? seen?.arn : broughtBy(answered)) ?? null,
    })),
  }
}
