import { z } from 'zod'
import type { LookOf } from '../ports/ports.ts'
import { type Beyond, changedBeyond, isProven, isWithin, type OtherRollout } from '../release/beyond.ts'
import { commitSource } from '../release/commit-source.ts'
import type { RolloutSighting } from '../release/observation.ts'
import { endedBeforeItsRun, type Release, type Target, targetName } from '../release/release.ts'
import { byAws, spanOf } from '../release/span.ts'
import { type ServiceEnvironment, type Settings, targetsOf } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import type { Outside } from './observe.ts'
import { mayShip, overlaps } from './watched-workflows.ts'

type Needs = {
  readonly outside: Pick<Outside, 'ecs' | 'github'>
  readonly store: Pick<Store, 'history'>
  readonly settings: Settings
}

type Look = LookOf<'beyond'>
type Found = {
  readonly place: ServiceEnvironment
  readonly target: Target
  readonly rollout: RolloutSighting
}

/** How many releases of a service environment are looked through for one that was in progress. */
const releasesLooked = 20

/**
 * The other service environments that a run changed: those of the same repository are looked at, since their images carry
 * its commits. The run's log is read only where a rollout in its time says nothing itself. Throws `Trouble`.
 */
export async function lookBeyond(look: Look, needs: Needs): Promise<readonly Beyond[]> {
  const own = new Set(look.own.map(targetName))
  const elsewhere = needs.settings.serviceEnvironments.filter(
    ({ repository }) => repository.toLowerCase() === look.repository.toLowerCase(),
  )
  const targets = elsewhere.flatMap(targetsOf).filter((target) => !own.has(targetName(target)))
  const changed = await needs.outside.ecs.changedSince(targets, look.since)
  const names = new Set(changed.map(targetName))
  const found = (
    await Promise.all(elsewhere.map((place) => rolloutsOf(needs, place, { look, names })))
  ).flat()
  if (found.length === 0) return []
  const atWork = await othersAtWork(needs, [...new Set(found.map(({ place }) => place))], look)
  const measured = found.map(
    ({ place, target, rollout }): OtherRollout => ({
      service: place.service,
      environment: place.environment,
      target,
      rollout,
      others: atWork.get(place) ?? 'none',
      inLog: 'nothing',
    }),
  )
  const open = measured.filter((other) => !changedBeyond([other], look).some(isProven))
  const words = await needs.outside.github.wordsInLogs({
    repository: look.repository,
    jobIds: open.length > 0 ? look.jobs : [],
    words: open.flatMap((other) => [...namesOf(other), ...serviceWords(other)]),
  })
  return changedBeyond(
    measured.map((other) => ({ ...other, inLog: mentionOf(other, words) })),
    look,
  )
}

/** Rollouts that began in the run's time. */
async function rolloutsOf(
  { outside }: Needs,
  place: ServiceEnvironment,
  { look, names }: { readonly look: Look; readonly names: ReadonlySet<string> },
): Promise<readonly Found[]> {
  const targets = targetsOf(place)
    .filter((target) => names.has(targetName(target)))
    .map((target) => ({ target, since: look.since, arn: null }))
  if (targets.length === 0) return []
  const { commit } = look
  const source = commitSource(place)
  const sightings = await outside.ecs.rollouts({ source, commit, images: 'unwanted', targets })
  return sightings.flatMap(({ target, rollouts }) =>
    rollouts.filter((rollout) => isWithin(rollout, look)).map((rollout) => ({ place, target, rollout })),
  )
}

/** What the log of a run that began the rollout may say of it. */
function namesOf({ rollout }: Pick<OtherRollout, 'rollout'>): readonly string[] {
  return [rollout.revision.arn, `task-definition/${rollout.revision.name}`, rollout.deploymentId]
}

/** The page of the console that the official action links, whoever it is that updates the service. */
function serviceWords({ target: { cluster, service } }: Pick<OtherRollout, 'target'>): readonly string[] {
  return [`clusters/${cluster}/services/${service}`]
}

function mentionOf(other: OtherRollout, words: ReadonlySet<string>): OtherRollout['inLog'] {
  if (namesOf(other).some((word) => words.has(word))) return 'rollout'
  return serviceWords(other).some((word) => words.has(word)) ? 'service' : 'nothing'
}

/** Who else was at work in that time, for each of these service environments. */
async function othersAtWork(
  { store, outside }: Needs,
  places: readonly ServiceEnvironment[],
  look: Look,
): Promise<ReadonlyMap<ServiceEnvironment, OtherRollout['others']>> {
  const { repository, releaseId, runId } = look
  const starts = (await outside.github.startsIn({ repository })).filter(
    (start) => start.runId !== runId && overlaps(start, look) && mayShip(start, look),
  )
  const found = places.map(async (place): Promise<[ServiceEnvironment, OtherRollout['others']]> => {
    const { service, environment, workflow } = place
    const releases = await store.history({ service, environment, limit: releasesLooked })
    const isReleased = releases.some((release) => release.id !== releaseId && wasInProgress(release, look))
    if (isReleased) return [place, 'release']
    if (starts.some((start) => start.workflow === workflow)) return [place, 'run']
    return [place, starts.length > 0 ? 'nearby' : 'none']
  })
  return new Map(await Promise.all(found))
}

/** A run may go on after the end of its release. By the clocks of AWS and GitHub, as the look's times are. */
function wasInProgress(release: Release, look: Look): boolean {
  const { sentAt, sentAtAws, stage, tracks } = release
  if (sentAt === null || sentAtAws === null || sentAtAws > look.until) return false
  if (stage.at !== 'ended' || endedBeforeItsRun(release)) return true
  return (
    byAws(release, stage.since) >= look.since ||
    (tracks.run?.endedAt != null && spanOf(release).until >= look.since)
  )
}

/** For the audit and for status: the service environment's name, as bookmarks have it. */
export function beyondBookmark({
  service,
  environment,
}: Pick<ServiceEnvironment, 'service' | 'environment'>): string {
  return `beyond:${service}/${environment}`
}

/** What changed a target without an approval for it, as status shows it while that revision serves. */
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

/** As a bookmark keeps it. */
export function unapprovedBy(
  { id, service, environment }: Pick<Release, 'id' | 'service' | 'environment'>,
  { target, rollout }: Beyond,
): Unapproved {
  return { target: targetName(target), revision: rollout.revision.arn, release: id, service, environment }
}
