import { carriedId } from '../carried-id.ts'
import { carriesCommit } from '../commit-source.ts'
import { namedAlone } from '../log-names.ts'
import { type Target, type Time, targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { RolloutSighting, TargetSighting } from '../sighting.ts'
import { clockSkewMs, spanOf } from '../span.ts'
import type { RolloutTrack } from '../tracks.ts'
import { quietFor } from './quiet.ts'

/** The sighting of this target. */
export function sightingOf(sightings: readonly TargetSighting[], wanted: Target): TargetSighting | undefined {
  const name = targetName(wanted)
  return sightings.find(({ target }) => targetName(target) === name)
}

/** Whether two rollouts are the same, by the id that every read of ECS shows. Not all of them show the ARN. */
export function isSameRollout({ deploymentId }: RolloutSighting, other: RolloutSighting | null): boolean {
  return deploymentId === other?.deploymentId
}

type Bound = Pick<RolloutTrack, 'binding' | 'seen' | 'decidedBy'>

/** A look at a target, and whether it began after the run was seen to have ended. */
type TargetLook = { readonly sighting: TargetSighting; readonly isAfterRun: boolean; readonly now: Time }

/** Identifies the release's rollout among those of a target, as far as it is known. */
export function bind(
  release: Release,
  track: RolloutTrack,
  { sighting: { rollouts }, isAfterRun, now }: TargetLook,
): RolloutTrack {
  if (track.binding === 'firm') {
    const same = rollouts.find((each) => isSameRollout(each, track.seen))
    return same ? { ...track, seen: same } : track
  }
  const there = rollouts.find(({ deploymentId }) => deploymentId === broughtBy(track.answered))
  if (there) return { ...track, binding: 'firm', seen: there }
  const gone = track.candidates.filter((each) => !rollouts.some((shown) => isSameRollout(shown, each)))
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
      ? bindToUpdate(release, track, candidates)
      : bindToRun(release, track, candidates)
  // Once the run can start nothing more, the only candidate is the release's. A look that was made beside the one that
  // saw the run's end may be older than the run's own rollout.
  if (bound?.seen && isAfterRun && bound.binding !== 'foreign')
    return { ...track, ...bound, candidates, binding: 'firm' }
  if (bound) return { ...track, ...bound, candidates }
  const binding = quietFor(release, now) >= release.settleMs ? 'absent' : 'awaited'
  return { ...track, candidates, binding, seen: null }
}

/** The deployment that had brought the revision of a rollback; undefined: none had. */
export function broughtBy(answered: RolloutTrack['answered']): string | undefined {
  return answered !== null && 'broughtBy' in answered ? answered.broughtBy : undefined
}

/** Whether the rollout existed before the dispatch or update. Older releases stored ARNs. */
export function isKnown({ before }: RolloutTrack, { deploymentId, arn }: RolloutSighting): boolean {
  const known = before?.known ?? []
  return known.includes(deploymentId) || known.includes(arn)
}

/** Whether the rollout belongs to a rollback that replaces this release: it has its revision, and was not seen before. */
export function isReplacement(
  { supersededBy }: Release,
  { candidates, answered }: RolloutTrack,
  rollout: RolloutSighting,
): boolean {
  const isOfIt = supersededBy?.revisions.includes(rollout.revision.arn) ?? false
  const isAnswered =
    answered !== null && 'deploymentId' in answered && answered.deploymentId === rollout.deploymentId
  return isOfIt && !isAnswered && !candidates.some((each) => isSameRollout(each, rollout))
}

/**
 * A rollback's rollout is the one that AWS named in its answer, otherwise the one whose description names the release,
 * otherwise the only one of our revision. A deployment of CodeDeploy always has a description if it is ours.
 */
function bindToUpdate(
  { subject, id }: Release,
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
      candidates.filter(({ madeFor }) => madeFor === id),
      'firm',
    ) ??
    one(
      candidates.filter(
        ({ revision, madeFor }) => madeFor === undefined && revision.arn === subject.revision.arn,
      ),
      'firm',
    )
  )
}

/** The evidence that a deploy began a rollout; null: there is none, because it has another commit. */
export function evidenceOf(
  release: Release,
  { releaseTag, commits }: RolloutSighting,
): 'tag' | 'commit' | 'time' | null {
  const { subject } = release
  if (subject.kind === 'rollback') return null
  const id = carriedId(release)
  if (carriesCommit(commits, subject.commit.sha)) return releaseTag === id ? 'tag' : 'commit'
  if (commits.length > 0) return null
  return releaseTag === id ? 'tag' : 'time'
}

/** Rollouts with the strongest evidence that there is: a single one is the run's, of several each could be. */
type Contenders = {
  readonly binding: 'firm' | 'tag' | 'commit' | 'weak' | 'foreign'
  readonly rollouts: readonly RolloutSighting[]
}

/**
 * The release's rollout has our tag, or an image with our commit, or a matching time. A tag of another release
 * excludes it. An image of another commit of the repository counts only if there is nothing else, and is never what
 * was approved. Anybody who may register a revision may tag it, so a tag does not outrank a rollout that could be
 * ours by its image.
 */
function contendersOf(
  release: Release,
  candidates: readonly RolloutSighting[],
): Contenders | 'contradiction' | null {
  const { subject, supersededBy } = release
  if (subject.kind === 'rollback') return null
  const isOurs = ({ commits }: RolloutSighting) => carriesCommit(commits, subject.commit.sha)
  const isForeign = (rollout: RolloutSighting) => rollout.commits.length > 0 && !isOurs(rollout)
  const tagged = candidates.filter(({ releaseTag }) => releaseTag === carriedId(release))
  const untagged = candidates.filter(({ releaseTag }) => releaseTag === null)
  const carrying = untagged.filter(isOurs)
  const silent = untagged.filter(({ commits }) => commits.length === 0)
  const rivals = tagged.some(({ commits }) => commits.length === 0) ? [...carrying, ...silent] : carrying
  if (tagged.length > 0 && rivals.length > 0) return 'contradiction'
  if (tagged.some(isForeign)) return { binding: 'foreign', rollouts: tagged }
  if (tagged.length > 0) return { binding: tagged.some(isOurs) ? 'firm' : 'tag', rollouts: tagged }
  if (carrying.length > 0) return { binding: 'commit', rollouts: carrying }
  if (silent.length > 0) return { binding: 'weak', rollouts: silent }
  // If the revision of the replacing rollback is not known, another commit may be that rollback's.
  const isTheirs = untagged.length === 0 || supersededBy?.revisions.length === 0
  return isTheirs ? null : { binding: 'foreign', rollouts: untagged }
}

function bindToRun(
  release: Release,
  track: RolloutTrack,
  candidates: readonly RolloutSighting[],
): Bound | null {
  const contenders = contendersOf(release, candidates)
  if (contenders === null) return null
  const bound = contenders === 'contradiction' ? ambiguous : one(contenders.rollouts, contenders.binding)
  if (bound?.binding !== 'ambiguous') return bound
  const named = namedByLog(release, { ...track, candidates })
  return named === null ? ambiguous : { binding: 'firm', seen: named, decidedBy: 'log' }
}

const ambiguous: Bound = { binding: 'ambiguous', seen: null }

/**
 * Of several rollouts with the same evidence, the one that the run's log names. A build may print anything, so a log
 * outranks no tag and no commit, and attributes no rollout of another commit to this release.
 */
function namedByLog(release: Release, track: RolloutTrack): RolloutSighting | null {
  const { runLog } = release.tracks
  if (runLog?.checked !== 'yes' || runLog.log.extent === 'part') return null
  return namedAlone(release, { ...track, tied: tiedIn(release, track.candidates) }, runLog.log.names)
}

/**
 * Rollouts with the same evidence, of which any could be the run's; empty: something distinguishes them, or
 * contradicts.
 */
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
