import { clusterOperations } from './cluster-operations.ts'
import { codeDeployOperations } from './codedeploy/operations.ts'
import { ecrOperations } from './ecr-operations.ts'
import { logOperations } from './log-operations.ts'
import type { Operation } from './operation.ts'
import { rolloutOperations } from './rollout-operations.ts'
import { secretOperations } from './secret-operations.ts'
import { serviceOperations } from './service-operations.ts'
import { sqsOperations } from './sqs-operations.ts'
import { taskDefinitionOperations } from './task-definition-operations.ts'
import { taskOperations } from './task-operations.ts'
import type { Target } from './wire.ts'

/** The supported operations, by service and name. */
export const operations: Readonly<Record<Target['service'], Readonly<Record<string, Operation>>>> = {
  ecs: {
    ...serviceOperations,
    ...rolloutOperations,
    ...taskOperations,
    ...taskDefinitionOperations,
    ...clusterOperations,
  },
  logs: logOperations,
  codedeploy: codeDeployOperations,
  ecr: ecrOperations,
  sqs: sqsOperations,
  secretsmanager: secretOperations,
}
