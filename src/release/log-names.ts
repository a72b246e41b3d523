import { isSameLocation } from './names.ts'
import type { Release } from './release.ts'
import type { Revision } from './revision.ts'
import type { LogName, RolloutSighting, RolloutVerdict } from './sighting.ts'
import { byAws, clockSkewMs, looseMs, spanOf } from './span.ts'
import type { RolloutTrack } from './tracks.ts'

/** Rollouts of a target that nothing else distinguishes, with what else is known there. */
type Tie = Pick<RolloutTrack, 'before' | 'candidates'> & { readonly tied: readonly RolloutSighting[] }

/**
 * How long after its beginning a rollout's name is printed by the run that began it, ms: in ECS's answer, or earlier
 * at the registration. A later name may come from a job that only reads what runs, and that somebody else rolled out.
 */
const promptMs = 10_000

/**
 * How long before its beginning a rollout's name is printed, ms. An earlier date may come from a runner whose clock
 * is behind.
 */
const earlyMs = clockSkewMs

/**
 * The only rollout that a log names in time. Null if it names none, several, or a revision of the service that is
 * neither the rollout's nor the earlier one; if its times cannot be right; and if another rollout did not end well.
 * @param names full names, as `RunLogSighting` has them
 */
export function namedAlone(
  release: Release,
  { tied, candidates, before }: Tie,
  names: readonly LogName[],
): RolloutSighting | null {
  if (isMisdated(release, names)) return null
  const [first, ...more] = release.targets
  const bare =
    first && more.every((target) => isSameLocation(first, target))
      ? ('telling' as const)
      : ('ambiguous' as const)
  // A name that all of them share, as when one revision is rolled out twice, does not distinguish them.
  const telling = names.filter(({ name }) => !tied.every((rollout) => isCalled(rollout, name, bare)))
  const [named, ...others] = tied.filter((rollout) =>
    telling.some(({ name }) => isCalled(rollout, name, bare)),
  )
  if (named === undefined || others.length > 0) return null
  if (tied.some((other) => other !== named && contradicts(other, named))) return null
  const isPrompt = telling.some(
    (each) => isPrintedWith(each, named.createdAt) && isCalled(named, each.name, bare),
  )
  const isAnothers = (name: string) =>
    !isCalled(named, name, bare) &&
    revisionIn(name, named.revision, bare) !== before?.revision.name &&
    (isOfFamily(name, named.revision, bare) || candidates.some((rollout) => isCalled(rollout, name, bare)))
  return !isPrompt || names.some(({ name }) => isAnothers(name)) ? null : named
}

/**
 * Whether the times in a log cannot be right, because the clock of its runner is behind: a name is dated before the
 * dispatch, or the run's end long before the run was last seen in progress.
 */
export function isMisdated(release: Release, names: readonly LogName[]): boolean {
  const { since } = spanOf(release)
  const { seen, inProgressAt } = release.tracks.run ?? { seen: null, inProgressAt: null }
  const isRunnerBehind =
    seen?.endedAt != null &&
    inProgressAt !== null &&
    byAws(release, inProgressAt) - seen.endedAt > clockSkewMs
  return isRunnerBehind || names.some(({ at }) => at !== null && at < since - looseMs)
}

function isPrintedWith({ at, later = [] }: LogName, createdAt: number): boolean {
  const times = at === null ? [] : [at, ...later]
  return times.some((time) => time >= createdAt - earlyMs && time <= createdAt + promptMs)
}

/**
 * Whether a rollout contradicts the attribution of another one, whatever a log names. A rollout that ECS rolled back,
 * that failed or was stopped may be the release's own. One in progress may be too, unless the other began later and
 * so replaces it.
 */
function contradicts(other: RolloutSighting, named: RolloutSighting): boolean {
  const against = speaksAgainst[other.verdict]
  return against === 'while it is the newer' ? other.createdAt >= named.createdAt : against === 'yes'
}

const speaksAgainst: Readonly<Record<RolloutVerdict, 'yes' | 'no' | 'while it is the newer'>> = {
  moving: 'while it is the newer',
  baking: 'while it is the newer',
  paused: 'while it is the newer',
  'rolling back': 'yes',
  succeeded: 'no',
  failed: 'yes',
  'rolled back': 'yes',
  'rollback failed': 'yes',
  superseded: 'no',
  stopped: 'yes',
  unknown: 'yes',
}

/** `ambiguous`: the release has targets in several accounts or regions, and `blog-api:42` may be of any of them. */
type Bare = 'telling' | 'ambiguous'

function isCalled({ arn, deploymentId, revision }: RolloutSighting, name: string, bare: Bare): boolean {
  return (
    name === deploymentId ||
    name === arn ||
    name === masked(arn) ||
    revisionIn(name, revision, bare) === revision.name
  )
}

function isOfFamily(name: string, like: Revision, bare: Bare): boolean {
  return revisionIn(name, like, bare)?.startsWith(`${familyOf(like)}:`) ?? false
}

/** `blog-api:42` if the name is that of a revision in the same account and region; otherwise null. */
function revisionIn(name: string, { arn }: Revision, bare: Bare): string | null {
  const [place = '', revision] = name.split(kind)
  if (revision === undefined) return bare === 'telling' ? name : null
  const [own = ''] = arn.split(kind)
  return place === own || place === masked(own) ? revision : null
}

const kind = 'task-definition/'

/** As `aws-actions/configure-aws-credentials` has GitHub print it with `mask-aws-account-id`. */
function masked(arn: string): string {
  return arn.replace(/:\d{12}:/, ':***:')
}

/** `blog-api` of `blog-api:42`. */
export function familyOf({ name }: Pick<Revision, 'name'>): string {
  return name.slice(0, name.lastIndexOf(':'))
}
