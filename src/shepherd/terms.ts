import type { Refusal } from '../release/refusal.ts'
import { emergencyNotAllowed } from '../release/refusals/asking.ts'
import type { Request } from '../release/request.ts'
import type { ServiceEnvironment } from './settings.ts'

/** On what terms a deploy is asked for: the usual ones, or those of an emergency. */
export type Terms = Pick<Request, 'policy' | 'waitMs' | 'emergency' | 'emergencies'> &
  Pick<ServiceEnvironment, 'requesters'>

/** The terms of a deploy. @param emergency why it is one, in the requester's words; absent: it is none */
export function termsOf(
  place: ServiceEnvironment,
  emergency: string | undefined,
): Terms | { readonly refused: Refusal } {
  const { service, environment } = place
  if (emergency === undefined)
    return {
      requesters: place.requesters,
      policy: place.policy,
      waitMs: place.waitMs,
      emergencies: place.emergency ? 'allowed' : 'refused',
    }
  if (place.emergency === null) return { refused: emergencyNotAllowed({ service, environment }) }
  return { ...place.emergency, emergency: { why: emergency, usual: place.policy } }
}
