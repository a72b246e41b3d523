import type { Draft } from '../draft.ts'
import type { TargetSighting } from '../observation.ts'
import { targetName } from '../release.ts'

/**
 * Where authors may not approve, what ships is what was listed: where another commit serves by now, others ship as well,
 * and their authors may be among those who approved. The list was made of what the first target ran.
 */
export function authorsHold(draft: Draft, sightings: readonly TargetSighting[]): boolean {
  const { policy, subject, servingBefore, targets } = draft.release
  if (subject.kind === 'rollback' || policy.authorsMayApprove || policy.required === 0) return true
  const [first] = targets.map(targetName)
  const serving = sightings.find(({ target }) => targetName(target) === first)?.serving
  if (serving === undefined || isSame(serving.commit, servingBefore?.commit ?? null)) return true
  const { commit, name } = serving
  const of = commit === null ? 'whose commit cannot be told' : `commit ${commit.slice(0, 7)}`
  draft.note('twokey', 'serving differs', { was: servingBefore, is: serving })
  draft.end(
    'failed',
    `${name} serves by now (${of}), so more ships than was listed; authors may not approve, and who wrote the rest was not looked at; nothing was sent`,
  )
  return false
}

/** An image may carry a part of the sha. */
function isSame(one: string | null, other: string | null): boolean {
  return one === null || other === null ? one === other : one.startsWith(other) || other.startsWith(one)
}
