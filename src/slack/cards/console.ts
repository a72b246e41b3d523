import type { Target } from '../../release/names.ts'

/** The console's host for each partition of AWS. Source: docs.aws.amazon.com, AWS service endpoints and consoles. */
const domains: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
}

/** A page of a service in the console. */
export type ServicePage = 'health' | 'deployments' | 'logs'

/**
 * The console's page of a service; null if its account or region cannot be determined.
 * @param seen an ARN of the same account and region: of its rollout or its task definition
 */
export function serviceUrl({ cluster, service }: Target, page: ServicePage, seen: string): string | null {
  return placed(seen, `clusters/${nameIn(cluster)}/services/${nameIn(service)}/${page}`)
}

/** The console's page of a task whose ARN names the cluster; null if it cannot be determined. */
export function taskUrl(taskArn: string, page: 'configuration' | 'logs'): string | null {
  const [, cluster, task] = /:task\/([^/]+)\/([0-9a-f-]+)$/.exec(taskArn) ?? []
  if (cluster === undefined || task === undefined) return null
  return placed(taskArn, `clusters/${nameIn(cluster)}/tasks/${task}/${page}`)
}

function placed(arn: string, page: string): string | null {
  const [, partition = '', region] = /^arn:(aws[a-z-]*):ecs:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:/.exec(arn) ?? []
  const domain = Object.hasOwn(domains, partition) ? domains[partition] : undefined
  if (domain === undefined || region === undefined || page.includes('//')) return null
  return `https://${region}.${domain}/ecs/v2/${page}?region=${region}`
}

/**
 * The name of a cluster or service, which is the last part of an ARN; null if the text is no such name. Source: ECS
 * CreateCluster.
 */
function nameIn(nameOrArn: string): string {
  return /^(?:arn:.*\/)?([\w-]{1,255})$/.exec(nameOrArn)?.[1] ?? ''
}
