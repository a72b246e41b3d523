import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListTasksRequest,
  ListTasksResponse,
  RunTaskRequest,
  RunTaskResponse,
  StopTaskRequest,
  StopTaskResponse,
} from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { lastPart } from './arn.ts'
import { clientError, invalidParameter } from './error.ts'
import { clusterOf, serviceOf } from './lookup.ts'
import type { TaskState } from './model.ts'
import { taskDefinitionOf } from './named-definition.ts'
import { runOneOff } from './one-off.ts'
import { capacityProviderStrategy, inner, networkConfiguration, operation, page, text } from './operation.ts'
import { stopTask } from './task.ts'
import { viewTask } from './views.ts'
import type { World } from './world.ts'

const tag = z.strictObject({ key: text, value: z.string().optional() })
const startedBy = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9/_-]*$/)
const pair = z.strictObject({ name: z.string().optional(), value: z.string().optional() })
const containerOverride = z.strictObject({
  name: text.optional(),
  command: z.array(z.string()).optional(),
  environment: z.array(pair).optional(),
  environmentFiles: inner<{ type: 's3'; value: string }[]>(),
  cpu: z.int().optional(),
  memory: z.int().optional(),
  memoryReservation: z.int().optional(),
  resourceRequirements: inner<{ type: 'GPU'; value: string }[]>(),
})
const launchType = z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'])

const RunTask = operation<RunTaskRequest, RunTaskResponse>(
  {
    capacityProviderStrategy: capacityProviderStrategy.optional(),
    cluster: text.optional(),
    count: z.int().min(1).max(10).optional(),
    enableECSManagedTags: z.boolean().optional(),
    enableExecuteCommand: z.boolean().optional(),
    group: text.optional(),
    launchType: launchType.optional(),
    networkConfiguration: networkConfiguration.optional(),
    overrides: z
      .strictObject({
        containerOverrides: z.array(containerOverride).optional(),
        cpu: text.optional(),
        inferenceAcceleratorOverrides: inner<[]>(),
        executionRoleArn: text.optional(),
        memory: text.optional(),
        taskRoleArn: text.optional(),
        ephemeralStorage: z.strictObject({ sizeInGiB: z.int() }).optional(),
      })
      .optional(),
    placementConstraints: inner(),
    placementStrategy: inner(),
    platformVersion: text.optional(),
    propagateTags: z.enum(['NONE', 'SERVICE', 'TASK_DEFINITION']).optional(),
    referenceId: text.optional(),
    startedBy: startedBy.optional(),
    tags: z.array(tag).max(50).optional(),
    taskDefinition: text,
    clientToken: text.max(64).optional(),
    volumeConfigurations: inner(),
  },
  (world, request) => {
    const cluster = clusterOf(world, request.cluster)
    const taskDefinition = taskDefinitionOf(world, request.taskDefinition!)
    if (!taskDefinition) throw clientError('TaskDefinition not found.')
    if (taskDefinition.status !== 'ACTIVE') throw clientError('TaskDefinition is inactive')
    if (taskDefinition.networkMode === 'awsvpc' && !request.networkConfiguration?.awsvpcConfiguration) {
      throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    }
    const names = taskDefinition.containerDefinitions!.map((container) => container.name)
    const stranger = request.overrides?.containerOverrides?.find(({ name }) => !names.includes(name))
    if (stranger) {
      throw invalidParameter(
        `Override for container named ${stranger.name} is not a container in the TaskDefinition.`,
      )
    }
    const { group, startedBy, overrides, tags, count, capacityProviderStrategy: capacity } = request
    if (capacity && request.launchType)
      throw invalidParameter(
        'The launch type must be omitted where a capacity provider strategy is specified.',
      )
    return runOneOff(world, { cluster, taskDefinition, group, startedBy, overrides, tags, count, capacity })
  },
)

const ListTasks = operation<ListTasksRequest, ListTasksResponse>(
  {
    cluster: text.optional(),
    containerInstance: text.optional(),
    family: text.optional(),
    nextToken: text.optional(),
    maxResults: z.int().min(1).max(100).optional(),
    startedBy: startedBy.optional(),
    serviceName: text.optional(),
    desiredStatus: z.enum(['RUNNING', 'PENDING', 'STOPPED']).optional(),
    launchType: launchType.optional(),
    daemonName: text.optional(),
  },
  (world, request) => {
    const { family, startedBy, serviceName, desiredStatus = 'RUNNING', launchType } = request
    const further = [request.containerInstance, family, serviceName, request.desiredStatus, launchType]
    if (startedBy !== undefined && further.some((filter) => filter !== undefined)) {
      throw invalidParameter('startedBy must be the only filter that is used.')
    }
    const cluster = clusterOf(world, request.cluster)
    const service = serviceName === undefined ? undefined : serviceOf(world, serviceName, cluster.name)
    const matches = (task: TaskState) =>
      task.cluster === cluster &&
      task.desiredStatus === desiredStatus &&
      (family === undefined || task.taskDefinition.family === family) &&
      (startedBy === undefined || task.startedBy === startedBy) &&
      (service === undefined || task.service === service) &&
      (launchType === undefined || launchType === 'FARGATE') &&
      request.containerInstance === undefined &&
      request.daemonName === undefined
    const { items, nextToken } = page(world, world.tasks.filter(matches), { ...request, size: 100 })
    return { taskArns: items.map((task) => task.arn), nextToken }
  },
)

const DescribeTasks = operation<DescribeTasksRequest, DescribeTasksResponse>(
  {
    cluster: text.optional(),
    tasks: z.array(text).min(1).max(100),
    include: z.array(z.enum(['TAGS'])).optional(),
  },
  (world, request) => {
    const cluster = clusterOf(world, request.cluster)
    const requested = request.tasks!.map((each) => ({ each, found: findTask(world, cluster.name, each) }))
    const withTags = request.include?.includes('TAGS') ?? false
    return {
      tasks: requested.flatMap(({ found }) =>
        found ? [{ ...viewTask(found), tags: withTags ? [...found.tags] : [] }] : [],
      ),
      failures: requested.flatMap(({ each, found }) => (found ? [] : [{ arn: each, reason: 'MISSING' }])),
    }
  },
)

const StopTask = operation<StopTaskRequest, StopTaskResponse>(
  { cluster: text.optional(), task: text, reason: z.string().max(255).optional() },
  (world, request) => {
    const task = findTask(world, clusterOf(world, request.cluster).name, request.task!)
    if (!task) throw invalidParameter('The referenced task was not found.')
    const reason = request.reason ?? 'Task stopped by user'
    stopTask(task, { code: 'UserInitiated', reason }, Date.now(), world)
    return { task: viewTask(task) }
  },
)

function findTask(world: World, cluster: string, idOrArn: string): TaskState | undefined {
  return world.tasks.find((task) => task.cluster.name === cluster && task.id === lastPart(idOrArn))
}

export const taskOperations = {
  RunTask,
  ListTasks,
  DescribeTasks,
  StopTask,
}
