import { type Target, type Time, targetName } from './names.ts'
import type { Release } from './release.ts'
import type { Revision } from './revision.ts'

/** What a release left serving in a target. `at`: when that was last seen, at its end or afterwards, by our clock. */
export type Left = {
  readonly release: string
  readonly revision: Pick<Revision, 'name' | 'commit'> & { readonly arn: string }
  readonly at: Time
}

/** What an ended release left there, with what its run rolled out after the end; null: it has not ended, or that is not known. */
export function leftServing({ id, stage, tracks }: Release, target: Target): Left | null {
  if (stage.at !== 'ended') return null
  const name = targetName(target)
  const late = tracks.afterEnd?.rollouts.findLast(
    (each) => targetName(each.target) === name && each.rollout.verdict === 'succeeded',
  )
  const revision =
    late?.rollout.revision ?? tracks.rollouts.find((track) => targetName(track.target) === name)?.serving
  if (revision == null) return null
  const { name: shown, arn, commit } = revision
  const at = late?.rollout.finishedAt ?? stage.since
  return { release: id, revision: { name: shown, arn, commit }, at }
}
