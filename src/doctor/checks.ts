import { administratorsBypass, branchPolicy, environmentExists, gate } from './checks/environment.ts'
import { approverGroup, channel, enoughApprovers, gitHubAccount } from './checks/people.ts'
import {
  circuitBreaker,
  migrationFamily,
  mutableImage,
  plainSecrets,
  serviceExists,
} from './checks/service.ts'
import {
  cancelInProgress,
  idToken,
  migrationExitCode,
  oneWorkflow,
  waitTime,
  workflowFile,
} from './checks/workflow.ts'
import type { Check } from './diagnosis.ts'

/** All checks of doctor, in the order of the report. */
export const checks: readonly Check[] = [
  gitHubAccount,
  workflowFile,
  idToken,
  migrationExitCode,
  waitTime,
  cancelInProgress,
  oneWorkflow,
  environmentExists,
  gate,
  administratorsBypass,
  branchPolicy,
  serviceExists,
  migrationFamily,
  circuitBreaker,
  mutableImage,
  plainSecrets,
  channel,
  approverGroup,
  enoughApprovers,
]
