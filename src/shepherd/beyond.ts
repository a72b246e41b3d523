import { z } from 'zod'
import { type Beyond, changedBeyond, isWithin, type OtherRollout } from '../release/beyond.ts'
import type { RolloutSighting } from '../release/observation.ts'
import { type Release, type Target, targetName } from '../release/release.ts'
import type { Store } from '../store/store.ts'
import type { Outside } from './observe.ts'
import type { LookOf, Start } from './ports.ts'
import { type ServiceEnvironment, type Settings, targetsOf } from './settings.ts'
import { reached } from './starts.ts'

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
  const others = needs.settings.serviceEnvironments.filter(
    (place) =>
      place.repository.toLowerCase() === look.repository.toLowerCase() &&
      (place.service !== look.service || place.environment !== look.environment),
  )
  const changed = await needs.outside.ecs.changedSince(others.flatMap(targetsOf), look.since)
  const names = new Set(changed.map(targetName))
  const found = (await Promise.all(others.map((place) => rolloutsOf(needs, place, { look, names })))).flat()
  if (found.length === 0) return []
  const contested = await contestedAmong(needs, [...new Set(found.map(({ place }) => place))], look)
  const measured = found.map(
    ({ place, target, rollout }): OtherRollout => ({
      service: place.service,
      environment: place.environment,
      target,
      rollout,
      isContested: contested.has(place),
      isInLog: false,
    }),
  )
  const silent = measured.filter(
    (other) =>
      !other.isContested && other.rollout.releaseTag === null && changedBeyond([other], look).length === 0,
  )
  const words = await needs.outside.github.wordsInLogs({
    repository: look.repository,
    jobIds: silent.length > 0 ? look.jobs : [],
    words: silent.flatMap(wordsFor),
  })
  return changedBeyond(
    measured.map((other) => ({ ...other, isInLog: wordsFor(other).some((word) => words.has(word)) })),
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
  const sightings = await outside.ecs.rollouts({ containers: place.containers, targets })
  return sightings.flatMap(({ target, rollouts }) =>
    rollouts.filter((rollout) => isWithin(rollout, look)).map((rollout) => ({ place, target, rollout })),
  )
}

/** What a log says of a rollout, by the official action and by the command line. */
function wordsFor({ target, rollout }: Pick<OtherRollout, 'target' | 'rollout'>): readonly string[] {
  const { cluster, service } = target
  return [
    rollout.revision.arn,
    `task-definition/${rollout.revision.name}`,
    rollout.deploymentId,
    `clusters/${cluster}/services/${service}`,
    `service/${cluster}/${service}`,
  ]
}

/** Those where another release or run was in progress in that time. */
async function contestedAmong(
  { store, outside }: Needs,
  places: readonly ServiceEnvironment[],
  look: Look,
): Promise<ReadonlySet<ServiceEnvironment>> {
  const workflows = new Map<string, Promise<readonly Start[]>>()
  const startsOf = ({ repository, workflow }: ServiceEnvironment) => {
    const starts = workflows.get(workflow) ?? outside.github.starts({ repository, workflow })
    workflows.set(workflow, starts)
    return starts
  }
  const contested = await Promise.all(
    places.map(async (place) => {
      const { service, environment } = place
      const releases = await store.history({ service, environment, limit: releasesLooked })
      if (releases.some((release) => release.id !== look.releaseId && wasInProgress(release, look)))
        return [place]
      const starts = (await startsOf(place)).filter(
        (start) => start.runId !== look.runId && overlaps(start, look),
      )
      return starts.some((start) => reached(start, [place]).length > 0) ? [place] : []
    }),
  )
  return new Set(contested.flat())
}

function wasInProgress({ sentAt, stage }: Release, { since, until }: Look): boolean {
  return sentAt !== null && sentAt <= until && (stage.at !== 'ended' || stage.since >= since)
}

/** A run that has ended at a time that is not known may have overlapped. */
function overlaps({ at, isOver, endedAt }: Start, { since, until }: Look): boolean {
  return (at === null || at <= until) && (!isOver || endedAt === null || endedAt >= since)
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
