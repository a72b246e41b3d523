import type { Draft } from '../draft.ts'
import type { MigrationSighting, RolloutSighting } from '../observation.ts'
import { type Release, type Time, targetName } from '../release.ts'
import { byAws } from '../span.ts'
import type { RolloutTrack } from '../tracks.ts'
import { isMoving } from './rollout-track.ts'

/** Tasks that fail once, or wait for a moment, are part of many releases: the thread is told of what lasts for longer, ms. */
function patienceMs({ settleMs }: Release): number {
  return 2 * settleMs
}

/** Since when something keeps the rollout from going on, by our clock; null while nothing is known to. */
export function heldSince(track: RolloutTrack, seen: RolloutSighting | null, now: Time): Time | null {
  return seen?.hindrance === undefined ? null : (track.heldSince ?? now)
}

/** Says once in the thread what keeps a rollout from going on, where that lasts. */
export function tellHeld(draft: Draft, { target, seen, heldSince: since }: RolloutTrack): void {
  if (seen === null || since === null || draft.now - since < patienceMs(draft.release)) return
  const key = `rollout-held-${targetName(target)}-${seen.deploymentId}`
  draft.tell(key, { tell: 'rollout-held', target, rollout: seen, since })
}

/** Says once in the thread that ECS does not start a migration, where that lasts. */
export function tellHeldMigration(draft: Draft, migration: MigrationSighting): void {
  const { release, now } = draft
  if (migration.hindrance === undefined) return
  if (byAws(release, now) - migration.createdAt >= patienceMs(release))
    draft.tell(`migration-held-${migration.taskArn}`, { tell: 'migration-held', migration })
}

/** Says once that a rollout takes longer than configured, and what keeps it: of several the one of which that is known. */
export function warnLateRollout(draft: Draft): void {
  const { release, now } = draft
  const { rolloutMs: afterMs } = release.deadlines
  const late = lateRollouts(release, byAws(release, now) - afterMs)
  const told = late.find(({ hindrance }) => hindrance !== undefined) ?? late[0]
  if (told)
    draft.tell('late-rollout', {
      tell: 'late',
      track: 'rollout',
      afterMs,
      why: told.hindrance ?? told.reason,
    })
}

/** Those that still move and began before then, by AWS's clock. */
function lateRollouts({ tracks }: Release, then: Time): readonly RolloutSighting[] {
  return tracks.rollouts.flatMap(({ seen }) =>
    seen !== null && isMoving(seen.verdict) && seen.createdAt < then ? seen : [],
  )
}
