import type {
  ContainerDefinition,
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  TaskDefinition,
} from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { arn } from './arn.ts'
import { clientError } from './error.ts'
import type { TaskDefinitionState } from './model.ts'
import { taskDefinitionOf } from './named-definition.ts'
import { inner, operation, page, type Shape, text } from './operation.ts'
import type { World } from './world.ts'

const names = z.array(z.string()).optional()
const logConfiguration = z.strictObject({
  logDriver: z.enum([
    'awsfirelens',
    'awslogs',
    'fluentd',
    'gelf',
    'journald',
    'json-file',
    'splunk',
    'syslog',
  ]),
  options: z.record(z.string(), z.string()).optional(),
  secretOptions: z.array(z.strictObject({ name: text, valueFrom: text })).optional(),
})

const container: Shape<ContainerDefinition> = {
  name: text.max(255).regex(/^[A-Za-z0-9_-]+$/),
  image: text,
  repositoryCredentials: inner(),
  cpu: z.int().min(0).optional(),
  memory: z.int().min(4).optional(),
  memoryReservation: z.int().min(4).optional(),
  links: names,
  portMappings: inner(),
  essential: z.boolean().optional(),
  restartPolicy: inner(),
  entryPoint: names,
  command: names,
  environment: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  environmentFiles: inner(),
  mountPoints: inner(),
  volumesFrom: inner(),
  linuxParameters: inner(),
  secrets: z.array(z.strictObject({ name: text, valueFrom: text })).optional(),
  dependsOn: inner(),
  startTimeout: z.int().optional(),
  stopTimeout: z.int().max(120).optional(),
  versionConsistency: z.enum(['enabled', 'disabled']).optional(),
  hostname: text.optional(),
  user: text.optional(),
  workingDirectory: text.optional(),
  disableNetworking: z.boolean().optional(),
  privileged: z.boolean().optional(),
  readonlyRootFilesystem: z.boolean().optional(),
  dnsServers: names,
  dnsSearchDomains: names,
  extraHosts: inner(),
  dockerSecurityOptions: names,
  interactive: z.boolean().optional(),
  pseudoTerminal: z.boolean().optional(),
  dockerLabels: z.record(z.string(), z.string()).optional(),
  ulimits: inner(),
  logConfiguration: logConfiguration.optional(),
  healthCheck: inner(),
  systemControls: inner(),
  resourceRequirements: inner(),
  firelensConfiguration: inner(),
  credentialSpecs: names,
}

/** Registers the next revision of the family. */
export function register(
  world: World,
  request: RegisterTaskDefinitionRequest,
  at: number,
): TaskDefinitionState {
  const { tags = [], family, ...rest } = request
  const last = world.taskDefinitions.filter((each) => each.family === family).at(-1)
  const revision = (last?.revision ?? 0) + 1
  const registered: TaskDefinitionState = {
    volumes: [],
    placementConstraints: [],
    ...rest,
    containerDefinitions: rest.containerDefinitions!.map((each) => ({
      cpu: 0,
      essential: true,
      environment: [],
      portMappings: [],
      mountPoints: [],
      volumesFrom: [],
      ...each,
    })),
    family: family!,
    revision,
    taskDefinitionArn: arn.taskDefinition(world.site, family!, revision),
    status: 'ACTIVE',
    compatibilities: ['EC2', 'FARGATE'],
    registeredAt: new Date(at),
    registeredBy: arn.role(world.site, 'github-actions-deploy'),
    tags,
  }
  world.taskDefinitions.push(registered)
  return registered
}

function view({ tags, ...definition }: TaskDefinitionState): TaskDefinition {
  return definition
}

const RegisterTaskDefinition = operation<RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse>(
  {
    family: text.max(255).regex(/^[A-Za-z0-9_-]+$/),
    taskRoleArn: text.optional(),
    executionRoleArn: text.optional(),
    networkMode: z.enum(['bridge', 'host', 'awsvpc', 'none']).optional(),
    containerDefinitions: z.array(z.strictObject(container)).min(1),
    volumes: inner(),
    placementConstraints: inner(),
    requiresCompatibilities: z.array(z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'])).optional(),
    cpu: text.optional(),
    memory: text.optional(),
    tags: z
      .array(z.strictObject({ key: text, value: z.string() }))
      .max(50)
      .optional(),
    pidMode: z.enum(['host', 'task']).optional(),
    ipcMode: z.enum(['host', 'task', 'none']).optional(),
    proxyConfiguration: inner(),
    inferenceAccelerators: inner(),
    ephemeralStorage: z.strictObject({ sizeInGiB: z.int().min(21).max(200) }).optional(),
    runtimePlatform: inner(),
    enableFaultInjection: z.boolean().optional(),
  },
  (world, request) => {
    const isFargate = request.requiresCompatibilities?.includes('FARGATE')
    if (isFargate && (!request.cpu || !request.memory)) {
      throw clientError('Fargate requires task definition to have cpu and memory at the task level.')
    }
    if (isFargate && request.networkMode !== 'awsvpc') {
      throw clientError("Fargate only supports network mode 'awsvpc'.")
    }
    if (request.containerDefinitions!.every((each) => each.essential === false)) {
      throw clientError('TaskDefinition must have at least one essential container.')
    }
    const registered = register(world, request, Date.now())
    return { taskDefinition: view(registered), tags: [...registered.tags] }
  },
)

const DescribeTaskDefinition = operation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse>(
  { taskDefinition: text, include: z.array(z.enum(['TAGS'])).optional() },
  (world, { taskDefinition, include }) => {
    const found = taskDefinitionOf(world, taskDefinition!)
    if (!found) throw clientError('Unable to describe task definition.')
    return { taskDefinition: view(found), ...(include?.includes('TAGS') && { tags: [...found.tags] }) }
  },
)

const ListTaskDefinitions = operation<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse>(
  {
    familyPrefix: text.optional(),
    status: z.enum(['ACTIVE', 'INACTIVE', 'DELETE_IN_PROGRESS']).optional(),
    sort: z.enum(['ASC', 'DESC']).optional(),
    nextToken: text.optional(),
    maxResults: z.int().min(1).max(100).optional(),
  },
  (world, request) => {
    const { familyPrefix, status = 'ACTIVE', sort = 'ASC' } = request
    const found = world.taskDefinitions
      .filter((each) => each.status === status && (!familyPrefix || each.family === familyPrefix))
      .toSorted((a, b) => a.family.localeCompare(b.family) || a.revision - b.revision)
    const { items, nextToken } = page(world, sort === 'ASC' ? found : found.toReversed(), {
      ...request,
      size: 100,
    })
    return { taskDefinitionArns: items.map((each) => each.taskDefinitionArn), nextToken }
  },
)

const ListTaskDefinitionFamilies = operation<
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse
>(
  {
    familyPrefix: text.optional(),
    status: z.enum(['ACTIVE', 'INACTIVE', 'ALL']).optional(),
    nextToken: text.optional(),
    maxResults: z.int().min(1).max(100).optional(),
  },
  (world, request) => {
    const { familyPrefix = '', status = 'ALL' } = request
    // A family is active as long as one of its revisions is.
    const byFamily = Map.groupBy(world.taskDefinitions, ({ family }) => family)
    const found = [...byFamily].flatMap(([family, revisions]) => {
      const is = revisions.some((each) => each.status === 'ACTIVE') ? 'ACTIVE' : 'INACTIVE'
      return family.startsWith(familyPrefix) && (status === 'ALL' || status === is) ? [family] : []
    })
    const { items, nextToken } = page(world, found.toSorted(), { ...request, size: 100 })
    return { families: items, nextToken }
  },
)

const DeregisterTaskDefinition = operation<DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionResponse>(
  { taskDefinition: text },
  (world, { taskDefinition }) => {
    const found = taskDefinitionOf(world, taskDefinition!)
    if (!found) throw clientError('The specified task definition does not exist.')
    found.status = 'INACTIVE'
    found.deregisteredAt = new Date()
    return { taskDefinition: view(found) }
  },
)

export const taskDefinitionOperations = {
  RegisterTaskDefinition,
  DescribeTaskDefinition,
  ListTaskDefinitionFamilies,
  ListTaskDefinitions,
  DeregisterTaskDefinition,
}
