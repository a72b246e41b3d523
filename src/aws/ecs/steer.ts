import { ContinueServiceDeploymentCommand, StopServiceDeploymentCommand } from '@aws-sdk/client-ecs'
import type { Ecs } from '../../ports/ports.ts'
import type { SteerAnswer } from '../../release/steer.ts'
import type { Clients } from './client.ts'
import { failedAnswer, onlyIf } from './once.ts'
import { trouble } from './trouble.ts'

type Asked = Pick<SteerAnswer, 'to' | 'target'> & { readonly action: string }

/** Continues a service deployment at the hook where it waits. */
export function continueRollout(
  { acting }: Clients,
  { releaseId, target, rollout, hookId, maySend }: Parameters<Ecs['continueRollout']>[0],
): Promise<SteerAnswer> {
  const command = new ContinueServiceDeploymentCommand({
    serviceDeploymentArn: rollout,
    hookId,
    action: 'CONTINUE',
  })
  onlyIf(command, maySend)
  const action = 'ecs:ContinueServiceDeployment'
  return answered({ to: 'continue-rollout', target, action }, () => acting(releaseId).ecs.send(command))
}

/**
 * Rolls back a service deployment in progress. ECS takes it by the hook where the deployment waits, otherwise by a stop,
 * which works in any state before the end and without a configured rollback.
 */
export function stopRollout(
  { acting }: Clients,
  { releaseId, target, rollout: serviceDeploymentArn, hookId, maySend }: Parameters<Ecs['stopRollout']>[0],
): Promise<SteerAnswer> {
  const to = { to: 'stop-rollout', target } as const
  if (hookId !== null) {
    const command = new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action: 'ROLLBACK' })
    onlyIf(command, maySend)
    return answered({ ...to, action: 'ecs:ContinueServiceDeployment' }, () =>
      acting(releaseId).ecs.send(command),
    )
  }
  const command = new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' })
  onlyIf(command, maySend)
  return answered({ ...to, action: 'ecs:StopServiceDeployment' }, () => acting(releaseId).ecs.send(command))
}

/** The answer of a request that is sent once: an error may prove that nothing was changed. */
export async function answered({ action, ...to }: Asked, send: () => Promise<unknown>): Promise<SteerAnswer> {
  try {
    await send()
    return { ...to, answer: 'accepted', reason: 'AWS accepted it' }
  } catch (error) {
    return { ...to, ...failedAnswer(error, (why) => trouble(why, action).message) }
  }
}
