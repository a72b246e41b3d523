import type { QueueSettings } from '../ports/aws-signal.ts'
import { accountIn } from '../release/names.ts'
import type { Config } from './resolve.ts'

/** Where each queue is reached: in the region of its address, by a role of its account if an environment has one. */
export function queuesOf({ queues, serviceEnvironments }: Config): readonly QueueSettings[] {
  return queues.map((url) => {
    const { hostname, pathname } = new URL(url)
    const region = /^sqs(?:-fips)?\.([a-z0-9-]+)\./.exec(hostname)?.[1]
    const account = pathname.split('/')[1]
    const roleArn = serviceEnvironments
      .flatMap((each) => each.roleArn ?? [])
      .find((arn) => accountIn(arn) === account)
    return { url, ...(region !== undefined && { region }), ...(roleArn !== undefined && { roleArn }) }
  })
}
