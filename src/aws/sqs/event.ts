import { z } from 'zod'
import type { AwsSignal } from '../../ports/aws-signal.ts'
import { lastPart } from '../ecs/words.ts'

/** An event of EventBridge, as SQS delivers it. Source: EventBridge user guide, event structure. */
const envelope = z.object({
  'detail-type': z.string(),
  account: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  detail: z.unknown(),
})

const task = z.object({ clusterArn: z.string(), group: z.string() })

const codeDeploy = z.object({ deploymentId: z.string() })

/** Types of events whose resources name an ECS service. */
const ofService: readonly string[] = [
  'ECS Deployment State Change',
  'ECS Hook State Change',
  'ECS Service Action',
]

/** Where an event says to look; null if the text is not an event that twokey knows. */
export function signalIn(body: string): AwsSignal | null {
  const event = envelope.safeParse(parsed(body)).data
  if (event === undefined) return null
  const { account, region, resources, detail } = event
  const type = event['detail-type']
  if (type === 'CodeDeploy Deployment State-change Notification')
    return { account, region, of: 'deployment', id: codeDeploy.safeParse(detail).data?.deploymentId ?? null }
  if (ofService.includes(type)) {
    const named = resources.map(serviceIn).find((service) => service !== null)
    return named ? { account, region, of: 'service', ...named } : null
  }
  if (type !== 'ECS Task State Change') return null
  const { clusterArn, group } = task.safeParse(detail).data ?? {}
  if (clusterArn === undefined || group === undefined) return null
  const cluster = lastPart(clusterArn)
  const [, kind, name] = /^(service|family):(.+)$/.exec(group) ?? []
  if (name === undefined) return null
  return kind === 'service'
    ? { account, region, of: 'service', cluster, service: name }
    : { account, region, of: 'family', cluster, family: name }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** Old accounts have ARNs without the cluster. */
function serviceIn(arn: string): { readonly cluster: string | null; readonly service: string } | null {
  const [, cluster, service] = /^arn:[\w-]+:ecs:[^:]*:\d*:service\/(?:([^/]+)\/)?([^/]+)$/.exec(arn) ?? []
  return service === undefined ? null : { cluster: cluster ?? null, service }
}
