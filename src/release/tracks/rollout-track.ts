import { type Carried, commitsIn, commitsText, shortened } from '../carried.ts'
import { carriesCommit } from '../commit-source.ts'
import { notCompared, unapprovedImage } from '../images.ts'
import { isSameOnGitHub, targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { Revision } from '../revision.ts'
import type { RolloutSighting } from '../sighting.ts'
import type { Shipped } from '../subject.ts'
import { isMoving, type RolloutTrack } from '../tracks.ts'
import type { RolloutTrackVerdict, Track } from './outcome.ts'
import { runTrack } from './run.ts'
import { runLogText } from './run-log.ts'
import { evidenceOf } from './whose-rollout.ts'

/** Why no rollout of our update of this target is to be expected; null: one is, or it is not known yet. */
export function refusalOf({ target, seen, answered }: RolloutTrack): string | null {
  if (seen !== null || answered === null) return null
  if ('refused' in answered) return `AWS refused the update of ${targetName(target)}: ${answered.refused}`
  if ('replacedBy' in answered)
    return `AWS did not show the update of ${targetName(target)} before release ${answered.replacedBy} replaced it`
  return null
}

/** The verdict of one target. */
function targetTrack(release: Release, track: RolloutTrack): Track<RolloutTrackVerdict> {
  const { binding, seen, serving } = track
  const name = targetName(track.target)
  const unapproved = unapprovedText(release, track)
  if (seen !== null && unapproved !== null) return unapprovedTrack(release, seen, unapproved)
  const isSure = seen !== null && binding !== 'weak' && seen.verdict !== 'unknown'
  const final = isSure && !isMoving(seen.verdict)
  if (!final && release.blind.rollouts?.lost)
    return { verdict: 'unseen', reason: `the rollout could not be read: ${release.blind.rollouts.reason}` }
  if (binding === 'ambiguous') return { verdict: 'unseen', reason: ambiguousText(release, track) }
  if (seen === null && track.answered !== null && 'unclear' in track.answered)
    return { verdict: 'unseen', reason: track.answered.unclear }
  const refused = refusalOf(track)
  if (refused !== null) return { verdict: 'none', reason: refused }
  if (binding === 'absent') return { verdict: 'none', reason: `no rollout of ${name} was started` }
  if (seen === null) return { verdict: 'awaited', reason: `no rollout of ${name} yet` }
  if (binding === 'foreign') return foreignTrack(release, seen, name)
  if (binding === 'weak' && !isMoving(seen.verdict)) {
    const verdict = runTrack(release).verdict === 'unseen' ? 'unseen' : 'moving'
    return { verdict, reason: `a rollout of ${name} is matched by time only until the run has ended` }
  }
  if (seen.verdict === 'unknown') return { verdict: 'unseen', reason: seen.reason }
  if (seen.verdict === 'succeeded' && serving !== null && serving.arn !== seen.revision.arn)
    return {
      verdict: 'superseded',
      reason: `${serving.name} replaced ${seen.revision.name} on ${name}`,
    }
  const doubt = doubtText(release, track)
  if (doubt !== null) return { verdict: 'unseen', reason: doubt }
  const half = otherCommitText(release, track)
  if (half !== null)
    return { verdict: runTrack(release).verdict === 'moving' ? 'moving' : 'failed', reason: half }
  const { supersededBy } = release
  if (supersededBy && seen.isStopped && (seen.verdict === 'rolled back' || seen.verdict === 'stopped'))
    return { verdict: 'superseded', reason: `rollback ${supersededBy.release} replaced it: ${seen.reason}` }
  return { verdict: seen.verdict, reason: seen.reason }
}

/** A rollout of an unapproved image is followed until ECS completes it, and is no success then. */
function unapprovedTrack(
  { blind }: Release,
  { verdict, reason }: RolloutSighting,
  words: string,
): Track<RolloutTrackVerdict> {
  if (isMoving(verdict) && blind.rollouts?.lost)
    return { verdict: 'unseen', reason: `${words}; the rollout could not be read: ${blind.rollouts.reason}` }
  if (verdict === 'unknown') return { verdict: 'unseen', reason: `${words}; ${reason}` }
  return { verdict: isMoving(verdict) || isRolledBackByEcs(verdict) ? verdict : 'failed', reason: words }
}

/** The unapproved image that a rollback runs, in words; null: none is known. */
export function unapprovedText({ subject }: Release, { target, seen }: RolloutTrack): string | null {
  if (subject.kind !== 'rollback' || !seen?.images) return null
  const other = unapprovedImage(subject.images, seen.images)
  if (other === null) return null
  const ecs = isRolledBackByEcs(seen.verdict) ? `; ${seen.reason}` : ''
  return `${seen.revision.name} on ${targetName(target)} is not what was approved: ${other}${ecs}`
}

/** The unapproved image of the first target that has one. */
export function firstUnapproved(release: Release): string | null {
  for (const track of release.tracks.rollouts) {
    const words = unapprovedText(release, track)
    if (words !== null) return words
  }
  return null
}

/** Whether ECS itself rolls it back, or has, which decides the end. */
function isRolledBackByEcs(
  verdict: RolloutSighting['verdict'],
): verdict is 'rolling back' | 'rolled back' | 'rollback failed' {
  return verdict === 'rolling back' || verdict === 'rolled back' || verdict === 'rollback failed'
}

/** The named container of a completed rollout that has another commit, in words; null: none has. */
export function otherCommitText(
  { subject }: Release,
  { target, binding, seen }: RolloutTrack,
): string | null {
  if (subject.kind === 'rollback' || binding === 'foreign' || seen?.verdict !== 'succeeded') return null
  const approved = subject.commit.sha
  const others = seen.carried.flatMap((each) => {
    const commits = commitsIn(each)
    const isOther = commits.length > 0 && !carriesCommit(commits, approved)
    return isOther ? [{ container: each.container, commits }] : []
  })
  if (others.length === 0) return null
  const words = others.map(
    ({ container, commits }) => `container ${container} carries ${commitsText(commits)}`,
  )
  return `${seen.revision.name} on ${targetName(target)}: ${words.join(', ')}, but ${short(approved)} was approved`
}

/** The rollouts that could be this release's, by ECS's names, and why the run's log does not decide. */
function ambiguousText(release: Release, { target, candidates }: RolloutTrack): string {
  const names = candidates
    .slice(0, candidatesNamed)
    .map(({ revision, deploymentId }) => `${revision.name} (${deploymentId})`)
  const more = candidates.length > candidatesNamed ? ' and others' : ''
  const log = runLogText(release)
  const several = candidates.length > 2 ? 'several' : 'two'
  return `${several} rollouts of ${targetName(target)} could be this release’s: ${names.join(', ')}${more}${log === null ? '' : `; ${log}`}`
}

const candidatesNamed = 3

/** Says that only the time, or the run's log, connects a rollout to the release; null: more does. */
export function weakText(release: Release, { binding, decidedBy, seen }: RolloutTrack): string | null {
  if (seen === null || binding === 'foreign') return null
  const isByTime = evidenceOf(release, seen) === 'time'
  if (decidedBy === 'log')
    return `identified among several rollouts by the run’s log alone${isByTime ? ': its image carries no commit' : ''}`
  return isByTime ? 'matched by time only: its image carries no commit' : null
}

/** The same for a rollout whose image carries no commit, so it does not prove the commit; null for others. */
function byTimeText(release: Release, track: RolloutTrack): string | null {
  const isByTime = track.seen !== null && evidenceOf(release, track.seen) === 'time'
  return isByTime ? weakText(release, track) : null
}

/**
 * Why a rollout matched only by its time proves nothing although it is the only one: the run did not start on the
 * approved commit, or another run may have rolled it out. Null if its time suffices.
 */
function doubtText(release: Release, track: RolloutTrack): string | null {
  if (track.seen?.verdict !== 'succeeded') return null
  return headText(release, track) ?? namedElsewhereText(release, track)
}

/**
 * A run that gets the commit as an input may start on another. Then only a tag or an image proves that the approved
 * commit was deployed.
 */
function headText(release: Release, track: RolloutTrack): string | null {
  const { subject, tracks } = release
  const time = byTimeText(release, track)
  if (track.seen === null || time === null || subject.kind === 'rollback') return null
  const head = tracks.run?.seen?.headSha ?? null
  if (head === subject.commit.sha) return null
  const started =
    head === null ? 'the commit that the run started on is unknown' : `the run started on ${short(head)}`
  return `${track.seen.revision.name} on ${targetName(track.target)} is ${time}; ${started}, but ${short(subject.commit.sha)} was approved, so twokey cannot tell which commit is deployed`
}

/** Says that the earlier revision named a commit, and this release's rollout in another target does. */
function namedElsewhereText(release: Release, track: RolloutTrack): string | null {
  const { seen, before, target } = track
  const time = byTimeText(release, track)
  if (seen === null || time === null || before === null || !namesCommit(before.revision)) return null
  const proven = release.tracks.rollouts.find(
    (other) => other.seen !== null && ['tag', 'commit'].includes(evidenceOf(release, other.seen) ?? ''),
  )
  if (!proven?.seen) return null
  return `${seen.revision.name} on ${targetName(target)} is ${time}, while ${before.revision.name} before it carried one and ${proven.seen.revision.name} on ${targetName(proven.target)} certainly belongs to this release; somebody else may have rolled it out`
}

/** Whether the revision may name a commit. An unreadable GitHub does not mean that it names none. */
function namesCommit({ commit, unknown }: Revision): boolean {
  return commit !== null || unknown?.because === 'several' || unknown?.because === 'unread'
}

/** What is not proven about a completed rollout, a few words each. */
function unproven(release: Release, track: RolloutTrack): readonly string[] {
  const { seen, target } = track
  if (seen === null) return []
  if (release.subject.kind === 'rollback') return notCompared(release.subject.images, seen.images ?? [])
  const weak = weakText(release, track)
  return [
    ...(weak === null ? [] : [`${seen.revision.name} on ${targetName(target)} is ${weak}`]),
    ...(byTimeText(release, track) === null ? [] : followedText(release.subject)),
    ...notCarried(release.subject.commit.sha, seen, ownContainers(release, seen)),
  ]
}

/**
 * What the workflow may have deployed instead of the commit on which its run started, if nothing else names the
 * commit.
 */
function followedText({ repository, notes }: Shipped): readonly string[] {
  const words = notes.flatMap((each) => {
    if (each.note === 'follows-branch')
      return `the input ${each.input} gets the branch, which may have moved before the run checked it out`
    if (each.note !== 'checkout-not-bound' || each.ref === null) return []
    return isSameOnGitHub(each.repository, repository)
      ? `its run checks out ${each.ref}, which may be another commit`
      : []
  })
  return words.slice(0, followedNamed)
}

const followedNamed = 2

/** The named containers of a target. One that exists only in another target is not missing here. */
function ownContainers({ tracks }: Release, { carried }: RolloutSighting): readonly Carried[] {
  const there = tracks.rollouts
    .flatMap(({ seen }) => seen?.carried ?? [])
    .flatMap(({ container, carries }) => (carries === 'missing' ? [] : container))
  return carried.filter(({ container, carries }) => carries !== 'missing' || !there.includes(container))
}

/** What the named containers leave unproven. */
function notCarried(
  approved: string,
  { revision: { name, unknown } }: RolloutSighting,
  carried: readonly Carried[],
): readonly string[] {
  const isCarried = carried.some((each) => commitsIn(each).length > 0)
  // The field that the config names is missing; a missing container is named below.
  const isUnnamed = unknown?.because === 'missing' && carried.every(({ carries }) => carries === 'nothing')
  if (isUnnamed) return [`the commit that it carries is unknown: ${unknown.reason}`]
  return carried.flatMap((each) => {
    const { container } = each
    if (each.carries === 'missing') return `${name} has no container ${container}, which twokey.yml lists`
    if (each.carries === 'several')
      return `container ${container} carries several commits, ${shortened(each.commits)}`
    return each.carries === 'nothing' && isCarried
      ? `the image of container ${container} carries no commit, so it may not be built from ${short(approved)}`
      : []
  })
}

function short(sha: string): string {
  return sha.slice(0, 7)
}

/** A rollout of another commit than was approved is followed until the run can start no other, and is no success then. */
function foreignTrack(release: Release, seen: RolloutSighting, name: string): Track<RolloutTrackVerdict> {
  const { subject } = release
  const run = runTrack(release)
  const isOpen = isMoving(seen.verdict) || run.verdict === 'moving'
  const approved = subject.kind !== 'rollback' ? subject.commit.sha : ''
  const ended = run.verdict === 'failed' || run.verdict === 'cancelled' ? `${run.reason}; meanwhile ` : ''
  return {
    verdict: isOpen ? 'moving' : 'failed',
    reason: `${ended}${seen.revision.name} on ${name} carries ${commitsText(seen.commits)}, but ${short(approved)} was approved; ${seen.reason}`,
  }
}

/** The verdicts from worst to best. The worst target decides. */
const worstFirst: readonly RolloutTrackVerdict[] = [
  'rollback failed',
  'rolled back',
  'failed',
  'stopped',
  'superseded',
  'unseen',
]
const movingFirst: readonly RolloutTrackVerdict[] = ['rolling back', 'paused', 'moving', 'baking', 'awaited']

/** Joins the targets: in progress while one is, then anything unapproved, then the worst verdict. */
export function rolloutTrack(release: Release): Track<RolloutTrackVerdict> {
  const { rollouts } = release.tracks
  const tracks = rollouts.map((track) => targetTrack(release, track))
  const first = (verdicts: readonly RolloutTrackVerdict[]) =>
    verdicts
      .map((verdict) => tracks.find((track) => track.verdict === verdict))
      .find((track) => track !== undefined)
  const unapproved = tracks[rollouts.findIndex((track) => unapprovedText(release, track) !== null)]
  const moving = first(movingFirst)
  if (moving) return moving
  const worst = unapproved ?? first(worstFirst)
  // Only an unknown end keeps the lane, because an unreadable rollout may still be in progress.
  const unseen = first(['unseen'])
  if (worst && unseen && worst !== unseen)
    return { verdict: 'unseen', reason: `${worst.reason}; ${unseen.reason}` }
  if (worst) return worst
  const none = first(['none'])
  const done = first(['succeeded'])
  if (none && done) return { verdict: 'partly', reason: `${none.reason}, while others were updated` }
  if (done && !none) {
    const notes = new Set(rollouts.flatMap((track) => unproven(release, track)))
    return { verdict: 'succeeded', reason: [done.reason, ...notes].join('; ') }
  }
  return none ?? { verdict: 'unseen', reason: 'nothing was looked at' }
}
