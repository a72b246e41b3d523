import type { Revision } from '../release/observation.ts'
import { type Refusal, refuse } from '../release/refusal.ts'
import { type Target, targetName } from '../release/release.ts'
import { type Ecs, type PastRevision, Trouble } from '../shepherd/ports.ts'
import { revisionOf } from './commit.ts'
import type { Reads } from './reads.ts'
import { primaryOf } from './sighting.ts'
import { lastPart } from './words.ts'

type RollbackAsked = Parameters<Ecs['rollbackTarget']>[0]
type PastAsked = Parameters<Ecs['past']>[0]

const pickOne = 'Type the command without a number to see the revisions that ran well there.'

/** The revision of the family that serves, with this number: ACTIVE, and one that ran well in this very service. */
export async function rollbackTarget(
  reads: Reads,
  { target, number, containers, ranWell }: RollbackAsked,
): Promise<{ readonly revision: Revision } | { readonly refused: Refusal }> {
  const name = targetName(target)
  const service = await reads.service(target)
  if (!service || service.status === 'INACTIVE')
    return refuse(
      'service_not_found',
      `ECS knows no service ${name}.`,
      'Check the config file and the region.',
    )
  const family = familyOf(primaryOf(service, name).taskDefinition)
  const wanted = `${family}:${number}`
  const found = await reads.definitionNow(wanted)
  const arn = found?.definition.taskDefinitionArn
  if (!found || arn === undefined) return unknown(await otherFamily(reads, target, number), wanted, name)
  if (found.definition.status !== 'ACTIVE')
    return refuse(
      'revision_inactive',
      `${wanted} was deregistered, and ECS takes back ACTIVE revisions only.`,
      pickOne,
    )
  if (!ranWell.includes(arn) && !(await hasRunWell(reads, target, arn)))
    return refuse('revision_never_ran', `${wanted} was never rolled out to ${name} with success.`, pickOne)
  return { revision: revisionOf(arn, found, containers) }
}

function unknown(other: string | undefined, wanted: string, name: string): { readonly refused: Refusal } {
  return other === undefined
    ? refuse('revision_unknown', `There is no ${wanted}.`, pickOne)
    : refuse(
        'revision_other_family',
        `There is no ${wanted}; ${other} ran on ${name} once, but is of another family.`,
        pickOne,
      )
}

async function hasRunWell(reads: Reads, target: Target, arn: string): Promise<boolean> {
  for await (const { taskDefinition } of ranWellOn(reads, target)) if (taskDefinition === arn) return true
  return false
}

/** A revision with this number of another family, that the service ran before. */
async function otherFamily(reads: Reads, target: Target, number: number): Promise<string | undefined> {
  for await (const { taskDefinition } of ranWellOn(reads, target)) {
    const revision = lastPart(taskDefinition)
    if (revision.endsWith(`:${number}`)) return revision
  }
  return undefined
}

/** The last revisions whose rollouts completed there and that ECS would take back, the newest first, each once. */
export async function pastRevisions(
  reads: Reads,
  { target, containers, limit }: PastAsked,
): Promise<readonly Omit<PastRevision, 'commit'>[]> {
  const past: Omit<PastRevision, 'commit'>[] = []
  const seen = new Set<string>()
  for await (const { taskDefinition, at } of ranWellOn(reads, target)) {
    if (past.length >= limit) break
    if (seen.has(taskDefinition)) continue
    seen.add(taskDefinition)
    const found = await reads.definitionNow(taskDefinition)
    if (found?.definition.status === 'ACTIVE')
      past.push({ revision: revisionOf(taskDefinition, found, containers), at })
  }
  return past
}

type RanWell = { readonly taskDefinition: string; readonly at: number }

/** What was rolled out to this very service with success, the newest first. */
async function* ranWellOn(reads: Reads, target: Target): AsyncGenerator<RanWell> {
  for await (const page of reads.deployments({ target, status: ['SUCCESSFUL'] })) {
    const found = await Promise.all(
      page.map(async ({ targetServiceRevisionArn, finishedAt, createdAt }) => {
        const revision = targetServiceRevisionArn && (await reads.serviceRevision(targetServiceRevisionArn))
        const at = finishedAt ?? createdAt
        return revision && revision.taskDefinition !== undefined && at
          ? [{ taskDefinition: revision.taskDefinition, at: at.getTime() }]
          : []
      }),
    )
    yield* found.flat().toSorted((a, b) => b.at - a.at)
  }
}

function familyOf(taskDefinitionArn: string): string {
  const [family] = lastPart(taskDefinitionArn).split(':')
  if (!family)
    throw new Trouble('passing', `ECS named a task definition without a family: ${taskDefinitionArn}`)
  return family
}
