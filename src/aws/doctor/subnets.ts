import { EC2 } from '@aws-sdk/client-ec2'
import type { SubnetSeen } from '../../ports/doctor.ts'
import type { Access } from '../accounts/access.ts'
import { namingAction } from '../ecs/trouble.ts'

/** Reads how many addresses of subnets are free. Throws `Trouble`. */
export function subnetReads({
  settings,
  prepare,
}: Access): (ids: readonly string[]) => Promise<readonly SubnetSeen[]> {
  const ec2 = prepare(new EC2({ ...settings, maxAttempts: 3 }))
  return async (ids) => {
    const { Subnets = [] } = await namingAction(
      'ec2:DescribeSubnets',
      ec2.describeSubnets({ SubnetIds: [...ids] }),
    )
    return Subnets.map(({ SubnetId, AvailableIpAddressCount }) => ({
      id: SubnetId ?? '',
      free: AvailableIpAddressCount ?? 0,
    }))
  }
}
