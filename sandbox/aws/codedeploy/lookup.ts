import { AwsError } from '../error.ts'
import type { World } from '../world.ts'
import { isOver } from './life.ts'
import type { ApplicationState, CodeDeployment, ConfigState, GroupState } from './model.ts'

/** Finds what a request names. @throws {AwsError} if it does not exist */

export function deploymentOf(world: World, id: string | undefined): CodeDeployment {
  if (id === undefined) throw new AwsError('DeploymentIdRequiredException', 'Deployment Id is required.')
  if (!/^d-[A-Z0-9]{9}$/.test(id))
    throw new AwsError('InvalidDeploymentIdException', `Deployment Id ${id} is not valid.`)
  const found = world.codeDeploy.deployment(id)
  if (!found) throw new AwsError('DeploymentDoesNotExistException', `The deployment ${id} could not be found`)
  return found
}

/** A deployment that has not ended. */
export function openDeploymentOf(world: World, id: string | undefined): CodeDeployment {
  const deployment = deploymentOf(world, id)
  if (!isOver(deployment)) return deployment
  throw new AwsError(
    'DeploymentAlreadyCompletedException',
    `Deployment ${deployment.id} is already completed.`,
  )
}

export function applicationOf(world: World, name: string): ApplicationState {
  const found = world.codeDeploy.applications.get(name)
  if (!found) throw new AwsError('ApplicationDoesNotExistException', `No application found for name: ${name}`)
  return found
}

export function groupOf(world: World, application: string, name: string): GroupState {
  applicationOf(world, application)
  const found = world.codeDeploy.group(application, name)
  if (!found)
    throw new AwsError('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${name}`)
  return found
}

export function configOf(world: World, name: string): ConfigState {
  const found = world.codeDeploy.configs.get(name)
  if (!found)
    throw new AwsError(
      'DeploymentConfigDoesNotExistException',
      `No Deployment Configuration found for name: ${name}`,
    )
  return found
}
