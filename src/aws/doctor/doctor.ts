import type { AwsDoctor } from '../../ports/doctor.ts'
import { Trouble } from '../../ports/ports.ts'
import type { AwsLocation } from '../../release/names.ts'
import type { RemoteClock } from '../../runtime/remote-clock.ts'
import type { Access } from '../accounts/access.ts'
import { type ReadImage, storedImages } from '../ecr/stored-images.ts'
import type { Clients } from '../ecs/client.ts'
import type { Reads } from '../ecs/reads.ts'
import { definitionSeen } from './definition.ts'
import { missingLogGroups } from './log-groups.ts'
import { readService } from './service.ts'

/** One account and region, as doctor reaches it. */
export type DoctorConnection = {
  readonly reads: Reads
  readonly clients: Clients
  readonly reading: Access
  readonly readImage: ReadImage
}

/**
 * What doctor reads of AWS. The SDKs that only doctor needs are loaded with their first request: that of EC2 takes
 * half a second, and tens of megabytes of memory.
 */
export function awsDoctor(
  connectionTo: (location: AwsLocation) => DoctorConnection,
  clock: RemoteClock,
): AwsDoctor {
  const iam = async (at: AwsLocation) => (await import('./role.ts')).iamReads(connectionTo(at).reading)
  return {
    service: (target) => readService(connectionTo(target).reads, target),
    async definition({ at, family }) {
      const found = await connectionTo(at).reads.definitionNow(family)
      return found === undefined ? null : definitionSeen(found.definition)
    },
    role: async ({ at, arn }) => (await iam(at)).role(arn),
    audiences: async ({ at, issuer }) => (await iam(at)).audiences(issuer),
    refusedSecrets: async ({ at, role, names }) => (await iam(at)).refusedSecrets(role, names),
    async subnets({ at, ids }) {
      const { subnetReads } = await import('./subnets.ts')
      return subnetReads(connectionTo(at).reading)(ids)
    },
    async targetGroups({ at, arns }) {
      const { targetGroupReads } = await import('./target-groups.ts')
      return targetGroupReads(connectionTo(at).reading)(arns)
    },
    missingLogGroups: ({ at, names }) => missingLogGroups(connectionTo(at).clients.logs, names),
    async secrets({ at, names }) {
      const { secretReads } = await import('./secrets.ts')
      return secretReads(connectionTo(at).reading)(names)
    },
    async lostImages({ at, containers }) {
      const images = containers.map(({ name, image }) => ({ container: name, image, digest: null }))
      const readIn = (region: string) => connectionTo({ ...at, region }).readImage
      const { lost, unread } = await storedImages(readIn, images)
      if (lost.length === 0 && unread !== null) throw new Trouble('terminal', unread)
      return lost
    },
    clockAheadMs: () => Date.now() - clock.now(),
  }
}
