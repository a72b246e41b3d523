import type { LogName, Revision, RolloutSighting } from './observation.ts'
import type { Release } from './release.ts'
import type { RolloutTrack } from './tracks.ts'

/** Rollouts of a target that nothing else tells apart, with what else is known there. */
type Tie = Pick<RolloutTrack, 'before' | 'candidates'> & { readonly tied: readonly RolloutSighting[] }

/**
 * How long after a rollout began its name is printed by whoever began it, ms: ECS's answer, if not what was registered before. What
 * is printed later may be a look at what serves, whoever rolled it out.
 */
const promptMs = 10_000

/**
 * The one of these rollouts that a log names in time; null where it names none, several, or a revision of the service that is
 * neither that one's nor what served before.
 * @param names full names, as `RunLogSighting` has them
 */
export function namedAlone(
  { targets }: Pick<Release, 'targets'>,
  { tied, candidates, before }: Tie,
  names: readonly LogName[],
): RolloutSighting | null {
  const bare = new Set(targets.map(({ region }) => region)).size === 1 ? 'telling' : 'ambiguous'
  // What all of them are called, as where one revision is rolled out twice, tells them not apart.
  const telling = names.filter(({ name }) => !tied.every((rollout) => isCalled(rollout, name, bare)))
  const [named, ...others] = tied.filter((rollout) =>
    telling.some(({ name }) => isCalled(rollout, name, bare)),
  )
  if (named === undefined || others.length > 0) return null
  const isPrompt = telling.some(
    ({ name, at }) => at !== null && at <= named.createdAt + promptMs && isCalled(named, name, bare),
  )
  const isAnothers = (name: string) =>
    !isCalled(named, name, bare) &&
    revisionIn(name, named.revision, bare) !== before?.revision.name &&
    (isOfFamily(name, named.revision, bare) || candidates.some((rollout) => isCalled(rollout, name, bare)))
  return !isPrompt || names.some(({ name }) => isAnothers(name)) ? null : named
}

/** `ambiguous`: the release has targets in several regions, and `blog-api:42` may be of any of them. */
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

/** `blog-api:42`, where the name is that of a revision in the same account and region; else null. */
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
