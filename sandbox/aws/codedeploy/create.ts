import { createHash } from 'node:crypto'
import type {
  AutoRollbackConfiguration,
  CreateDeploymentInput,
  CreateDeploymentOutput,
  RegisterApplicationRevisionInput,
} from '@aws-sdk/client-codedeploy'
import { z } from 'zod'
import { AwsError } from '../error.ts'
import { inner, operation, text } from '../operation.ts'
import type { World } from '../world.ts'
import { applicationOf, configOf, groupOf } from './lookup.ts'
import type { ApplicationState, AutoRollback, RevisionState } from './model.ts'
import { contentOf, revisionLocation } from './revision-location.ts'

/** Source: API reference, CreateDeployment: the longest description that it accepts. */
const longestDescription = 256

const rollbackEvents = [
  'DEPLOYMENT_FAILURE',
  'DEPLOYMENT_STOP_ON_ALARM',
  'DEPLOYMENT_STOP_ON_REQUEST',
] as const

/** `CreateDeployment` has no client token: sent twice, it is refused only while the first deployment is active. */
export const createOperations = {
  CreateDeployment: operation<CreateDeploymentInput, CreateDeploymentOutput>(
    {
      applicationName: text,
      deploymentGroupName: text,
      revision: revisionLocation.optional(),
      deploymentConfigName: text.optional(),
      description: z.string().optional(),
      ignoreApplicationStopFailures: z.boolean().optional(),
      targetInstances: inner<object>(),
      autoRollbackConfiguration: z
        .strictObject({
          enabled: z.boolean().optional(),
          events: z.array(z.enum(rollbackEvents)).optional(),
        })
        .optional(),
      updateOutdatedInstancesOnly: z.boolean().optional(),
      fileExistsBehavior: z.enum(['DISALLOW', 'OVERWRITE', 'RETAIN']).optional(),
      deploymentMode: inner<never>(),
      overrideAlarmConfiguration: z
        .strictObject({
          enabled: z.boolean().optional(),
          ignorePollAlarmFailure: z.boolean().optional(),
          alarms: z
            .array(z.strictObject({ name: text }))
            .max(10)
            .optional(),
        })
        .optional(),
    },
    (world, request) => {
      const { codeDeploy } = world
      const group = groupOf(world, request.applicationName!, request.deploymentGroupName!)
      if ((request.description ?? '').length > longestDescription)
        throw new AwsError('DescriptionTooLongException', 'The description is too long.')
      const { deploymentConfigName } = request
      const config = deploymentConfigName === undefined ? undefined : configOf(world, deploymentConfigName)
      const { service } = group
      if (service.status !== 'ACTIVE' || service.controller !== 'CODE_DEPLOY')
        throw new AwsError(
          'InvalidECSServiceException',
          `The ECS service ${service.name} is not active, or its deployment controller is not CODE_DEPLOY.`,
        )
      const revision = registered(world, group.application, request.revision)
      const active = codeDeploy.active(group)
      if (active)
        throw new AwsError(
          'DeploymentLimitExceededException',
          `The Deployment Group '${group.name}' already has an active Deployment '${active.id}'`,
        )
      const alarms = request.overrideAlarmConfiguration?.alarms?.map(({ name }) => name!)
      const { id } = codeDeploy.create(
        {
          group,
          revision,
          creator: 'user',
          config,
          alarms,
          autoRollback: rollbackOf(request.autoRollbackConfiguration),
          description: request.description,
        },
        Date.now(),
      )
      return { deploymentId: id }
    },
  ),
  RegisterApplicationRevision: operation<RegisterApplicationRevisionInput, object>(
    { applicationName: text, description: z.string().optional(), revision: revisionLocation },
    (world, { applicationName, revision, description }) => {
      const known = registered(world, applicationOf(world, applicationName!), revision)
      if (description !== undefined) known.description = description
      return {}
    },
  ),
}

function registered(
  world: World,
  application: ApplicationState,
  revision: CreateDeploymentInput['revision'],
): RevisionState {
  const { content, sha256 } = contentOf(revision)
  if (sha256 !== undefined && sha256 !== createHash('sha256').update(content).digest('hex'))
    throw new AwsError('InvalidRevisionException', 'The sha256 does not match the AppSpec content.')
  const found = world.codeDeploy.register(application, content, Date.now())
  if (typeof found === 'string') throw new AwsError('InvalidRevisionException', found)
  return found
}

function rollbackOf(configuration: AutoRollbackConfiguration | undefined): AutoRollback | undefined {
  return configuration && { enabled: configuration.enabled ?? false, events: configuration.events ?? [] }
}
