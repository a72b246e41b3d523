import { AwsError } from './error.ts'
import { type Call, listed, type QueryService } from './query-service.ts'
import type { Xml } from './xml.ts'

const version = '2016-11-15'

/** EC2: what a check of subnets needs. */
export const ec2: QueryService = {
  name: 'ec2',
  style: 'ec2',
  version,
  namespace: `http://ec2.amazonaws.com/doc/${version}/`,
  operations: { DescribeSubnets: describeSubnets },
}

function describeSubnets({ form, world }: Call): Xml {
  for (const name of form.keys())
    if (!/^(?:Action|Version|SubnetId\.\d+)$/.test(name))
      throw new AwsError('UnknownParameter', `The parameter ${name} is not recognized`)
  const ids = listed(form, 'SubnetId')
  const bad = ids.find((id) => !/^subnet-[0-9a-f]{8}(?:[0-9a-f]{9})?$/.test(id))
  if (bad !== undefined)
    throw new AwsError('InvalidSubnetID.Malformed', `Invalid id: "${bad}" (expecting "subnet-...")`)
  const lost = ids.find((id) => !world.subnets.has(id))
  if (lost !== undefined)
    throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${lost}' does not exist`)
  const shown = ids.length === 0 ? [...world.subnets.keys()] : ids
  return {
    subnetSet: {
      item: shown.map((id) => ({
        subnetId: id,
        state: 'available',
        availableIpAddressCount: String(world.subnets.get(id)!.free),
      })),
    },
  }
}
