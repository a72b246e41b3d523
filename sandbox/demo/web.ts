import { deployByCodeDeploy } from '../aws/codedeploy/seed.ts'
import { addService, addTaskDefinition } from '../aws/seed-world.ts'
import type { World } from '../aws/world.ts'
import { app, registry, revisions, web } from '../seed.ts'

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
  const { cluster, service, desired, family, container, port, application, group } = web
  const history = web.revisions.map((revision, index) => {
    const { sha, at } = revisions.at(index - web.revisions.length)!
    const image = `${registry}:${sha}`
    const portMappings = [{ containerPort: port, protocol: 'tcp' as const }]
    const defined = { name: container, image, portMappings }
    addTaskDefinition(world, {
      family,
      revision,
      container: defined,
      logGroup: app.logGroup,
      at: Date.parse(at),
    })
    return { taskDefinition: `${family}:${revision}`, at: Date.parse(at) }
  })
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
