import { deployByCodeDeploy } from '../aws/codedeploy/seed.ts'
import { addService } from '../aws/seed-world.ts'
import type { World } from '../aws/world.ts'
import { web } from '../seed.ts'
import { addHistory } from './history.ts'

/** A canary that is over in a minute, so that a visitor can watch it. */
const canary = {
  name: 'Canary50Percent1Minute',
  routing: { type: 'TimeBasedCanary', timeBasedCanary: { canaryPercentage: 50, canaryInterval: 1 } },
} as const

/**
 * Adds `blog-web`, which CodeDeploy deploys: it waits for a person, then gives the new tasks half of the traffic for a
 * minute, and stops the old ones a minute after the rest.
 */
export function addWeb(world: World): void {
  const { cluster, service, desired, port, application, group } = web
  const history = addHistory(world, web)
  const added = addService(world, { cluster, service, desired, history, containerPort: port })
  deployByCodeDeploy(world, added, {
    application,
    group,
    config: canary,
    readyMinutes: 60,
    terminationMinutes: 1,
  })
}

/** The AppSpec of `blog-web`, as its repository has it. */
export function webAppSpec(): string {
  return [
    'version: 0.0',
    'Resources:',
    '  - TargetService:',
    '      Type: AWS::ECS::Service',
    '      Properties:',
    '        TaskDefinition: <TASK_DEFINITION>',
    '        LoadBalancerInfo:',
    `          ContainerName: ${web.container}`,
    `          ContainerPort: ${web.port}`,
    '',
  ].join('\n')
}
