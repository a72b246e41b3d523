import { type Service, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { type Ecs, Trouble } from '../../ports/ports.ts'
import type { Clients } from './client.ts'
import { failedAnswer, onlyIf } from './once.ts'
import { isByCodeDeploy } from './primary.ts'
import type { Reads } from './reads.ts'
import { failing, trouble } from './trouble.ts'
import { updateRefusal } from './update-refusals.ts'
import { words } from './words.ts'

type UpdateAsk = Parameters<Ecs['update']>[0]
type Answer = Awaited<ReturnType<Ecs['update']>>

/**
 * Sends `UpdateService` to exactly this revision and nothing else, once. A 4xx proves that ECS refused it; after any
 * other failure ECS may have made the update.
 */
export async function update(
  { acting }: Clients,
  { releaseId, target, revision, maySend }: UpdateAsk,
): Promise<Answer> {
  const to = { to: 'update', target } as const
  const { cluster, service } = target
  try {
    const command = new UpdateServiceCommand({ cluster, service, taskDefinition: revision.arn })
    onlyIf(command, maySend)
    const answer = await acting(releaseId).ecs.send(command)
    const primary = answer.service?.deployments?.find(({ status }) => status === 'PRIMARY')
    return primary?.id !== undefined && primary.taskDefinition === revision.arn
      ? { ...to, answer: 'accepted', deploymentId: primary.id }
      : { ...to, answer: 'unclear', reason: `ECS answered without a primary deployment of ${revision.name}` }
  } catch (error) {
    return { ...to, ...failedAnswer(error, (why) => reasonOf(why, revision.name)) }
  }
}

/** Sends the update by who deploys the service now. */
export async function updateBy(
  { target }: UpdateAsk,
  reads: Pick<Reads, 'service'>,
  by: { ecs(): Promise<Answer>; codeDeploy(service: Service): Promise<Answer> },
): Promise<Answer> {
  try {
    const service = await reads.service(target)
    return service && isByCodeDeploy(service) ? await by.codeDeploy(service) : await by.ecs()
  } catch (error) {
    if (error instanceof Trouble) return { to: 'update', target, ...notSent(error) }
    throw error
  }
}

/** The answer where a read before the update failed: nothing was sent. What may pass is looked at, and tried again. */
function notSent({ kind, message: reason }: Trouble): {
  readonly answer: 'refused' | 'unclear'
  readonly reason: string
} {
  return { answer: kind === 'terminal' ? 'refused' : 'unclear', reason }
}

/** ECS's message, and what to do: advice for the message comes first, because one error stands for many reasons. */
function reasonOf(error: unknown, revision: string): string {
  const kind = failing(error)
  const refusal = error instanceof Error && (kind === 'misnamed' || kind === 'refused') ? error : null
  const next = refusal && updateRefusal(refusal.message, revision)
  if (refusal && next !== null) return `AWS refused ecs:UpdateService: ${words(refusal.message)}; ${next}`
  if (refusal && !/^(?:Cluster|Service)NotFound/.test(refusal.name))
    return `AWS refused ecs:UpdateService: ${words(refusal.message)}; look at the service in ECS, and at ${revision}`
  return trouble(error, 'ecs:UpdateService').message
}
