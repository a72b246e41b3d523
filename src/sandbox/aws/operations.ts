import * as clusters from './cluster-operations.ts'
import * as logs from './log-operations.ts'
import type { Operation } from './operation.ts'
import * as services from './service-operations.ts'
import {
  DeregisterTaskDefinition,
  DescribeTaskDefinition,
  ListTaskDefinitions,
  RegisterTaskDefinition,
} from './task-definition-operations.ts'
import * as tasks from './task-operations.ts'
import type { Target } from './wire.ts'

/** What is served, by service and operation. */
export const operations: Readonly<Record<Target['service'], Readonly<Record<string, Operation>>>> = {
  ecs: {
    ...services,
    ...tasks,
    ...clusters,
    DeregisterTaskDefinition,
    DescribeTaskDefinition,
    ListTaskDefinitions,
    RegisterTaskDefinition,
  },
  logs: { ...logs },
}
