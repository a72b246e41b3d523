import type { Draft } from '../draft.ts'
import { type Time, targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { Hindrance, MigrationSighting, RolloutSighting } from '../sighting.ts'
import { byAws, byOurs } from '../span.ts'
import { isMoving, type RolloutTrack, type RunTrack } from '../tracks.ts'

/** Tasks that fail once, or wait for a moment, are part of many releases: the thread is told of what lasts for longer, ms. */
function patienceMs({ settleMs }: Release): number {
  return 2 * settleMs
}

/** What of a run's or a rollout's track tells since when it is held. */
type Kept = { readonly seen: { readonly heldBy?: Hindrance } | null; readonly heldSince?: Time | null }

/**
 * Since when something keeps a run or a rollout from going on, by our clock; null while nothing is known to. Where one thing
 * follows upon another, that was when it was seen to.
 */
export function heldSince(
  { release, now }: Draft,
  { seen: before, heldSince: since = null }: Kept,
  heldBy: Hindrance | undefined,
): Time | null {
  if (heldBy === undefined) return null
  if (since === null) return heldBy.since === undefined ? now : Math.min(now, byOurs(release, heldBy.since))
  return before?.heldBy?.kind === heldBy.kind ? since : now
}

/** Says once in the thread what keeps a run from going on, where that lasts: again where another thing does. */
export function tellHeldRun(draft: Draft, { id, seen, heldSince: since = null }: RunTrack): void {
  if (seen === null || since === null || draft.now - since < patienceMs(draft.release)) return
  draft.post(heldRunKey(id, since), { tell: 'run-held', run: seen, since })
}

/** Key of the posts that say what keeps a run from going on. */
export function heldRunKey(id: number, since: Time): string {
  return `run-held-${id}-${since}`
}

/** Says once in the thread what keeps a rollout from going on, where that lasts. */
export function tellHeld(draft: Draft, { target, seen, heldSince: since }: RolloutTrack): void {
  if (seen === null || since === null || draft.now - since < patienceMs(draft.release)) return
  const key = `rollout-held-${targetName(target)}-${seen.deploymentId}`
  draft.post(key, { tell: 'rollout-held', target, rollout: seen, since })
}

/** Says once in the thread that ECS does not start a migration, where that lasts. */
export function tellHeldMigration(draft: Draft, migration: MigrationSighting): void {
  const { release, now } = draft
  if (migration.heldBy === undefined) return
  if (byAws(release, now) - migration.createdAt >= patienceMs(release))
    draft.post(`migration-held-${migration.taskArn}`, { tell: 'migration-held', migration })
}

/** Says once that a rollout takes longer than configured, and what keeps it: of several the one of which that is known. */
export function warnLateRollout(draft: Draft): void {
  const { release, now } = draft
  const { rolloutMs: afterMs } = release.deadlines
  const late = lateRollouts(release, byAws(release, now) - afterMs)
  const told = late.find(({ heldBy }) => heldBy !== undefined) ?? late[0]
  if (told)
    draft.post('late-rollout', {
      tell: 'late',
      track: 'rollout',
      afterMs,
      why: told.heldBy?.words ?? told.reason,
    })
}

/** Those that still move and began before then, by AWS's clock. */
function lateRollouts({ tracks }: Release, then: Time): readonly RolloutSighting[] {
  return tracks.rollouts.flatMap(({ seen }) =>
    seen !== null && isMoving(seen.verdict) && seen.createdAt < then ? seen : [],
  )
}
