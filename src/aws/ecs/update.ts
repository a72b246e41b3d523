import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import type { Ecs } from '../../ports/ports.ts'
import type { Clients } from './client.ts'
import { failing, isShapeless, trouble } from './trouble.ts'
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
    // Check as late as possible: fetching credentials may have taken seconds.
    command.middlewareStack.add(
      (next) => async (args) => {
        if (!(await maySend())) throw new NotSent()
        return next(args)
      },
      { step: 'deserialize', priority: 'low' },
    )
    const answer = await acting(releaseId).ecs.send(command)
    const primary = answer.service?.deployments?.find(({ status }) => status === 'PRIMARY')
    return primary?.id !== undefined && primary.taskDefinition === revision.arn
      ? { ...to, answer: 'accepted', deploymentId: primary.id }
      : { ...to, answer: 'unclear', reason: `ECS answered without a primary deployment of ${revision.name}` }
  } catch (error) {
    if (error instanceof NotSent) return { ...to, answer: 'unclear', reason: error.message }
    return { ...to, answer: isProof(error) ? 'refused' : 'unclear', reason: reasonOf(error, revision.name) }
  }
}

/** Thrown instead of sending a request whose deadline has passed. */
class NotSent extends Error {
  override readonly message = 'it was replaced, or delayed for too long, before it could be sent'
}

/** Whether the error proves that nothing was changed. */
function isProof(error: unknown): boolean {
  const kind = failing(error)
  switch (kind) {
    case 'denied':
    case 'credentials':
    case 'misnamed':
    case 'refused':
      return true
    // An HTML page is not an answer of AWS.
    case 'not offered':
      return !isShapeless(error)
    case 'throttled':
    case 'unanswered':
      return false
  }
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
