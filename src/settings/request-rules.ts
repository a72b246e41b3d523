import type { Refusal } from '../release/refusal.ts'
import { emergencyNotAllowed } from '../release/refusals/asking.ts'
import type { Request } from '../release/request.ts'
import type { ServiceEnvironment } from './settings.ts'

/** The terms of a deploy: the usual ones, or those of an emergency. */
export type RequestRules = Pick<Request, 'policy' | 'checksRule' | 'waitMs' | 'emergency'> &
  Pick<ServiceEnvironment, 'requesters'>

/** No emergency deploys there. `requesters`: people who are not among them learn only that, but nothing about the policy. */
type NoRequestRules = { readonly refused: Refusal } & Pick<ServiceEnvironment, 'requesters'>

/** The terms of a deploy. @param emergency the requester's reason; absent: it is no emergency */
export function requestRulesOf(
  serviceEnvironment: ServiceEnvironment,
  emergency: string | undefined,
): RequestRules | NoRequestRules {
  const { service, environment, requesters } = serviceEnvironment
  if (emergency === undefined)
    return {
      requesters,
      policy: serviceEnvironment.policy,
      ...(serviceEnvironment.checks && { checksRule: serviceEnvironment.checks }),
      waitMs: serviceEnvironment.waitMs,
    }
  if (serviceEnvironment.emergency === null)
    return { requesters, refused: emergencyNotAllowed({ service, environment }) }
  return { ...serviceEnvironment.emergency, emergency: { why: emergency, usual: serviceEnvironment.policy } }
}
