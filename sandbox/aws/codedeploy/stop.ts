import type { StopDeploymentInput, StopDeploymentOutput } from '@aws-sdk/client-codedeploy'
import { z } from 'zod'
import { AwsError } from '../error.ts'
import { type Operation, operation, text } from '../operation.ts'
import type { World } from '../world.ts'
import { isOver } from './life.ts'
import type { CodeDeployment } from './model.ts'

/** `StopDeployment`: its answer is `Pending`, and the deployment is stopped with the next pass of the scheduler. */
export function stop(deploymentOf: (world: World, id: string | undefined) => CodeDeployment): Operation {
  return operation<StopDeploymentInput, StopDeploymentOutput>(
    {
      deploymentId: text.optional() as z.ZodType<string | undefined>,
      autoRollbackEnabled: z.boolean().optional(),
    },
    (world, { deploymentId, autoRollbackEnabled = false }) => {
      const deployment = deploymentOf(world, deploymentId)
      if (isOver(deployment))
        throw new AwsError(
          'DeploymentAlreadyCompletedException',
          `Deployment ${deployment.id} is already completed.`,
        )
      if (deployment.creator === 'CloudFormation')
        throw new AwsError(
          'UnsupportedActionForDeploymentTypeException',
          'Deployments that CloudFormation created cannot be stopped.',
        )
      deployment.stop ??= { rollback: autoRollbackEnabled }
      return { status: 'Pending', statusMessage: 'Deployment is being stopped.' }
    },
  )
}
