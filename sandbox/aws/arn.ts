import { randomBytes, randomInt } from 'node:crypto'
import { account, region } from '../seed.ts'

const ecs = (resource: string) => `arn:aws:ecs:${region}:${account}:${resource}`

/** The ARNs of all resources in the sandbox. */
export const arn = {
  cluster: (cluster: string) => ecs(`cluster/${cluster}`),
  service: (cluster: string, service: string) => ecs(`service/${cluster}/${service}`),
  serviceRevision: (cluster: string, service: string, number: string) =>
    ecs(`service-revision/${cluster}/${service}/${number}`),
  serviceDeployment: (cluster: string, service: string, id: string) =>
    ecs(`service-deployment/${cluster}/${service}/${id}`),
  taskSet: (cluster: string, service: string, id: string) => ecs(`task-set/${cluster}/${service}/${id}`),
  task: (cluster: string, id: string) => ecs(`task/${cluster}/${id}`),
  container: (cluster: string, task: string, name: string) => ecs(`container/${cluster}/${task}/${name}`),
  taskDefinition: (family: string, revision: number) => ecs(`task-definition/${family}:${revision}`),
  logGroup: (group: string) => `arn:aws:logs:${region}:${account}:log-group:${group}`,
  role: (name: string) => `arn:aws:iam::${account}:role/${name}`,
  targetGroup: (name: string) =>
    `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${name}/0a1b2c3d4e5f6071`,
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
