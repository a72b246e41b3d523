import type { Service, ServiceDeploymentBrief } from '@aws-sdk/client-ecs'
import { type Ecs, type PastRevision, Trouble } from '../../ports/ports.ts'
import type { Target } from '../../release/names.ts'
import type { Revision } from '../../release/revision.ts'
import type { Revisions } from '../codedeploy/revisions.ts'
import { type Commits, mentions } from './commit.ts'
import { differenceFrom, servingRun } from './difference-from.ts'
import { imagesIn } from './images.ts'
import { isByCodeDeploy } from './primary.ts'
import type { Definition, Reads } from './reads.ts'
import { isNotOffered, unlessDenied } from './trouble.ts'
import { lastPart } from './words.ts'

type PastQuery = Parameters<Ecs['past']>[0]

/** The latest revisions that completed there and can be rolled out again, newest first, without duplicates. */
export async function pastRevisions(
  { reads, commits, codeDeployed }: RolledOutSources & { readonly commits: Commits },
  { target, source, commit, limit, serving }: PastQuery,
): Promise<readonly Omit<PastRevision, 'commit'>[]> {
  const past: Omit<PastRevision, 'commit'>[] = []
  const seen = new Set<string>()
  const service = await reads.service(target)
  const from = await servingRun(reads, { target, service, serving })
  for await (const { taskDefinition, serviceRevision, ended, at } of rolledOut(
    { reads, codeDeployed },
    { target, service },
  )) {
    if (past.length >= limit) break
    if (ended !== 'well' || seen.has(taskDefinition)) continue
    seen.add(taskDefinition)
    const found = await reads.definitionNow(taskDefinition)
    if (found?.definition.status !== 'ACTIVE') continue
    const run = serviceRevision === null ? undefined : await reads.serviceRevision(serviceRevision)
    const images = imagesIn(found.definition, run)
    const difference = differenceFrom(from, { ...found, images })
    past.push({ revision: await revisionOf(taskDefinition, found), at, difference })
  }
  return past

  /** If a commit is searched for, only revisions that may carry it are looked up. */
  async function revisionOf(arn: string, found: Definition): Promise<Revision> {
    if (commit !== undefined && !mentions(found, source, commit))
      return { name: lastPart(arn), arn, commit: null }
    return commits.revision(arn, found, { source, known: commit })
  }
}

export type RolledOutSources = { readonly reads: Reads; readonly codeDeployed: Revisions }

export type RolledOutAsk = { readonly target: Target; readonly service: Service | undefined }

/**
 * A revision that was rolled out. `well`: the rollout completed. `at`: when it finished or began, ms; null if AWS gives
 * no date.
 */
type RolledOut = {
  /** Null: CodeDeploy rolled it out, and ECS reports no service revisions then. */
  readonly serviceRevision: string | null
  readonly taskDefinition: string
  readonly ended: 'well' | 'otherwise'
  readonly at: number | null
}

/**
 * What was rolled out to this service, page by page, newest first, by CodeDeploy if that deploys it; last, what served
 * when the oldest listed rollout began. ECS lists 90 days: what has been running for longer completed.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html, `sourceServiceRevisions`
 */
export async function* rolledOut(
  { reads, codeDeployed }: RolledOutSources,
  { target, service }: RolledOutAsk,
): AsyncGenerator<RolledOut> {
  if (service && isByCodeDeploy(service)) {
    for await (const each of codeDeployed.past(service, target)) yield { ...each, serviceRevision: null }
    return
  }
  try {
    yield* listed(reads, target)
  } catch (error) {
    throw error instanceof Trouble && isNotOffered(error) ? withoutList(error) : error
  }
}

/** If AWS cannot list rollouts, twokey's own releases show what completed. */
function withoutList({ message, cause }: Trouble): Trouble {
  const instead = 'so twokey can only roll back to revisions that it deployed itself; give their number'
  return new Trouble('terminal', `${message}, ${instead}`, { cause })
}

async function* listed(reads: Reads, target: Target): AsyncGenerator<RolledOut> {
  const known = new Set<string | undefined>()
  let oldest: ServiceDeploymentBrief | undefined
  for await (const page of reads.deployments({ target })) {
    for (const { targetServiceRevisionArn } of page) known.add(targetServiceRevisionArn)
    oldest = page.at(-1) ?? oldest
    const found = await Promise.all(
      page.map(({ targetServiceRevisionArn: arn, status, finishedAt, startedAt, createdAt }) =>
        brought(reads, arn, {
          ended: status === 'SUCCESSFUL' ? 'well' : 'otherwise',
          at: finishedAt ?? startedAt ?? createdAt,
        }),
      ),
    )
    yield* found.flat()
  }
  const servingRevision = oldest && (await servedBefore(reads, oldest))
  if (servingRevision !== undefined && !known.has(servingRevision))
    yield* await brought(reads, servingRevision, { ended: 'well', at: oldest?.createdAt })
}

async function brought(
  reads: Reads,
  arn: string | undefined,
  { ended, at }: { readonly ended: RolledOut['ended']; readonly at: Date | undefined },
): Promise<readonly RolledOut[]> {
  const revision = arn && (await reads.serviceRevision(arn))
  return revision && revision.taskDefinition !== undefined
    ? [{ serviceRevision: arn, taskDefinition: revision.taskDefinition, ended, at: at?.getTime() ?? null }]
    : []
}

/** The only service revision that served until then; undefined if there was none, or several, or it cannot be determined. */
async function servedBefore(reads: Reads, brief: ServiceDeploymentBrief): Promise<string | undefined> {
  const { serviceDeploymentArn: arn } = brief
  const deployment = arn === undefined ? undefined : await unlessDenied(reads.deployment(arn))
  const sources = deployment?.sourceServiceRevisions ?? []
  return sources.length === 1 ? sources[0]?.arn : undefined
}
