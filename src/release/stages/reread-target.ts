import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import type { Time } from '../names.ts'
import { applyResult } from '../preconditions/apply.ts'
import { rollbackTarget } from '../preconditions/rollback-target.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import { endedAhead } from './replaced-ended.ts'

/**
 * Reads what the card shows again before the last check if a replaced release has ended, because another revision may
 * run now.
 */
export function rereadRollbackTarget(draft: Draft, seen: Observation, context: Context): undefined {
  const { stage, subject } = draft.release
  const isEarly = stage.at === 'approval' || stage.at === 'wait'
  if (!isEarly || subject.kind !== 'rollback' || endedAhead(draft.release, context.holders).length === 0)
    return
  const facts = { release: draft.release, seen, context }
  if (!readLook(draft, 'rollbackTarget', seen.rollbackTarget)) return
  applyResult(draft, facts, { name: rollbackTarget.name, result: rollbackTarget.judge(facts) })
}

/** Reads the rollback's revision until the replaced releases have ended and the revision that runs then was read. */
export function looksAheadOf(release: Release): readonly Look[] {
  return release.behind.length > 0 ? rollbackTarget.looks(release) : []
}

/**
 * When the revision, or the gate at which a run waits, is read next.
 * @param polling `idleMs`: how often, ms
 */
export function untilLookAhead(
  { behind, tracks }: Release,
  now: Time,
  { idleMs }: { readonly idleMs: number },
): Time {
  return behind.length > 0 || tracks.gate?.is === 'waiting' ? now + idleMs : Number.POSITIVE_INFINITY
}
