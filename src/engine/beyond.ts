import { z } from 'zod'
import type { Outside } from '../ports/outside.ts'
import type { RepositoryStart } from '../ports/start.ts'
import { changedBeyond, isProven, isWithin, type OtherRollout } from '../release/beyond.ts'
import { commitSource } from '../release/commit-source.ts'
import type { AskOf } from '../release/look.ts'
import { isSameLocation, isSameOnGitHub, type Target, targetName } from '../release/names.ts'
import { endedBeforeItsRun, type Release } from '../release/release.ts'
import type { Beyond, RolloutSighting } from '../release/sighting.ts'
import { byAws, spanOf } from '../release/span.ts'
import { type ServiceEnvironment, type Settings, targetsOf } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import { mayShip, overlaps } from './watched-workflows.ts'

type BeyondDeps = {
  readonly outside: Pick<Outside, 'ecs' | 'github'>
  readonly store: Pick<Store, 'sentTo'>
  readonly settings: Settings
}

type Look = AskOf<'beyond'>
type Found = {
  readonly serviceEnvironment: ServiceEnvironment
  readonly target: Target
  readonly rollout: RolloutSighting
}

/**
 * How many releases that were sent to a target are searched for one in progress. Few suffice, because each holds its
 * lane until its end.
 */
const mostReleases = 20

/**
 * Finds the other service environments that a run changed. It reads those of the same repository, because their images
 * carry the repository's commits. It reads the run's log only if a rollout in the run's time carries no commit itself.
 * Throws `Trouble`.
 */
export async function lookBeyond(look: Look, deps: BeyondDeps): Promise<readonly Beyond[]> {
  const own = new Set(look.own.map(targetName))
  const elsewhere = deps.settings.serviceEnvironments.filter(({ repository }) =>
    isSameOnGitHub(repository, look.repository),
  )
  const targets = elsewhere.flatMap(targetsOf).filter((target) => !own.has(targetName(target)))
  const changed = await deps.outside.ecs.changedSince(targets, look.since)
  const names = new Set(changed.map(targetName))
  const began = (
    await Promise.all(
      elsewhere.map((serviceEnvironment) => rolloutsOf(deps, serviceEnvironment, { look, names })),
    )
  ).flat()
  const found = await withoutOwnReleases(deps, began, look)
  if (found.length === 0) return []
  const starts = await otherStarts(deps, look)
  const otherRollouts = await Promise.all(
    found.map(
      async ({ serviceEnvironment, target, rollout }): Promise<OtherRollout> => ({
        service: serviceEnvironment.service,
        environment: serviceEnvironment.environment,
        target,
        rollout,
        others: await othersInProgress(deps, { serviceEnvironment, target, starts }, look),
        inLog: 'nothing',
      }),
    ),
  )
  const unproven = otherRollouts.filter((other) => !changedBeyond([other], look).some(isProven))
  const words = await deps.outside.github.wordsInLogs({
    repository: look.repository,
    jobIds: unproven.length > 0 ? look.jobs : [],
    words: unproven.flatMap((other) => [...namesOf(other, look), ...serviceText(other, look)]),
  })
  return changedBeyond(
    otherRollouts.map((other) => ({ ...other, inLog: mentionOf(other, look, words) })),
    look,
  )
}

/** Rollouts that began during the run. */
async function rolloutsOf(
  { outside }: BeyondDeps,
  serviceEnvironment: ServiceEnvironment,
  { look, names }: { readonly look: Look; readonly names: ReadonlySet<string> },
): Promise<readonly Found[]> {
  const targets = targetsOf(serviceEnvironment)
    .filter((target) => names.has(targetName(target)))
    .map((target) => ({ target, since: look.since, arn: null }))
  if (targets.length === 0) return []
  const { commit } = look
  const source = commitSource(serviceEnvironment)
  const sightings = await outside.ecs.rollouts({ source, commit, images: 'unwanted', targets })
  return sightings.flatMap(({ target, rollouts }) =>
    rollouts
      .filter((rollout) => isWithin(rollout, look))
      .map((rollout) => ({ serviceEnvironment, target, rollout })),
  )
}

/** Leaves out targets where another release follows the same attempt: it waited at the gates of several environments. */
async function withoutOwnReleases(
  { store }: BeyondDeps,
  found: readonly Found[],
  { releaseId, runId, attempt, until }: Look,
): Promise<readonly Found[]> {
  const releases = await Promise.all(
    found.map(({ target }) => store.sentTo({ target, until, limit: mostReleases })),
  )
  return found.filter(
    (_, index) =>
      !releases[index]?.some(
        ({ id, tracks: { run } }) => id !== releaseId && run?.id === runId && run.attempt === attempt,
      ),
  )
}

/**
 * Names by which the log of a run that began the rollout may mention it. `blog-api:45` may also be a revision of the
 * release's own, in another account or region.
 */
function namesOf({ target, rollout }: Mentioned, { own }: Pick<Look, 'own'>): readonly string[] {
  const isHere = own.every((each) => isSameLocation(each, target))
  const bare = isHere ? [`task-definition/${rollout.revision.name}`] : []
  return [rollout.revision.arn, ...bare, rollout.deploymentId]
}

/**
 * The console page that the official action links, whichever run updates the service. It does not name the account: none
 * if the release's own service has the same name elsewhere.
 */
function serviceText({ target }: Mentioned, { own }: Pick<Look, 'own'>): readonly string[] {
  const { cluster, service } = target
  const isOwn = own.some((each) => each.cluster === cluster && each.service === service)
  return isOwn ? [] : [`clusters/${cluster}/services/${service}`]
}

type Mentioned = Pick<OtherRollout, 'target' | 'rollout'>

function mentionOf(
  other: OtherRollout,
  look: Pick<Look, 'own'>,
  words: ReadonlySet<string>,
): OtherRollout['inLog'] {
  if (namesOf(other, look).some((word) => words.has(word))) return 'rollout'
  return serviceText(other, look).some((word) => words.has(word)) ? 'service' : 'nothing'
}

/** Other runs that were in progress in that time and may have deployed the commit. */
async function otherStarts({ outside }: BeyondDeps, look: Look): Promise<readonly RepositoryStart[]> {
  const starts = await outside.github.startsIn({ repository: look.repository })
  return starts.filter((start) => start.runId !== look.runId && overlaps(start, look) && mayShip(start, look))
}

/** What else was in progress in that time: a release, whatever its service and environment were called then, or a run. */
async function othersInProgress(
  { store }: BeyondDeps,
  {
    serviceEnvironment,
    target,
    starts,
  }: Pick<Found, 'serviceEnvironment' | 'target'> & { readonly starts: readonly RepositoryStart[] },
  look: Look,
): Promise<OtherRollout['others']> {
  const releases = await store.sentTo({ target, until: look.until, limit: mostReleases })
  if (releases.some((release) => release.id !== look.releaseId && wasInProgress(release, look)))
    return 'release'
  if (starts.some(({ workflow }) => workflow === serviceEnvironment.workflow)) return 'run'
  return starts.length > 0 ? 'nearby' : 'none'
}

/**
 * Whether a release or its run, which may outlast it, was in progress then, by the clocks of AWS and GitHub as the
 * look's times are.
 */
function wasInProgress(release: Release, look: Look): boolean {
  const { sentAt, sentAtAws, stage, tracks } = release
  if (sentAt === null || sentAtAws === null || sentAtAws > look.until) return false
  if (stage.at !== 'ended' || endedBeforeItsRun(release)) return true
  return (
    byAws(release, stage.since) >= look.since ||
    (tracks.run?.endedAt != null && spanOf(release).until >= look.since)
  )
}

/** The name of the bookmark that keeps what changed this service environment. */
export function beyondBookmark({
  service,
  environment,
}: Pick<ServiceEnvironment, 'service' | 'environment'>): string {
  return `beyond:${service}/${environment}`
}

/** Rollouts that changed a target without an approval for it. Status shows each while its revision runs. */
export const unapprovedShape = z.array(
  z.object({
    target: z.string(),
    /** ARN of the revision. */
    revision: z.string(),
    release: z.string(),
    service: z.string(),
    environment: z.string(),
  }),
)

type Unapproved = z.infer<typeof unapprovedShape>[number]

/** A change as the bookmark stores it. */
export function unapprovedBy(
  { id, service, environment }: Pick<Release, 'id' | 'service' | 'environment'>,
  { target, rollout }: Beyond,
): Unapproved {
  return { target: targetName(target), revision: rollout.revision.arn, release: id, service, environment }
}
