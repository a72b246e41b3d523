import {
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
} from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, test } from 'vitest'
import { trigger } from '../../sandbox/aws/one-off.ts'
import { migration, registry } from '../../sandbox/seed.ts'
import { type Aws, blogApi, prod, startForTest } from './aws-clients.ts'

let aws: Aws

beforeEach(async () => {
  aws = await startForTest()
})

const { cluster } = prod
const startedBy = `deploy-${'a'.repeat(40)}`

/** Starts the migration like the workflow. */
async function run(change: Partial<RunTaskCommandInput> = {}) {
  const { tasks, failures } = await aws.ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: migration.family,
      launchType: 'FARGATE',
      startedBy,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0a1b2c3d'] } },
      ...change,
    }),
  )
  return { tasks: tasks!, failures: failures! }
}

async function stopped(taskArn: string) {
  await aws.until(() => aws.world.oneOffTasks.find((task) => task.arn === taskArn)?.lastStatus === 'STOPPED')
  return described(taskArn)
}

async function described(taskArn: string) {
  const { tasks } = await aws.ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }))
  return tasks![0]!
}

const streamOf = (taskArn: string) => `ecs/migrate/${taskArn.split('/').at(-1)}`

async function tail(taskArn: string, limit = 100) {
  const { events } = await aws.cloudWatchLogs.send(
    new GetLogEventsCommand({
      logGroupName: migration.logGroup,
      logStreamName: streamOf(taskArn),
      startFromHead: false,
      limit,
    }),
  )
  return events!
}

test('a migration passes through its states, exits with 0 and logs to its own stream', async () => {
  const { tasks } = await run()
  const taskArn = tasks[0]!.taskArn!
  expect(tasks[0]).toMatchObject({ lastStatus: 'PROVISIONING', startedBy, group: 'family:blog-api-migrate' })
  const seen = new Set<string>()
  await aws.until(() => {
    const [task] = aws.world.oneOffTasks
    seen.add(task!.lastStatus)
    return task!.lastStatus === 'STOPPED'
  })
  expect([...seen]).toEqual(expect.arrayContaining(['PENDING', 'RUNNING', 'STOPPED']))

  const task = await described(taskArn)
  expect(task).toMatchObject({
    stopCode: 'EssentialContainerExited',
    desiredStatus: 'STOPPED',
    containers: [{ name: 'migrate', exitCode: 0, lastStatus: 'STOPPED' }],
  })
  for (const at of [task.createdAt, task.startedAt, task.stoppingAt, task.stoppedAt])
    expect(at).toBeInstanceOf(Date)

  const lines = await tail(taskArn)
  expect(lines.at(-1)!.message).toBe('Applied 2 migrations')
  expect(lines[0]!.timestamp).toBeGreaterThan(Date.now() - 60_000)
  expect((await tail(taskArn, 2)).map((line) => line.message)).toEqual(
    lines.slice(-2).map((line) => line.message),
  )
})

test.each([
  ['rule', 'events-rule/nightly-database-cleanup'],
  ['schedule', 'chronos-schedule/nightly-database-cl'],
  ['state machine', 'AWS Step Functions'],
] as const)(
  'a task that a %s of AWS starts has it in startedBy, truncated to 36 characters',
  async (by, startedBy) => {
    const name = 'nightly-database-cleanup'
    const arns = trigger(aws.world, {
      by,
      name,
      cluster,
      family: migration.family,
      count: 2,
      group: 'nightly',
    })
    expect(arns).toHaveLength(2)
    for (const taskArn of arns) {
      const task = await stopped(taskArn)
      expect(task).toMatchObject({ startedBy, group: 'nightly', containers: [{ exitCode: 0 }] })
    }
  },
)

test('RunTask uses the family as group unless the request names one, and can start several tasks', async () => {
  const { tasks } = await run({ count: 3, group: 'nightly' })
  expect(tasks.map(({ group }) => group)).toEqual(['nightly', 'nightly', 'nightly'])
  expect(new Set(tasks.map(({ taskArn }) => taskArn)).size).toBe(3)
})

describe('failed migrations', () => {
  test('a migration that exits with 1 has its log', async () => {
    aws.world.migrations.next({ kind: 'exits', code: 1, log: ['boom', 'giving up'] })
    const taskArn = (await run()).tasks[0]!.taskArn!
    expect((await stopped(taskArn)).containers).toMatchObject([{ exitCode: 1 }])
    expect((await tail(taskArn, 2)).map((line) => line.message)).toEqual(['boom', 'giving up'])
    // The next one is successful again.
    expect((await stopped((await run()).tasks[0]!.taskArn!)).containers).toMatchObject([{ exitCode: 0 }])
  })

  test('a migration that never started has no exit code and no log stream', async () => {
    const { taskDefinition } = await aws.ecs.send(
      new RegisterTaskDefinitionCommand({ ...blogApi(`${registry}:unpushed`), family: migration.family }),
    )
    const { tasks } = await run({ taskDefinition: taskDefinition!.taskDefinitionArn! })
    const task = await stopped(tasks[0]!.taskArn!)
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart' })
    expect(task.stoppedReason).toMatch(/^CannotPullContainerError/)
    expect(task.startedAt).toBeUndefined()
    expect(task.containers![0]!.exitCode).toBeUndefined()
    await expect(tail(tasks[0]!.taskArn!)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  test('RunTask answers 200 with failures if no task is started', async () => {
    aws.world.migrations.next({ kind: 'not-run', failures: [{ reason: 'RESOURCE:ENI' }] })
    expect(await run()).toEqual({ tasks: [], failures: [{ reason: 'RESOURCE:ENI' }] })
  })

  test('a sidecar exits with 0 while the essential container fails', async () => {
    const [container] = blogApi().containerDefinitions!
    await aws.ecs.send(
      new RegisterTaskDefinitionCommand({
        ...blogApi(),
        family: migration.family,
        containerDefinitions: [
          { ...container!, name: 'log-router', image: 'public.ecr.aws/x/fluent-bit:3', essential: false },
          { ...container!, name: 'migrate' },
        ],
      }),
    )
    aws.world.migrations.ofImage(`${registry}:new`, { kind: 'exits', code: 3, others: { 'log-router': 0 } })
    const { tasks } = await run()
    expect((await stopped(tasks[0]!.taskArn!)).containers).toMatchObject([
      { name: 'log-router', exitCode: 0 },
      { name: 'migrate', exitCode: 3 },
    ])
  })

  test('a migration fails if its log group does not exist', async () => {
    aws.world.logs.groups.delete(migration.logGroup)
    const task = await stopped((await run()).tasks[0]!.taskArn!)
    expect(task.stoppedReason).toMatch(/^ResourceInitializationError/)
  })

  test('a migration can be stopped by a person', async () => {
    aws.world.migrations.next({ kind: 'runs' })
    const taskArn = (await run()).tasks[0]!.taskArn!
    await aws.until(() => aws.world.oneOffTasks[0]!.lastStatus === 'RUNNING')
    await aws.ecs.send(new StopTaskCommand({ cluster, task: taskArn, reason: 'enough' }))
    expect(await stopped(taskArn)).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: 'enough',
      containers: [{ exitCode: 143 }],
    })
  })
})

test('a finished task is listed by its family as STOPPED, but no longer by startedBy alone', async () => {
  const taskArn = (await run()).tasks[0]!.taskArn!
  const list = async (filter: object) =>
    (await aws.ecs.send(new ListTasksCommand({ cluster, ...filter }))).taskArns
  expect(await list({ startedBy })).toEqual([taskArn])
  expect(await list({ family: migration.family, desiredStatus: 'RUNNING' })).toEqual([taskArn])
  await stopped(taskArn)
  expect(await list({ startedBy })).toEqual([])
  expect(await list({ family: migration.family, desiredStatus: 'RUNNING' })).toEqual([])
  expect(await list({ family: migration.family, desiredStatus: 'STOPPED' })).toEqual([taskArn])
})

test('a stopped task is no longer returned after an hour', async () => {
  const taskArn = (await run()).tasks[0]!.taskArn!
  await stopped(taskArn)
  const { stoppedAt } = aws.world.oneOffTasks[0]!
  aws.world.advance(stoppedAt! + 3_599_999)
  expect(aws.world.oneOffTasks).toHaveLength(1)
  aws.world.advance(stoppedAt! + 3_600_000)
  expect(aws.world.oneOffTasks).toHaveLength(0)
})

test.each([
  [{ taskDefinition: 'blog-api-migrate:99' }, 'ClientException'],
  [{ taskDefinition: 'blog-api:40' }, 'ClientException'],
  [{ networkConfiguration: undefined }, 'InvalidParameterException'],
  [{ overrides: { containerOverrides: [{ name: 'other' }] } }, 'InvalidParameterException'],
  [{ startedBy: 'a b' }, 'InvalidParameterException'],
  [{ cluster: 'nowhere' }, 'ClusterNotFoundException'],
])('RunTask with %j is refused', async (change, name) => {
  await expect(run(change)).rejects.toMatchObject({ name })
})

describe('logs', () => {
  const logGroupName = migration.logGroup
  const logStreamName = 'ecs/migrate/0'
  beforeEach(() => {
    aws.world.logs.write(logGroupName, logStreamName, ['a', 'b', 'c error', 'd', 'e error'], 1000)
  })
  const get = (request: object) =>
    aws.cloudWatchLogs.send(new GetLogEventsCommand({ logGroupName, logStreamName, ...request }))
  const messages = (answer: { events?: { message?: string | undefined }[] | undefined }) =>
    answer.events!.map((line) => line.message)

  test('GetLogEvents pages forward and backward, and the forward token stays the same at the end', async () => {
    const head = await get({ startFromHead: true, limit: 2 })
    expect(messages(head)).toEqual(['a', 'b'])
    const second = await get({ nextToken: head.nextForwardToken, limit: 4 })
    expect(messages(second)).toEqual(['c error', 'd', 'e error'])
    const end = await get({ nextToken: second.nextForwardToken })
    expect(messages(end)).toEqual([])
    expect(end.nextForwardToken).toBe(second.nextForwardToken)
    expect(messages(await get({ nextToken: second.nextBackwardToken, limit: 1 }))).toEqual(['b'])
  })

  test('GetLogEvents filters by a period in ms', async () => {
    expect(messages(await get({ startTime: 1001, endTime: 1003 }))).toEqual(['b', 'c error'])
  })

  test('log lines can become readable late', async () => {
    aws.world.logs.lag = 60_000
    aws.world.logs.write(logGroupName, logStreamName, ['late'], Date.now())
    expect(messages(await get({}))).not.toContain('late')
    aws.world.logs.write(logGroupName, 'ecs/migrate/new', ['late'], Date.now())
    await expect(get({ logStreamName: 'ecs/migrate/new' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  test('FilterLogEvents finds lines by terms, group and stream', async () => {
    const found = await aws.cloudWatchLogs.send(
      new FilterLogEventsCommand({ logGroupName, filterPattern: 'error', logStreamNamePrefix: 'ecs/' }),
    )
    expect(messages(found)).toEqual(['c error', 'e error'])
    const { logStreams } = await aws.cloudWatchLogs.send(
      new DescribeLogStreamsCommand({ logGroupName, logStreamNamePrefix: 'ecs/migrate' }),
    )
    expect(logStreams).toMatchObject([{ logStreamName, firstEventTimestamp: 1000, lastEventTimestamp: 1004 }])
    const { logGroups } = await aws.cloudWatchLogs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/ecs/blog-api' }),
    )
    expect(logGroups!.map((group) => group.logGroupName)).toEqual(['/ecs/blog-api', '/ecs/blog-api-migrate'])
  })

  test('reading a log group that does not exist fails', async () => {
    await expect(get({ logGroupName: '/nothing' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })
})
