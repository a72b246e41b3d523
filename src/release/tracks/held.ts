import type { Draft } from '../draft.ts'
import { type Time, targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { Hindrance, MigrationSighting, RolloutSighting } from '../sighting.ts'
import { byAws, byOurs } from '../span.ts'
import { isMoving, type RolloutTrack, type RunTrack } from '../tracks.ts'

/**
 * How long something may be blocked before it is posted, ms. Tasks that fail once, or wait for a moment, are part of
 * many releases.
 */
function patienceMs({ settleMs }: Release): number {
  return 2 * settleMs
}

/** The fields of a track that say what blocks it, and since when. */
type Kept = { readonly seen: { readonly heldBy?: Hindrance } | null; readonly heldSince?: Time | null }

/**
 * Since when something blocks a run or a rollout, by our clock; null: nothing is known to. If one cause follows
 * another, the time when it was first seen.
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

/** Posts once in the thread what blocks a run for long, and again if something else does. */
export function reportBlockedRun(draft: Draft, { id, seen, heldSince: since = null }: RunTrack): void {
  if (seen === null || since === null || draft.now - since < patienceMs(draft.release)) return
  draft.post(heldRunKey(id, since), { tell: 'run-held', run: seen, since })
}

/** Key of the posts that say what blocks a run. */
export function heldRunKey(id: number, since: Time): string {
  return `run-held-${id}-${since}`
}

/** Posts once in the thread what blocks a rollout for long. */
export function reportBlockedRollout(draft: Draft, { target, seen, heldSince: since }: RolloutTrack): void {
  if (seen === null || since === null || draft.now - since < patienceMs(draft.release)) return
  const key = `rollout-held-${targetName(target)}-${seen.deploymentId}`
  draft.post(key, { tell: 'rollout-held', target, rollout: seen, since })
}

/** Posts once in the thread that ECS has not started a migration for long. */
export function reportBlockedMigration(draft: Draft, migration: MigrationSighting): void {
  const { release, now } = draft
  if (migration.heldBy === undefined) return
  if (byAws(release, now) - migration.createdAt >= patienceMs(release))
    draft.post(`migration-held-${migration.taskArn}`, { tell: 'migration-held', migration })
}

/** How long a rollout may stand still before that is posted, as a multiple of `settleMs`. */
const standstillFactor = 5

/**
 * Posts once that a rollout stands still, if nothing that is known blocks it. A pause waits for people, and a stage
 * that lasts for a configured time may take it.
 */
export function reportStandstill(
  draft: Draft,
  { target, seen, heldSince: held, movedAt }: RolloutTrack,
): void {
  const { release, now } = draft
  if (seen === null || movedAt === undefined || held !== null) return
  if (seen.verdict !== 'moving' && seen.verdict !== 'rolling back') return
  if (now - movedAt < standstillFactor * release.settleMs + (seen.shift?.lastsMs ?? 0)) return
  const key = `rollout-still-${targetName(target)}-${seen.deploymentId}`
  draft.post(key, { tell: 'rollout-still', target, rollout: seen, since: movedAt })
}

/**
 * Posts once that a rollout takes longer than configured, and what blocks it. If there are several, it names the one
 * with a known cause.
 */
export function warnLateRollout(draft: Draft): void {
  const { release, now } = draft
  const { rolloutMs: afterMs } = release.deadlines
  const late = lateRollouts(release, byAws(release, now) - afterMs)
  const named = late.find(({ heldBy }) => heldBy !== undefined) ?? late[0]
  if (named)
    draft.post('late-rollout', {
      tell: 'late',
      track: 'rollout',
      afterMs,
      why: named.heldBy?.words ?? named.reason,
    })
}

/** A pause waits for people, and what it does then is on the card. */
function isLate({ verdict, createdAt, shift }: RolloutSighting, then: Time): boolean {
  return isMoving(verdict) && verdict !== 'paused' && createdAt < then - (shift?.lastsMs ?? 0)
}

/** Rollouts in progress that began before then, by AWS's clock. */
function lateRollouts({ tracks }: Release, then: Time): readonly RolloutSighting[] {
  return tracks.rollouts.flatMap(({ seen }) => (seen !== null && isLate(seen, then) ? seen : []))
}
