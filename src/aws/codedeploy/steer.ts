import {
  ContinueDeploymentCommand,
  DeploymentAlreadyCompletedException,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy'
import type { SteerRollouts } from '../../ports/steer-rollouts.ts'
import type { SteerAnswer } from '../../release/steer.ts'
import type { Clients } from '../ecs/client.ts'
import { onlyIf } from '../ecs/once.ts'
import { answered } from '../ecs/steer.ts'

/** Continues a deployment that waits before its traffic is shifted. */
export function continueDeployment(
  { acting }: Pick<Clients, 'acting'>,
  { releaseId, target, rollout: deploymentId, maySend }: Parameters<SteerRollouts['continueRollout']>[0],
): Promise<SteerAnswer> {
  const command = new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'READY_WAIT' })
  onlyIf(command, maySend)
  const action = 'codedeploy:ContinueDeployment'
  return answered({ to: 'continue-rollout', target, action }, () =>
    acting(releaseId).codeDeploy.send(command),
  )
}

/**
 * Stops a deployment and has CodeDeploy roll it back. Its answer says only that it will: the deployment by which it
 * rolls back appears later.
 */
export function stopDeployment(
  { acting }: Pick<Clients, 'acting'>,
  { releaseId, target, rollout: deploymentId, maySend }: Parameters<SteerRollouts['stopRollout']>[0],
): Promise<SteerAnswer> {
  const command = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true })
  onlyIf(command, maySend)
  const action = 'codedeploy:StopDeployment'
  return answered({ to: 'stop-rollout', target, action }, async () => {
    try {
      await acting(releaseId).codeDeploy.send(command)
    } catch (error) {
      // It ended meanwhile, and the next look shows how.
      if (!(error instanceof DeploymentAlreadyCompletedException)) throw error
    }
  })
}
