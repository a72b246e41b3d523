import { randomBytes, randomInt } from 'node:crypto'
import * as seed from '../seed.ts'

/** An account, and one of its regions: where resources are. */
export type Site = { readonly account: string; readonly region: string }

/** The account and the region that the sandbox starts with. */
export const home: Site = { account: seed.account, region: seed.region }

const ecs = ({ account, region }: Site, resource: string) => `arn:aws:ecs:${region}:${account}:${resource}`

/** Resources of a cluster are in its account and region. */
type InCluster = { readonly arn: string }

const within = (cluster: InCluster, kind: string, resource: string) =>
  `${cluster.arn.replace(':cluster/', `:${kind}/`)}/${resource}`

/** The ARNs of all resources in the sandbox. */
export const arn = {
  cluster: (site: Site, cluster: string) => ecs(site, `cluster/${cluster}`),
  service: (cluster: InCluster, service: string) => within(cluster, 'service', service),
  serviceRevision: (cluster: InCluster, service: string, number: string) =>
    within(cluster, 'service-revision', `${service}/${number}`),
  serviceDeployment: (cluster: InCluster, service: string, id: string) =>
    within(cluster, 'service-deployment', `${service}/${id}`),
  taskSet: (cluster: InCluster, service: string, id: string) =>
    within(cluster, 'task-set', `${service}/${id}`),
  task: (cluster: InCluster, id: string) => within(cluster, 'task', id),
  container: (cluster: InCluster, task: string, name: string) =>
    within(cluster, 'container', `${task}/${name}`),
  taskDefinition: (site: Site, family: string, revision: number) =>
    ecs(site, `task-definition/${family}:${revision}`),
  logGroup: ({ account, region }: Site, group: string) =>
    `arn:aws:logs:${region}:${account}:log-group:${group}`,
  role: ({ account }: Pick<Site, 'account'>, name: string) => `arn:aws:iam::${account}:role/${name}`,
  provider: ({ account }: Pick<Site, 'account'>, url: string) =>
    `arn:aws:iam::${account}:oidc-provider/${url}`,
  secret: ({ account, region }: Site, name: string) =>
    `arn:aws:secretsmanager:${region}:${account}:secret:${name}`,
  targetGroup: ({ account, region }: Site, name: string) =>
    `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${name}/0a1b2c3d4e5f6071`,
  listenerRule: ({ account, region }: Site, name: string) =>
    `arn:aws:elasticloadbalancing:${region}:${account}:listener-rule/app/${name}/0a1b2c3d4e5f6071/1b2c3d4e5f60718a/2c3d4e5f60718a9b`,
}

/** The account and the region that an ARN names. */
export function siteOf(resource: string): Site {
  const [, , , region = '', account = ''] = resource.split(':')
  return { account, region }
}

/** The last part of a name or ARN (`cluster/blog` → `blog`, `service/blog/api` → `api`). */
export function lastPart(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1)
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'

/** Generates ids with the length and the characters of those of ECS. */
export const newId = {
  /** 19 digits, shared by a service revision and its entry in `deployments[]`. */
  revision: () => `${randomInt(1, 10)}${Array.from(randomBytes(18), (byte) => byte % 10).join('')}`,
  /** 21 characters. */
  serviceDeployment: () => Array.from(randomBytes(21), (byte) => alphabet[byte % 64]).join(''),
  /** 32 hexadecimal digits. */
  task: () => randomBytes(16).toString('hex'),
}
