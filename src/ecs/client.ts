import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { ECS } from '@aws-sdk/client-ecs'

/** Where AWS is. What is left out is read as the SDK does (`AWS_REGION`, `AWS_ENDPOINT_URL`, …); times in ms. */
export type AwsSettings = {
  readonly region?: string
  readonly endpoint?: string
  /** Default 3,000. */
  readonly connectionTimeoutMs?: number
  /** Default 10,000. */
  readonly requestTimeoutMs?: number
}

/** The SDK's clients of one region. `once` never repeats a request. */
export type Clients = { readonly ecs: ECS; readonly once: ECS; readonly logs: CloudWatchLogs }

/** Makes the clients of one region: three attempts for reads, one for what changes something. */
export function clientsOf(settings: AwsSettings): Clients {
  const { region, endpoint, connectionTimeoutMs = 3_000, requestTimeoutMs = 10_000 } = settings
  const shared = {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
  }
  return {
    ecs: new ECS({ ...shared, maxAttempts: 3 }),
    once: new ECS({ ...shared, maxAttempts: 1 }),
    logs: new CloudWatchLogs({ ...shared, maxAttempts: 3 }),
  }
}
