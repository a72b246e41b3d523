import { carriesCommit } from '../commit-source.ts'
import { namedAlone } from '../log-names.ts'
import { type Target, type Time, targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { RolloutSighting, TargetSighting } from '../sighting.ts'
import { clockSkewMs, spanOf } from '../span.ts'
import type { RolloutTrack } from '../tracks.ts'
import { quietFor } from './quiet.ts'

/** What was seen of this target. */
export function sightingOf(sightings: readonly TargetSighting[], wanted: Target): TargetSighting | undefined {
  const name = targetName(wanted)
  return sightings.find(({ target }) => targetName(target) === name)
}

/** By what every read of ECS tells; its ARN is not known to all of them. */
export function isSame({ deploymentId }: RolloutSighting, other: RolloutSighting | null): boolean {
  return deploymentId === other?.deploymentId
}

type Bound = Pick<RolloutTrack, 'binding' | 'seen' | 'decidedBy'>

/** Which of the rollouts that a target shows is this release's, as far as can be told so far. */
export function bind(
  release: Release,
  track: RolloutTrack,
  { rollouts }: TargetSighting,
  now: Time,
): RolloutTrack {
  if (track.binding === 'firm') {
    const same = rollouts.find((each) => isSame(each, track.seen))
    return same ? { ...track, seen: same } : track
  }
  const gone = track.candidates.filter((each) => !rollouts.some((shown) => isSame(shown, each)))
  const { since, until } = spanOf(release)
  const candidates = [...gone, ...rollouts].filter(
    (each) =>
      !isKnown(track, each) &&
      !isReplacement(release, track, each) &&
      each.createdAt >= since - clockSkewMs &&
      each.createdAt <= until + clockSkewMs,
  )
  const bound =
    release.subject.kind === 'rollback'
      ? ofUpdate(release, track, candidates)
      : ofRun(release, track, candidates)
  // The run can start nothing more: the only candidate is the one.
  if (bound?.seen && release.tracks.run?.endedAt != null && bound.binding !== 'foreign')
    return { ...track, ...bound, candidates, binding: 'firm' }
  if (bound) return { ...track, ...bound, candidates }
  const binding = quietFor(release, now) >= release.settleMs ? 'absent' : 'awaited'
  return { ...track, candidates, binding, seen: null }
}

/** Whether it was there before we touched the service. Older releases noted ARNs. */
export function isKnown({ before }: RolloutTrack, { deploymentId, arn }: RolloutSighting): boolean {
  const known = before?.known ?? []
  return known.includes(deploymentId) || known.includes(arn)
}

/** Whether a rollback that replaces this release rolled it out: of its revision, and not seen before it did so. */
export function isReplacement(
  { supersededBy }: Release,
  { candidates, answered }: RolloutTrack,
  rollout: RolloutSighting,
): boolean {
  const isOfIt = supersededBy?.revisions.includes(rollout.revision.arn) ?? false
  const isAnswered =
    answered !== null && 'deploymentId' in answered && answered.deploymentId === rollout.deploymentId
  return isOfIt && !isAnswered && !candidates.some((each) => isSame(each, rollout))
}

/** Ours is the one that ECS named in its answer, else the only one on our revision. */
function ofUpdate(
  { subject }: Release,
  track: RolloutTrack,
  candidates: readonly RolloutSighting[],
): Bound | null {
  if (subject.kind !== 'rollback') return null
  const answered = track.answered && 'deploymentId' in track.answered ? track.answered.deploymentId : null
  return (
    one(
      candidates.filter(({ deploymentId }) => deploymentId === answered),
      'firm',
    ) ??
    one(
      candidates.filter(({ revision }) => revision.arn === subject.revision.arn),
      'firm',
    )
  )
}

/** What speaks for a rollout that a deploy is taken to have begun; null: nothing does, it carries another's commit. */
export function evidenceOf(
  { subject, id }: Release,
  { releaseTag, commits }: RolloutSighting,
): 'tag' | 'commit' | 'time' | null {
  if (subject.kind === 'rollback') return null
  if (carriesCommit(commits, subject.commit.sha)) return releaseTag === id ? 'tag' : 'commit'
  if (commits.length > 0) return null
  return releaseTag === id ? 'tag' : 'time'
}

/** What could be the run's rollout by the strongest evidence that there is: one is, of several each could be. */
type Contenders = {
  readonly binding: 'firm' | 'tag' | 'commit' | 'weak' | 'foreign'
  readonly rollouts: readonly RolloutSighting[]
}

/**
 * Ours carries our tag, else its image our commit, else its time alone speaks for it. Another's tag speaks against. An image
 * of another commit of the repository is taken for ours only where there is nothing else, and is never what was approved.
 * Whoever may register a revision may tag it: a tag outdoes no other rollout that could be ours by its image.
 */
function contendersOf(
  { subject, id, supersededBy }: Release,
  candidates: readonly RolloutSighting[],
): Contenders | 'contradiction' | null {
  if (subject.kind !== 'deploy') return null
  const isOurs = ({ commits }: RolloutSighting) => carriesCommit(commits, subject.commit.sha)
  const isForeign = (rollout: RolloutSighting) => rollout.commits.length > 0 && !isOurs(rollout)
  const tagged = candidates.filter(({ releaseTag }) => releaseTag === id)
  const untagged = candidates.filter(({ releaseTag }) => releaseTag === null)
  const carrying = untagged.filter(isOurs)
  const silent = untagged.filter(({ commits }) => commits.length === 0)
  const rivals = tagged.some(({ commits }) => commits.length === 0) ? [...carrying, ...silent] : carrying
  if (tagged.length > 0 && rivals.length > 0) return 'contradiction'
  if (tagged.some(isForeign)) return { binding: 'foreign', rollouts: tagged }
  if (tagged.length > 0) return { binding: tagged.some(isOurs) ? 'firm' : 'tag', rollouts: tagged }
  if (carrying.length > 0) return { binding: 'commit', rollouts: carrying }
  if (silent.length > 0) return { binding: 'weak', rollouts: silent }
  // Where the revision of the rollback that replaces this release is not known, another commit may be its doing.
  const isTheirs = untagged.length === 0 || supersededBy?.revisions.length === 0
  return isTheirs ? null : { binding: 'foreign', rollouts: untagged }
}

function ofRun(release: Release, track: RolloutTrack, candidates: readonly RolloutSighting[]): Bound | null {
  const contenders = contendersOf(release, candidates)
  if (contenders === null) return null
  const bound = contenders === 'contradiction' ? ambiguous : one(contenders.rollouts, contenders.binding)
  if (bound?.binding !== 'ambiguous') return bound
  const named = namedByLog(release, { ...track, candidates })
  return named === null ? ambiguous : { binding: 'firm', seen: named, decidedBy: 'log' }
}

const ambiguous: Bound = { binding: 'ambiguous', seen: null }

/**
 * Of several rollouts for which the same speaks, the one that the run's log names. A build may print anything: a log outdoes no tag
 * and no commit, and makes none of another's commit this release's.
 */
function namedByLog(release: Release, track: RolloutTrack): RolloutSighting | null {
  const { runLog } = release.tracks
  if (runLog?.checked !== 'yes' || runLog.log.extent === 'part') return null
  return namedAlone(release, { ...track, tied: tiedIn(release, track.candidates) }, runLog.log.names)
}

/** Rollouts of which any could be the run's, for the same reason; none where something tells them apart, or contradicts. */
export function tiedIn(release: Release, candidates: readonly RolloutSighting[]): readonly RolloutSighting[] {
  const contenders = contendersOf(release, candidates)
  if (contenders === null || contenders === 'contradiction' || contenders.binding === 'foreign') return []
  const { rollouts } = contenders
  const carrying = rollouts.filter(({ commits }) => commits.length > 0)
  const isEven = carrying.length === 0 || carrying.length === rollouts.length
  return isEven && rollouts.length > 1 ? rollouts : []
}

function one(candidates: readonly RolloutSighting[], binding: Contenders['binding']): Bound | null {
  const [only, ...others] = candidates
  if (only === undefined) return null
  return others.length === 0 ? { binding, seen: only } : ambiguous
}
