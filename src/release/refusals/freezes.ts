import type { ServiceEnvironmentName } from '../names.ts'
import { type Freeze, freezeEnd, freezeReason } from '../policy/freeze.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from './refuse.ts'

/** A deploy is requested in a freeze without exceptions. */
export function frozen(
  { service, environment }: ServiceEnvironmentName,
  freeze: Freeze,
  emergencies: 'allowed' | 'refused',
): Refusal {
  const emergency =
    emergencies === 'allowed'
      ? `, and so is an emergency deploy: \`/deploy ${environment} ${service} --emergency <reason>\``
      : ''
  return refuse(
    'frozen',
    `${environment} is frozen ${freezeEnd(freeze)}${freezeReason(freeze)}: deploys are blocked.`,
    `${freeze.isEndless ? 'Ask a maintainer of twokey.yml to end the freeze.' : 'Request it again then.'} Rollbacks are still possible: \`/rollback ${service} ${environment}\`${emergency}.`,
  )
}

/** A freeze needs more approvals than there are approvers. */
export function becauseFrozen(refusal: Refusal, freeze: Freeze | null): Refusal {
  if (freeze === null) return refusal
  const why = `The freeze ${freezeEnd(freeze)}${freezeReason(freeze)} requires this many.`
  return { ...refusal, sentence: `${refusal.sentence} ${why}` }
}
