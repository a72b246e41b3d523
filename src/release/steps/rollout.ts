import type { Draft } from '../draft.ts'
import type { Observation, RolloutSighting, TargetSighting } from '../observation.ts'
import type { RolloutTrackVerdict, Track } from '../outcome.ts'
import { isOfCommit, type Release, targetName } from '../release.ts'
import type { RolloutTrack } from '../tracks.ts'
import { quietFor } from './quiet.ts'
import { runTrack } from './run.ts'
import { sight } from './sight.ts'

/** How much earlier than our mark ECS's clock may date what came after it, ms. */
export const clockSkewMs = 60_000

/** Takes a look at the rollouts of all targets. */
export function stepRollout(draft: Draft, seen: Observation): void {
  const sightings = sight(draft, 'rollouts', stillThere(draft.release, seen.rollouts))
  if (sightings) bindRollouts(draft, sightings.value)
}

/** A service, or a rollout that was followed, that is not shown any more could not be seen. */
export function stillThere({ tracks }: Release, seen: Observation['rollouts']): Observation['rollouts'] {
  if (seen === undefined || !seen.seen) return seen
  const gone = tracks.rollouts.find((track) => !isShown(track, seen.value))
  if (!gone) return seen
  const reason = `ECS does not show ${gone.seen ? 'the rollout of ' : ''}${targetName(gone.target)} any more`
  return { seen: false, kind: 'terminal', reason }
}

function isShown({ target, binding, seen }: RolloutTrack, sightings: readonly TargetSighting[]): boolean {
  const there = sightings.find((each) => targetName(each.target) === targetName(target))
  if (!there || binding !== 'firm') return there !== undefined
  return there.rollouts.some(({ arn }) => arn === seen?.arn)
}

/** Recognises this release's rollout of each target, once; then follows it alone. */
export function bindRollouts(draft: Draft, sightings: readonly TargetSighting[]): void {
  const rollouts = draft.release.tracks.rollouts.map((track) => {
    const sighting = sightings.find(({ target }) => targetName(target) === targetName(track.target))
    return sighting ? follow(draft, track, sighting) : track
  })
  draft.track({ rollouts })
}

function follow(draft: Draft, track: RolloutTrack, sighting: TargetSighting): RolloutTrack {
  const { serving } = sighting
  const bound = bind(draft, track, sighting)
  if (bound.seen && bound.seen.arn !== track.seen?.arn)
    draft.note('twokey', 'rollout found', {
      rollout: bound.seen.arn,
      binding: bound.binding,
      revision: bound.seen.revision.name,
    })
  if (bound.seen && bound.seen.verdict !== track.seen?.verdict) turned(draft, track, bound.seen)
  return { ...bound, serving }
}

function turned(draft: Draft, track: RolloutTrack, rollout: RolloutSighting): void {
  const name = targetName(track.target)
  draft.note('twokey', `rollout ${rollout.verdict}`, { rollout: rollout.arn, reason: rollout.reason })
  draft.tell(`rollout-${name}-${rollout.arn}`, {
    tell: 'rollout',
    target: track.target,
    rollout,
    from: track.before?.revision ?? null,
  })
  if (rollout.verdict === 'rolling back')
    draft.tell(`rolling-back-${name}`, { tell: 'rolling-back', target: track.target, rollout })
}

type Bound = Pick<RolloutTrack, 'binding' | 'seen'>

function bind(draft: Draft, track: RolloutTrack, { rollouts }: TargetSighting): RolloutTrack {
  if (track.binding === 'firm') {
    const same = rollouts.find(({ arn }) => arn === track.seen?.arn)
    return same ? { ...track, seen: same } : track
  }
  const { release, now } = draft
  const known = track.before?.known ?? []
  const since = (release.sentAt ?? now) - clockSkewMs
  const { endedAt = null } = release.tracks.run ?? {}
  const until = endedAt === null ? Number.POSITIVE_INFINITY : endedAt + clockSkewMs
  const candidates = rollouts.filter(
    ({ arn, createdAt }) => !known.includes(arn) && createdAt >= since && createdAt <= until,
  )
  const bound =
    release.subject.kind === 'rollback' ? ofUpdate(release, track, candidates) : ofRun(release, candidates)
  // The run can start nothing more: the only candidate is the one.
  if (bound?.seen && endedAt !== null && bound.binding !== 'foreign')
    return { ...track, ...bound, binding: 'firm' }
  if (bound) return { ...track, ...bound }
  if (quietFor(release, now) >= release.settleMs) return { ...track, binding: 'absent', seen: null }
  return { ...track, binding: 'awaited', seen: null }
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

/**
 * Ours carries our tag, else its image our commit, else its time alone speaks for it. Another's tag speaks against. An image
 * of another commit of the repository is taken for ours only where there is nothing else, and is never what was approved.
 */
function ofRun(release: Release, candidates: readonly RolloutSighting[]): Bound | null {
  const { subject, id } = release
  if (subject.kind !== 'deploy') return null
  const isOurs = ({ commits }: RolloutSighting) =>
    commits.some((commit) => isOfCommit(commit, subject.commit.sha))
  const isForeign = (rollout: RolloutSighting) => rollout.commits.length > 0 && !isOurs(rollout)
  const tagged = candidates.filter(({ releaseTag }) => releaseTag === id)
  const untagged = candidates.filter(({ releaseTag }) => releaseTag === null)
  const carrying = untagged.filter(isOurs)
  const silent = untagged.filter(({ commits }) => commits.length === 0)
  // Anyone may tag: what carries our commit beside it could be ours as well.
  if (tagged.length > 0 && !tagged.some(isOurs) && carrying.length > 0)
    return { binding: 'ambiguous', seen: null }
  return (
    one(tagged, tagged.some(isForeign) ? 'foreign' : 'firm') ??
    one(carrying, 'commit') ??
    one(silent, 'weak') ??
    // A rollback that replaces this release rolls out another commit: that is no doing of the run.
    (release.supersededBy === null ? one(untagged, 'foreign') : null)
  )
}

function one(
  candidates: readonly RolloutSighting[],
  binding: 'firm' | 'commit' | 'weak' | 'foreign',
): Bound | null {
  const [only, ...others] = candidates
  if (only === undefined) return null
  return others.length === 0 ? { binding, seen: only } : { binding: 'ambiguous', seen: null }
}

/** Why ECS did not take our update of this target; null where it did, or nothing tells yet. */
export function refusalOf({ target, seen, answered }: RolloutTrack): string | null {
  if (seen !== null || answered === null || !('refused' in answered)) return null
  return `ECS did not take the update of ${targetName(target)}: ${answered.refused}`
}

/** How far one target is. */
function targetTrack(release: Release, track: RolloutTrack): Track<RolloutTrackVerdict> {
  const { binding, seen, serving } = track
  const name = targetName(track.target)
  const isSure = seen !== null && binding !== 'weak' && seen.verdict !== 'unknown'
  const final = isSure && !isMoving(seen.verdict)
  if (!final && release.blind.rollouts?.lost)
    return { verdict: 'unseen', reason: `the rollout could not be seen: ${release.blind.rollouts.reason}` }
  if (binding === 'ambiguous')
    return { verdict: 'unseen', reason: `two rollouts of ${name} could be this release’s` }
  if (seen === null && track.answered !== null && 'unclear' in track.answered)
    return { verdict: 'unseen', reason: track.answered.unclear }
  const refused = refusalOf(track)
  if (refused !== null) return { verdict: 'none', reason: refused }
  if (binding === 'absent') return { verdict: 'none', reason: `no rollout of ${name} was started` }
  if (seen === null) return { verdict: 'awaited', reason: `no rollout of ${name} yet` }
  if (binding === 'foreign') return foreignTrack(release, seen, name)
  if (binding === 'weak' && !isMoving(seen.verdict)) {
    const verdict = runTrack(release).verdict === 'unseen' ? 'unseen' : 'moving'
    return { verdict, reason: `a rollout of ${name} is known by its time alone until the run has ended` }
  }
  if (seen.verdict === 'unknown') return { verdict: 'unseen', reason: seen.reason }
  if (seen.verdict === 'succeeded' && serving !== null && serving.arn !== seen.revision.arn)
    return {
      verdict: 'superseded',
      reason: `${serving.name} took the place of ${seen.revision.name} on ${name}`,
    }
  return { verdict: seen.verdict, reason: seen.reason }
}

/** Another commit than was approved: followed until the run can start no other rollout, and no success then. */
function foreignTrack(release: Release, seen: RolloutSighting, name: string): Track<RolloutTrackVerdict> {
  const { subject } = release
  const isOpen = isMoving(seen.verdict) || runTrack(release).verdict === 'moving'
  const [carried = ''] = seen.commits
  const approved = subject.kind === 'deploy' ? subject.commit.sha : ''
  const run = runTrack(release)
  const ended = run.verdict === 'failed' || run.verdict === 'cancelled' ? `${run.reason}; meanwhile ` : ''
  return {
    verdict: isOpen ? 'moving' : 'failed',
    reason: `${ended}${seen.revision.name} on ${name} is of commit ${carried.slice(0, 7)}, and ${approved.slice(0, 7)} was approved; ${seen.reason}`,
  }
}

/** The worst first: what one target says counts for all. */
const worstFirst: readonly RolloutTrackVerdict[] = [
  'rollback failed',
  'rolled back',
  'failed',
  'stopped',
  'superseded',
  'unseen',
]
const movingFirst: readonly RolloutTrackVerdict[] = ['rolling back', 'paused', 'moving', 'baking', 'awaited']

/** The targets taken together: followed on while one moves, then the worst. */
export function rolloutTrack(release: Release): Track<RolloutTrackVerdict> {
  const tracks = release.tracks.rollouts.map((track) => targetTrack(release, track))
  const first = (verdicts: readonly RolloutTrackVerdict[]) =>
    verdicts
      .map((verdict) => tracks.find((track) => track.verdict === verdict))
      .find((track) => track !== undefined)
  const decisive = first(movingFirst) ?? first(worstFirst)
  if (decisive) return decisive
  const none = first(['none'])
  const done = first(['succeeded'])
  if (none && done) return { verdict: 'partly', reason: `${none.reason}, while others were updated` }
  return none ?? done ?? { verdict: 'unseen', reason: 'nothing was looked at' }
}

/** Whether ECS is still at work on it. */
export function isMoving(verdict: RolloutSighting['verdict']): boolean {
  return verdict === 'moving' || verdict === 'baking' || verdict === 'paused' || verdict === 'rolling back'
}
