import { lastPart } from './arn.ts'
import { AwsError } from './error.ts'
import { type Call, listed, type QueryService } from './query-service.ts'
import type { TargetGroup, World } from './world.ts'
import type { Xml } from './xml.ts'

const version = '2015-12-01'

/** Elastic Load Balancing: what a check of health checks needs. */
export const loadBalancing: QueryService = {
  name: 'elasticloadbalancing',
  style: 'query',
  version,
  namespace: `http://elasticloadbalancing.amazonaws.com/doc/${version}/`,
  operations: { DescribeTargetGroups: describeTargetGroups },
}

/** The defaults of an Application Load Balancer. Source: API reference, CreateTargetGroup. */
const usual: TargetGroup = { intervalSeconds: 30, healthyThreshold: 5, unhealthyThreshold: 2 }

function describeTargetGroups({ form, world }: Call): Xml {
  const arns = listed(form, 'TargetGroupArns.member')
  if (arns.length === 0)
    throw new AwsError('ValidationError', 'The sandbox lists no target groups: name some in TargetGroupArns.')
  const known = targetGroupsOf(world)
  const lost = arns.find((arn) => !known.has(arn))
  if (lost !== undefined) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found')
  return {
    TargetGroups: {
      member: arns.map((arn) => {
        const { intervalSeconds, healthyThreshold, unhealthyThreshold } = world.targetGroups.get(arn) ?? usual
        return {
          TargetGroupArn: arn,
          TargetGroupName: lastPart(arn.slice(0, arn.lastIndexOf('/'))),
          HealthCheckIntervalSeconds: String(intervalSeconds),
          HealthyThresholdCount: String(healthyThreshold),
          UnhealthyThresholdCount: String(unhealthyThreshold),
        }
      }),
    },
  }
}

/** Those of the services. */
function targetGroupsOf(world: World): ReadonlySet<string> {
  return new Set(
    [...world.services.values()].flatMap(({ loadBalancers }) =>
      loadBalancers.flatMap(({ targetGroupArn, advancedConfiguration }) =>
        [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn].filter((arn) => arn !== undefined),
      ),
    ),
  )
}
