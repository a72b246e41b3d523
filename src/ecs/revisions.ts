import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs'
import type { Target } from '../release/release.ts'
import type { Ecs, PastRevision } from '../shepherd/ports.ts'
import { revisionOf } from './commit.ts'
import { differenceFrom, servingRun } from './difference-from.ts'
import { imagesIn } from './images.ts'
import type { Reads } from './reads.ts'

type PastAsked = Parameters<Ecs['past']>[0]

/** The last revisions whose rollouts completed there and that ECS would take back, the newest first, each once. */
export async function pastRevisions(
  reads: Reads,
  { target, containers, limit, serving }: PastAsked,
): Promise<readonly Omit<PastRevision, 'commit'>[]> {
  const past: Omit<PastRevision, 'commit'>[] = []
  const seen = new Set<string>()
  const from = await servingRun(reads, { target, service: await reads.service(target), serving })
  for await (const { taskDefinition, serviceRevision, at } of rolledOut(reads, {
    target,
    status: ['SUCCESSFUL'],
  })) {
    if (past.length >= limit) break
    if (seen.has(taskDefinition)) continue
    seen.add(taskDefinition)
    const found = await reads.definitionNow(taskDefinition)
    if (found?.definition.status !== 'ACTIVE') continue
    const images = imagesIn(found.definition, await reads.serviceRevision(serviceRevision))
    const difference = differenceFrom(from, { ...found, images })
    past.push({ revision: revisionOf(taskDefinition, found, containers), at, difference })
  }
  return past
}

/** A service deployment. `at`: when it finished, or began, ms. */
type RolledOut = {
  readonly serviceRevision: string
  readonly taskDefinition: string
  readonly status: ServiceDeploymentStatus | undefined
  readonly at: number
}

/** What was rolled out to this very service, page by page, the newest first. */
export async function* rolledOut(
  reads: Reads,
  asked: { readonly target: Target; readonly status?: readonly ServiceDeploymentStatus[] },
): AsyncGenerator<RolledOut> {
  for await (const page of reads.deployments(asked)) {
    const found = await Promise.all(
      page.map(async ({ targetServiceRevisionArn: arn, status, finishedAt, createdAt }) => {
        const revision = arn && (await reads.serviceRevision(arn))
        const at = finishedAt ?? createdAt
        return revision && revision.taskDefinition !== undefined && at
          ? [{ serviceRevision: arn, taskDefinition: revision.taskDefinition, status, at: at.getTime() }]
          : []
      }),
    )
    yield* found.flat()
  }
}
