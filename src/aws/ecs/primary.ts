import type { Service } from '@aws-sdk/client-ecs'
import { ControllerExternal, Trouble } from '../../ports/ports.ts'

/** What serves a service, or should: its PRIMARY deployment or task set. */
export type Primary = {
  /** `ecs-svc/…`; of a task set, the deployment of CodeDeploy that created it. */
  readonly id: string
  readonly taskDefinition: string
  readonly createdAt?: Date
}

/** Whether CodeDeploy deploys the service. It may change from one release to the next, so it is read each time. */
export function isByCodeDeploy({ deploymentController }: Service): boolean {
  return deploymentController?.type === 'CODE_DEPLOY'
}

/** The PRIMARY deployment, or task set if CodeDeploy deploys the service. @throws {Trouble} if there is none */
export function primaryOf(service: Service, name: string): Primary {
  const controller = service.deploymentController?.type ?? 'ECS'
  const found =
    controller === 'CODE_DEPLOY'
      ? service.taskSets?.find(({ status }) => status === 'PRIMARY')
      : service.deployments?.find(({ status }) => status === 'PRIMARY')
  const { taskDefinition, createdAt } = found ?? {}
  const id = (found && 'externalId' in found ? found.externalId : undefined) ?? found?.id
  if (id !== undefined && taskDefinition !== undefined)
    return { id, taskDefinition, ...(createdAt && { createdAt }) }
  throw controller === 'EXTERNAL'
    ? new ControllerExternal(name)
    : new Trouble('passing', `ECS reports nothing that serves ${name}`)
}
