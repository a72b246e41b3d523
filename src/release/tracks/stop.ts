import { controllerOf } from '../controller.ts'
import type { Draft } from '../draft.ts'
import type { Observation } from '../look.ts'
import { type PersonId, targetName } from '../names.ts'
import { isOwn } from '../policy/pause-round.ts'
import { markFreshMs } from '../preconditions/age.ts'
import type { Release } from '../release.ts'
import type { RolloutSighting } from '../sighting.ts'
import type { SteerAnswer } from '../steer.ts'
import { isMoving, type RolloutStop, type RolloutTrack } from '../tracks.ts'
import { nextSteer } from './steer-again.ts'

/** Whether ECS can still roll this rollout back, because it has not ended and is known to be the release's. */
export function isStoppable(track: RolloutTrack): boolean {
  return track.seen !== null && canRollBack(track.seen) && isOwn(track) && track.stop === undefined
}

/** Whether ECS rolls it out, and not back. */
function canRollBack({ verdict }: RolloutSighting): boolean {
  return isMoving(verdict) && verdict !== 'rolling back'
}

/** Whether a person has asked for the rollback of a rollout, and ECS has not refused it. */
export function isStopAsked({ tracks }: Release): boolean {
  return tracks.rollouts.some(({ stop }) => stop !== undefined && stop.refused === undefined)
}

/** Records the request for every rollout of the release that can be rolled back. */
export function askToStop(draft: Draft, by: PersonId): void {
  const { tracks } = draft.release
  const at = draft.now
  draft.track({
    rollouts: tracks.rollouts.map((track) =>
      isStoppable(track) ? { ...track, stop: { by, at, sent: null } } : track,
    ),
  })
}

/**
 * Asks ECS to roll back, and again while a later look shows that it does not. At a pause ECS is asked by its hook,
 * otherwise by the deployment.
 */
export function stepStop(draft: Draft, seen: Observation): void {
  if (seen.rollouts?.seen !== true) return
  for (const track of draft.release.tracks.rollouts) stopOne(draft, track)
}

function stopOne(draft: Draft, track: RolloutTrack): undefined {
  const { target, seen, stop } = track
  if (stop === undefined || stop.refused !== undefined || seen === null || !canRollBack(seen)) return
  const { now } = draft
  const next = nextSteer(stop.sent, now)
  if (next.is === 'wait') return
  if (next.is === 'give up')
    return noteRefusal(
      draft,
      track,
      `${controllerOf(seen)} was asked ${next.times} times to roll back, and does not`,
    )
  const { sent } = next
  const rollout = seen.arn
  const hookId = seen.pause?.hookId ?? null
  change(draft, track, { ...stop, sent })
  draft.record('twokey', 'roll back marked', { rollout, hook: hookId, attempt: sent.times })
  draft.addEffect({ do: 'stop-rollout', target, rollout, hookId, sendBy: now + markFreshMs })
}

/** ECS's answer to the request to roll back. What it did is seen at the next look. */
export function stopAnswered(draft: Draft, answer: SteerAnswer): undefined {
  if (answer.answer !== 'refused') return
  const name = targetName(answer.target)
  const track = draft.release.tracks.rollouts.find(({ target }) => targetName(target) === name)
  if (track) noteRefusal(draft, track, answer.reason)
}

function noteRefusal(draft: Draft, track: RolloutTrack, refused: string): undefined {
  if (track.stop === undefined) return
  change(draft, track, { ...track.stop, refused })
  draft.postEachTime('not-rolled-back', { tell: 'not-rolled-back', target: track.target, reason: refused })
}

function change(draft: Draft, { target }: RolloutTrack, stop: RolloutStop): void {
  const name = targetName(target)
  const rollouts = draft.release.tracks.rollouts.map((track) =>
    targetName(track.target) === name ? { ...track, stop } : track,
  )
  draft.track({ rollouts })
}
