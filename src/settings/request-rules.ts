import type { Refusal } from '../release/refusal.ts'
import { emergencyNotAllowed } from '../release/refusals/asking.ts'
import type { Request } from '../release/request.ts'
import type { ServiceEnvironment } from './settings.ts'

/** On what terms a deploy is asked for: the usual ones, or those of an emergency. */
export type Terms = Pick<Request, 'policy' | 'waitMs' | 'emergency' | 'emergencies'> &
  Pick<ServiceEnvironment, 'requesters'>

/** No emergency deploys there. `requesters`: whoever is none of them is told that, and nothing of the policy. */
type NoTerms = { readonly refused: Refusal } & Pick<ServiceEnvironment, 'requesters'>

/** The terms of a deploy. @param emergency why it is one, in the requester's words; absent: it is none */
export function termsOf(place: ServiceEnvironment, emergency: string | undefined): Terms | NoTerms {
  const { service, environment, requesters } = place
  if (emergency === undefined)
    return {
      requesters,
      policy: place.policy,
      waitMs: place.waitMs,
      emergencies: place.emergency ? 'allowed' : 'refused',
    }
  if (place.emergency === null) return { requesters, refused: emergencyNotAllowed({ service, environment }) }
  return { ...place.emergency, emergency: { why: emergency, usual: place.policy } }
}
