import { CodeDeploy, waitUntilDeploymentSuccessful } from '@aws-sdk/client-codedeploy'
import { ECS, waitUntilServicesStable } from '@aws-sdk/client-ecs'
import type { Fleet } from './fleet.ts'

/**
 * The baselines: how workflows wait today. `plain`: the waiter of the SDK as it comes. `best`: the best-configured of
 * today's tools, the waiter every 15 s, and after it a check of what serves, as `amazon-ecs-deploy-task-definition` makes.
 */
export type WaiterName = 'plain' | 'best'

/** What a waiter waits for, as the workflow knows it. */
export type Waited = {
  readonly cluster: string
  readonly service: string
  /** The ARN of the task definition that was deployed. */
  readonly taskDefinition: string
  /** The id of the deployment, if CodeDeploy deploys the service. */
  readonly codeDeployment: string | null
}

/** What a waiter says in the end: it knows two words. */
export type WaiterVerdict = 'succeeded' | 'not succeeded'

export type Clients = { readonly ecs: ECS; readonly codeDeploy: CodeDeploy }

const waits: Readonly<Record<WaiterName, object>> = { plain: {}, best: { minDelay: 15, maxDelay: 15 } }

/**
 * Waits for a service; null: it said nothing before it was aborted or its time was over. A service of CodeDeploy never
 * becomes stable for the waiter of ECS (boto/botocore#2865), so for one the waiter of CodeDeploy waits, as in the action.
 * @param maxWaitTime seconds
 */
export async function waitFor(
  name: WaiterName,
  waited: Waited,
  { ecs, codeDeploy }: Clients,
  { maxWaitTime, abortSignal }: { readonly maxWaitTime: number; readonly abortSignal: AbortSignal },
): Promise<WaiterVerdict | null> {
  const { cluster, service, codeDeployment } = waited
  const options = { ...waits[name], maxWaitTime, abortSignal }
  try {
    if (codeDeployment === null)
      await waitUntilServicesStable({ client: ecs, ...options }, { cluster, services: [service] })
    else
      await waitUntilDeploymentSuccessful(
        { client: codeDeploy, ...options },
        { deploymentId: codeDeployment },
      )
  } catch (error) {
    const isOpen = error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name)
    return isOpen ? null : 'not succeeded'
  }
  return name === 'plain' || (await isServing(waited, ecs)) ? 'succeeded' : 'not succeeded'
}

/** Whether the service runs what was deployed. */
async function isServing({ cluster, service, taskDefinition }: Waited, ecs: ECS): Promise<boolean> {
  const { services: [found] = [] } = await ecs.describeServices({ cluster, services: [service] })
  const primary = [...(found?.deployments ?? []), ...(found?.taskSets ?? [])].find(
    ({ status }) => status === 'PRIMARY',
  )
  return primary?.taskDefinition === taskDefinition
}

/** Clients of the sandbox's AWS. @param app what tells their calls from those of others, in the request log */
export function clientsTo(env: Fleet['env'], app: string): Clients {
  const settings = {
    endpoint: env.AWS_ENDPOINT_URL!,
    region: env.AWS_REGION!,
    userAgentAppId: app,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID!, secretAccessKey: env.AWS_SECRET_ACCESS_KEY! },
  }
  return { ecs: new ECS(settings), codeDeploy: new CodeDeploy(settings) }
}
