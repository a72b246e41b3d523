import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs'
import type { ContainerSeen, DefinitionSeen } from '../../ports/doctor.ts'
import { looksLikeSecret } from '../../text/plain-secret.ts'

/** A task definition, without the values of its variables. */
export function definitionSeen(definition: TaskDefinition): DefinitionSeen {
  const { family, revision, executionRoleArn, containerDefinitions = [] } = definition
  return {
    name: `${family}:${revision}`,
    executionRole: executionRoleArn ?? null,
    containers: containerDefinitions.map(containerSeen),
  }
}

function containerSeen(container: ContainerDefinition): ContainerSeen {
  const { name = '', image = '', essential, environment = [], secrets = [] } = container
  return {
    name,
    isEssential: essential !== false,
    image,
    pinsDigest: container.versionConsistency !== 'disabled',
    plainSecrets: environment.flatMap(({ name: variable = '', value = '' }) => {
      const because = looksLikeSecret(variable, value)
      return because === null ? [] : [{ variable, because }]
    }),
    secrets: secrets.flatMap(({ valueFrom }) => valueFrom ?? []),
    logGroup: logGroupOf(container),
    startSeconds: container.healthCheck === undefined ? null : (container.healthCheck.startPeriod ?? 0),
  }
}

function logGroupOf({ logConfiguration }: ContainerDefinition): ContainerSeen['logGroup'] {
  const { logDriver, options = {} } = logConfiguration ?? {}
  const name = options['awslogs-group']
  if (logDriver !== 'awslogs' || name === undefined) return null
  return { name, isCreated: options['awslogs-create-group'] === 'true' }
}
