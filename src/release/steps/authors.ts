import { whyUnknown } from '../carried.ts'
import type { Draft } from '../draft.ts'
import { targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { TargetSighting } from '../sighting.ts'

/** Whether it matters who wrote what ships: by what serves it is told what ships. */
export function authorsCount({ policy, subject }: Pick<Release, 'policy' | 'subject'>): boolean {
  return subject.kind === 'deploy' && !policy.authorsMayApprove && policy.required > 0
}

/**
 * Where authors may not approve, what ships is what was looked at: where a target runs another commit by now, others ship
 * as well, and their authors may be among those who approved.
 */
export function authorsHold(draft: Draft, sightings: readonly TargetSighting[]): boolean {
  const { subject, targets } = draft.release
  if (subject.kind === 'rollback' || !authorsCount(draft.release)) return true
  const { authorship } = subject
  const names = targets.map(targetName)
  const strange = sightings.find(
    ({ target, serving }) =>
      names.includes(targetName(target)) &&
      !(authorship.known && authorship.since.some((commit) => isSame(commit, serving.commit))),
  )
  if (!strange) return true
  const { commit, name } = strange.serving
  const why = whyUnknown(strange.serving)
  const untold = `whose commit cannot be determined${why === null ? '' : `: ${why}`}`
  const of = commit === null ? untold : `commit ${commit.slice(0, 7)}`
  draft.record('twokey', 'serving differs', {
    target: targetName(strange.target),
    is: strange.serving,
    authorship,
  })
  draft.end(
    'failed',
    `${name} serves now (${of}), so this would deploy commits that nobody reviewed; authors may not approve, and the authors of those commits were not checked; nothing was sent`,
  )
  return false
}

/** An image may carry a part of the sha. */
function isSame(one: string, other: string | null): boolean {
  return other !== null && (one.startsWith(other) || other.startsWith(one))
}
