import type { ServiceRevision } from '@aws-sdk/client-ecs'
import { type Ecs, type RollbackTarget, Trouble } from '../../ports/ports.ts'
import type { ActiveDeployment } from '../../release/active-deployment.ts'
import { eachOnce } from '../../release/images.ts'
import type { AskOf } from '../../release/look.ts'
import { type Target, targetName } from '../../release/names.ts'
import type { Refusal } from '../../release/refusal.ts'
import {
  deploymentInProgress,
  revisionInactive,
  revisionNeverRan,
  revisionOtherFamily,
  revisionUnfit,
  revisionUnknown,
  serviceNotFound,
} from '../../release/refusals/revisions.ts'
import type { ContainerImage } from '../../release/revision.ts'
import type { RollbackSighting } from '../../release/sighting.ts'
import { keptBeside, lacksFor, type WaysBack } from '../codedeploy/way-back.ts'
import type { Commits } from './commit.ts'
import { differenceFrom, servingRun } from './difference-from.ts'
import { imagesIn, reportsDigests } from './images.ts'
import { isByCodeDeploy, primaryOf } from './primary.ts'
import { type RolledOutAsk, type RolledOutSources, rolledOut } from './revisions.ts'
import { isDenied, isNotOffered } from './trouble.ts'
import { lastPart } from './words.ts'

type RollbackAsk = Parameters<Ecs['inspect']>[0]
type SightingAsk = Omit<AskOf<'rollbackTarget'>, 'targets'> & { readonly target: Target }

type Sources = RolledOutSources & { readonly commits: Commits; readonly waysBack: WaysBack }

/**
 * Finds the revision of the serving family with this number. It must be ACTIVE and have completed a rollout in this
 * service.
 */
export async function inspectRevision(
  sources: Sources,
  { serviceEnvironment, target, number, source, ranWell, serving }: RollbackAsk,
): Promise<RollbackTarget | { readonly refused: Refusal }> {
  const { reads, commits } = sources
  const name = targetName(target)
  const service = await reads.service(target)
  if (!service || service.status === 'INACTIVE') return { refused: serviceNotFound(target) }
  const wanted = `${familyOf(primaryOf(service, name).taskDefinition)}:${number}`
  const found = await reads.definitionNow(wanted)
  const arn = found?.definition.taskDefinitionArn
  if (!found || arn === undefined) {
    const other = await otherFamily(sources, { target, service }, number)
    return {
      refused:
        other === undefined
          ? revisionUnknown(serviceEnvironment, wanted)
          : revisionOtherFamily(serviceEnvironment, { revision: wanted, other }),
    }
  }
  if (found.definition.status !== 'ACTIVE') return { refused: revisionInactive(serviceEnvironment, wanted) }
  const isKnown = ranWell.includes(arn)
  const last = await lastRun(
    sources,
    { target, service },
    arn,
    isKnown ? 'denied is untold' : 'denied is trouble',
  )
  if (!isKnown && !last.ranWell) return { refused: revisionNeverRan(serviceEnvironment, wanted) }
  const way = isByCodeDeploy(service) ? await sources.waysBack.of(service, target) : null
  const lacks = way && lacksFor(way.appSpec, found.definition)
  if (lacks !== null) return { refused: revisionUnfit(serviceEnvironment, { revision: wanted, lacks }) }
  const active = way && (await sources.waysBack.activeOf(service, target))
  if (active?.is === 'of CloudFormation')
    return { refused: deploymentInProgress(serviceEnvironment, active.deploymentId) }
  const images = imagesIn(found.definition, last.run)
  const from = await servingRun(reads, { target, service, serving })
  const difference = differenceFrom(from, { ...found, images })
  const revision = await commits.revision(arn, found, { source })
  const isKept = active !== null && keptBeside(active, service) === arn
  const stops = active?.is === 'stoppable' && active.revision !== wanted
  return {
    revision,
    images,
    difference,
    ...(way && !isKept && { time: await way.time() }),
    ...(stops && { stops: { target, deploymentId: active.deploymentId, revision: active.revision } }),
  }
}

/** Reads the same revision again, in one target. */
export async function rollbackSighting(
  sources: Sources,
  { target, revision, images: approved, source }: SightingAsk,
): Promise<RollbackSighting> {
  const { reads, commits } = sources
  const found = await reads.definitionNow(revision.arn)
  if (found?.definition.status !== 'ACTIVE')
    return {
      usable: false,
      why: `task definition ${revision.name} was ${found ? 'deregistered' : 'deleted'} in ECS`,
    }
  const service = await reads.service(target)
  const primary = service && primaryOf(service, targetName(target)).taskDefinition
  if (primary !== undefined && familyOf(primary) !== familyOf(revision.arn))
    return {
      usable: false,
      why: `the service ${targetName(target)} runs ${lastPart(primary)} now, which belongs to another family than ${revision.name}`,
    }
  const there = { target, service }
  const isDeployedByCodeDeploy = service !== undefined && isByCodeDeploy(service)
  const active = isDeployedByCodeDeploy ? await sources.waysBack.activeOf(service, target) : null
  const wereKnown = approved.some(({ digest }) => digest !== null)
  const denied = wereKnown ? 'denied is trouble' : 'denied is untold'
  // Of what CodeDeploy rolled out, ECS reports no images.
  const last = isDeployedByCodeDeploy ? null : await lastRun(sources, there, revision.arn, denied)
  const images = imagesIn(found.definition, last?.run)
  const serving =
    primary === undefined
      ? null
      : await commits.revision(primary, await reads.definition(primary), { source })
  const from = await servingRun(reads, { target, service, serving })
  const difference = differenceFrom(from, { ...found, images })
  return { usable: true, images, serving, difference, active: active ? [active] : [] }
}

/** Combines the sightings of several targets; what serves, and the difference from it, are those of the first. */
export function combineSightings(sightings: readonly RollbackSighting[]): RollbackSighting {
  const images: ContainerImage[] = []
  const active: ActiveDeployment[] = []
  for (const sighting of sightings) {
    if (!sighting.usable) return sighting
    images.push(...sighting.images)
    active.push(...sighting.active)
  }
  const [first] = sightings
  if (!first?.usable) throw new Error('a rollback has a target')
  const { serving, difference } = first
  return { usable: true, images: eachOnce(images), serving, difference, active }
}

/**
 * The last rollout of a revision there whose images ECS reports, and whether one ever completed. A failed rollout
 * counts as well: it shows what the image names resolve to by now.
 */
async function lastRun(
  sources: Sources,
  there: RolledOutAsk,
  arn: string,
  list: 'denied is trouble' | 'denied is untold',
): Promise<{ readonly run: ServiceRevision | undefined; readonly ranWell: boolean }> {
  let run: ServiceRevision | undefined
  try {
    for await (const { serviceRevision, taskDefinition, ended } of rolledOut(sources, there)) {
      if (taskDefinition !== arn) continue
      const now =
        run ??
        (serviceRevision === null ? undefined : await sources.reads.serviceRevisionNow(serviceRevision))
      if (now && reportsDigests(now)) run = now
      if (ended === 'well') return { run, ranWell: true }
    }
  } catch (error) {
    if (list === 'denied is untold' && isDenied(error)) return { run: undefined, ranWell: false }
    throw error
  }
  return { run, ranWell: false }
}

/** A revision with this number of another family that the service ran before. */
async function otherFamily(
  sources: Sources,
  there: RolledOutAsk,
  number: number,
): Promise<string | undefined> {
  try {
    for await (const { taskDefinition, ended } of rolledOut(sources, there)) {
      const revision = lastPart(taskDefinition)
      if (ended === 'well' && revision.endsWith(`:${number}`)) return revision
    }
  } catch (error) {
    // The result only makes the refusal more precise.
    if (!isNotOffered(error)) throw error
  }
  return undefined
}

function familyOf(taskDefinitionArn: string): string {
  const [family] = lastPart(taskDefinitionArn).split(':')
  if (!family)
    throw new Trouble('passing', `ECS named a task definition without a family: ${taskDefinitionArn}`)
  return family
}
