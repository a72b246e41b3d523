import { administratorsBypass, branchPolicy, environmentExists, gate } from './checks/environment.ts'
import {
  clock,
  freeAddresses,
  gracePeriod,
  imagesStored,
  logGroup,
  secretsReadable,
} from './checks/needed.ts'
import { approverGroup, channel, enoughApprovers, gitHubAccount } from './checks/people.ts'
import {
  circuitBreaker,
  migrationFamily,
  mutableImage,
  plainSecrets,
  serviceExists,
} from './checks/service.ts'
import { assumeRole, provider, roleKnown, sessionTime, staleToken, trustLeak } from './checks/sign-in.ts'
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
  roleKnown,
  provider,
  assumeRole,
  staleToken,
  sessionTime,
  trustLeak,
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
  gracePeriod,
  freeAddresses,
  mutableImage,
  imagesStored,
  logGroup,
  secretsReadable,
  plainSecrets,
  channel,
  approverGroup,
  enoughApprovers,
  clock,
]
