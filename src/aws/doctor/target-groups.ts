import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { TargetGroupSeen } from '../../ports/doctor.ts'
import type { Access } from '../accounts/access.ts'
import { namingAction } from '../ecs/trouble.ts'

/** Reads the health checks of target groups. Defaults are those of an Application Load Balancer. Throws `Trouble`. */
export function targetGroupReads({
  settings,
  prepare,
}: Access): (arns: readonly string[]) => Promise<readonly TargetGroupSeen[]> {
  const balancing = prepare(new ElasticLoadBalancingV2({ ...settings, maxAttempts: 3 }))
  return async (arns) => {
    const { TargetGroups = [] } = await namingAction(
      'elasticloadbalancing:DescribeTargetGroups',
      balancing.describeTargetGroups({ TargetGroupArns: [...arns] }),
    )
    return TargetGroups.map((group) => ({
      name: group.TargetGroupName ?? '',
      intervalSeconds: group.HealthCheckIntervalSeconds ?? 30,
      healthyThreshold: group.HealthyThresholdCount ?? 5,
      unhealthyThreshold: group.UnhealthyThresholdCount ?? 2,
    }))
  }
}
