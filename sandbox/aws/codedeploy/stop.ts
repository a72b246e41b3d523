import type { StopDeploymentInput, StopDeploymentOutput } from '@aws-sdk/client-codedeploy'
import { z } from 'zod'
import { AwsError } from '../error.ts'
import { operation, text } from '../operation.ts'
import { openDeploymentOf } from './lookup.ts'

/** Its answer is `Pending`, and the deployment is stopped with the next pass of the scheduler. */
export const StopDeployment = operation<StopDeploymentInput, StopDeploymentOutput>(
  {
    deploymentId: text.optional() as z.ZodType<string | undefined>,
    autoRollbackEnabled: z.boolean().optional(),
  },
  (world, { deploymentId, autoRollbackEnabled = false }) => {
    const deployment = openDeploymentOf(world, deploymentId)
    if (deployment.creator === 'CloudFormation')
      throw new AwsError(
        'UnsupportedActionForDeploymentTypeException',
        'Deployments that CloudFormation created cannot be stopped.',
      )
    deployment.stop ??= { rollback: autoRollbackEnabled }
    return { status: 'Pending', statusMessage: 'Deployment is being stopped.' }
  },
)
