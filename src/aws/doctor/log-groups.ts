import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { inParallel } from '../../runtime/in-parallel.ts'
import { namingAction } from '../ecs/trouble.ts'

/** Those of the log groups that do not exist. Throws `Trouble`. */
export async function missingLogGroups(
  logs: CloudWatchLogs,
  names: readonly string[],
): Promise<readonly string[]> {
  const found = await inParallel(names, async (name) => {
    const { logGroups = [] } = await namingAction(
      'logs:DescribeLogGroups',
      logs.describeLogGroups({ logGroupNamePrefix: name }),
    )
    return logGroups.some(({ logGroupName }) => logGroupName === name)
  })
  return names.filter((_, index) => !found[index])
}
