import type { AwsDoctor } from '../../ports/doctor.ts'
import type { AwsLocation } from '../../release/names.ts'
import type { RemoteClock } from '../../runtime/remote-clock.ts'
import type { Reads } from '../ecs/reads.ts'
import { definitionSeen } from './definition.ts'
import { readService } from './service.ts'

/** One account and region, as doctor reaches it. */
export type DoctorConnection = { readonly reads: Reads }

/** What doctor reads of AWS. */
export function awsDoctor(
  connectionTo: (location: AwsLocation) => DoctorConnection,
  clock: RemoteClock,
): AwsDoctor {
  return {
    service: (target) => readService(connectionTo(target).reads, target),
    async definition({ target, family }) {
      const found = await connectionTo(target).reads.definitionNow(family)
      return found === undefined ? null : definitionSeen(found.definition)
    },
    now: () => clock.now(),
  }
}
