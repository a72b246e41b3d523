import type { Ecs } from '../shepherd/ports.ts'
import type { Clients } from './client.ts'
import { failing, trouble } from './trouble.ts'

type UpdateAsked = Parameters<Ecs['update']>[0]
type Answer = Awaited<ReturnType<Ecs['update']>>

/**
 * Sends `UpdateService` to exactly this revision and nothing else, once. A 4xx proves that ECS did not take it;
 * whatever else went wrong may have come after it did.
 */
export async function update({ once }: Clients, { target, revision }: UpdateAsked): Promise<Answer> {
  const to = { to: 'update', target } as const
  const { cluster, service } = target
  try {
    const answer = await once.updateService({ cluster, service, taskDefinition: revision.arn })
    const primary = answer.service?.deployments?.find(({ status }) => status === 'PRIMARY')
    return primary?.id !== undefined && primary.taskDefinition === revision.arn
      ? { ...to, answer: 'accepted', deploymentId: primary.id }
      : { ...to, answer: 'unclear', reason: `ECS answered without a primary deployment of ${revision.name}` }
  } catch (error) {
    return {
      ...to,
      answer: isProof(error) ? 'refused' : 'unclear',
      reason: trouble(error, 'ecs:UpdateService').message,
    }
  }
}

/** Whether nothing can have been changed. */
function isProof(error: unknown): boolean {
  const kind = failing(error)
  switch (kind) {
    case 'denied':
    case 'credentials':
    case 'misnamed':
    case 'refused':
      return true
    case 'throttled':
    case 'unanswered':
      return false
  }
}
