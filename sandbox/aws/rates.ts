import { AwsError } from './error.ts'

type Bucket = { readonly burst: number; readonly perSecond: number; readonly of: readonly string[] }

/**
 * Token buckets per account and region. ECS: "Request throttling for the Amazon ECS API". Logs: per-second quotas of a
 * typical region. Operations that AWS does not list (such as StopServiceDeployment) share the last bucket.
 */
const buckets: readonly Bucket[] = [
  { burst: 100, perSecond: 20, of: ['DescribeServices', 'ListServices'] },
  { burst: 50, perSecond: 20, of: ['DescribeServiceDeployments', 'ListServiceDeployments'] },
  { burst: 50, perSecond: 20, of: ['DescribeServiceRevisions'] },
  { burst: 100, perSecond: 20, of: ['DescribeTasks', 'ListTasks'] },
  {
    burst: 50,
    perSecond: 20,
    of: ['DescribeTaskDefinition', 'ListTaskDefinitions', 'ListTaskDefinitionFamilies'],
  },
  { burst: 50, perSecond: 5, of: ['UpdateService'] },
  { burst: 20, perSecond: 1, of: ['RegisterTaskDefinition', 'DeregisterTaskDefinition'] },
  { burst: 25, perSecond: 25, of: ['GetLogEvents'] },
  { burst: 10, perSecond: 10, of: ['FilterLogEvents'] },
  { burst: 50, perSecond: 20, of: [] },
]

const bucketOf = (operation: string) =>
  buckets.find((bucket) => bucket.of.includes(operation)) ?? buckets.at(-1)!

/** The token buckets of one account, full at first. */
export class Rates {
  #left = new Map<Bucket, { tokens: number; at: number }>()

  /** Takes a token at this time (ms). @throws {AwsError} ThrottlingException if the bucket is empty */
  take(operation: string, now: number): void {
    const bucket = bucketOf(operation)
    const last = this.#left.get(bucket) ?? { tokens: bucket.burst, at: now }
    const refilled = Math.min(bucket.burst, last.tokens + ((now - last.at) / 1000) * bucket.perSecond)
    if (refilled < 1) throw new AwsError('ThrottlingException', 'Rate exceeded')
    this.#left.set(bucket, { tokens: refilled - 1, at: now })
  }
}
