import { type AwsLocation, accountIn, type Target } from '../release/names.ts'
import { plain, type Text, text } from './text.ts'
import { account } from './values.ts'

/** An account and region. */
export type Place = { readonly account: Text; readonly region: string }

/** Where something is: in the account of its role, else in twokey's own. */
export function placeOf({ region, roleArn }: AwsLocation): Place {
  if (region === undefined) throw new Error('a service environment without a region')
  const ofRole = roleArn === undefined ? undefined : accountIn(roleArn)
  return { region, account: ofRole === undefined ? account : plain(ofRole) }
}

/** The partition of a region: China and GovCloud have their own. */
export function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** The ARN of something in a service of AWS: `arn:aws:ecs:eu-west-1:123456789012:cluster/blog`. */
export function arn(service: string, place: Place, resource: string | Text): Text {
  return text`arn:${partition(place.region)}:${service}:${place.region}:${place.account}:${resource}`
}

/** The ARN of something in IAM, which has no region. */
export function iamArn(place: Place, resource: string | Text): Text {
  return text`arn:${partition(place.region)}:iam::${place.account}:${resource}`
}

/** The ARN of an ECS service. */
export function serviceArn({ cluster, service, ...location }: Target): Text {
  return arn('ecs', placeOf(location), `service/${cluster}/${service}`)
}

/** The ARN of all deployments of an ECS service. */
export function serviceDeploymentsArn({ cluster, service, ...location }: Target): Text {
  return arn('ecs', placeOf(location), `service-deployment/${cluster}/${service}/*`)
}

/** A cluster, and where it is. */
export type Cluster = AwsLocation & { readonly cluster: string }

/** The ARN of a cluster. */
export function clusterArn({ cluster, ...location }: Cluster): Text {
  return arn('ecs', placeOf(location), `cluster/${cluster}`)
}

/** The ARN of all tasks in a cluster. */
export function tasksArn({ cluster, ...location }: Cluster): Text {
  return arn('ecs', placeOf(location), `task/${cluster}/*`)
}
