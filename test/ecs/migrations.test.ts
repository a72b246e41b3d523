import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { trigger } from '../../sandbox/aws/one-off.ts'
import type { MigrationOutcome } from '../../sandbox/aws/outcomes.ts'
import type { AskOf } from '../../src/release/look.ts'
import { type Account, account, counts } from './account.ts'

const cluster = 'blog-cluster-prod'
const family = 'blog-api-migrate'
const commit = '3f2c1ab8649bf9537d520624d1892f9402a9f25a'

const look = (over: Partial<AskOf<'migration'>> = {}): AskOf<'migration'> => ({
  cluster,
  family,
  commit,
  releaseId: 'r-abc123def',
  since: Date.now() - 60_000,
  followed: [],
  ...over,
})

/** Runs the migration as the workflow does; resolves with its ARN once the task has this status. */
async function run(
  { aws }: Account,
  startedBy: string | undefined,
  until: 'RUNNING' | 'STOPPED' = 'STOPPED',
  outcome?: MigrationOutcome,
) {
  if (outcome) aws.world.migrations.next(outcome)
  const { tasks } = await new ECSClient().send(
    new RunTaskCommand({
      cluster,
      taskDefinition: family,
      startedBy,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0a1b2c3d'] } },
    }),
  )
  const arn = tasks![0]!.taskArn!
  await aws.until((world) => world.oneOffTasks.some((task) => task.arn === arn && task.lastStatus === until))
  return arn
}

describe('migration tasks', () => {
  it.each<[string, MigrationOutcome | undefined, object]>([
    ['exits 0', undefined, { verdict: 'succeeded', exitCode: 0 }],
    [
      'exits 1',
      { kind: 'exits', code: 1 },
      { verdict: 'failed', exitCode: 1, reason: 'the migration failed (exit code 1)' },
    ],
    [
      'never starts',
      { kind: 'never-starts', stoppedReason: 'CannotPullContainerError: not found' },
      {
        verdict: 'failed',
        exitCode: null,
        durationMs: null,
        reason: expect.stringMatching(
          /^the migration never started: the image blog-api:\w+ does not exist in ECR/,
        ),
        said: 'CannotPullContainerError: not found',
      },
    ],
  ])('reports a migration that %s', async (_, outcome, expected) => {
    const here = await account()
    const arn = await run(here, `deploy-${commit}`, 'STOPPED', outcome)
    expect(await here.ecs.migration(look())).toEqual([
      expect.objectContaining({ taskArn: arn, startedBy: `deploy-${commit}`, ...expected }),
    ])
  })

  it('reports a migration while it runs', async () => {
    const here = await account()
    await run(here, `deploy-${commit}-r1`, 'RUNNING', { kind: 'runs' })
    expect(await here.ecs.migration(look())).toMatchObject([
      { verdict: 'moving', startedBy: `deploy-${commit}-r1` },
    ])
  })

  it('ignores a migration of another commit or from before the dispatch', async () => {
    const here = await account()
    await run(here, `deploy-${'0'.repeat(40)}`)
    await run(here, `deploy-${commit}`)
    expect(await here.ecs.migration(look({ since: Date.now() + 60_000 }))).toEqual([])
    expect(await here.ecs.migration(look())).toHaveLength(1)
  })

  it.each([`deploy-${'0'.repeat(40)}`, `deploy-${commit}-r-zzzzzzzz9`, 'ecs-svc/3674248881058123023'])(
    'a task with startedBy %s belongs to another release and is not listed',
    async (startedBy) => {
      const here = await account()
      await run(here, startedBy)
      expect(await here.ecs.migration(look())).toEqual([])
    },
  )

  it.each(['rule', 'schedule', 'state machine'] as const)('lists a task that a %s started', async (by) => {
    const here = await account()
    const [arn] = trigger(here.aws.world, { by, name: 'nightly', cluster, family })
    expect(await here.ecs.migration(look())).toMatchObject([{ taskArn: arn }])
  })

  it('lists no tasks of the service in the migration’s own family', async () => {
    const here = await account()
    const [arn] = trigger(here.aws.world, { by: 'rule', name: 'nightly', cluster, family: 'blog-api' })
    const seen = await here.ecs.migration(look({ family: 'blog-api', since: 0 }))
    expect(seen).toMatchObject([{ taskArn: arn }])
  })

  it.each([undefined, 'deploy-main', 'ana'])('lists a task with startedBy %s', async (startedBy) => {
    const here = await account()
    const arn = await run(here, startedBy, 'STOPPED', { kind: 'exits', code: 1 })
    expect(await here.ecs.migration(look())).toMatchObject([{ taskArn: arn, verdict: 'failed' }])
  })

  it('follows a known migration with one request', async () => {
    const here = await account()
    const arn = await run(here, `deploy-${commit}`, 'RUNNING', { kind: 'runs' })
    here.aws.log.exchanges.length = 0
    await here.ecs.migration(look({ since: null, followed: [arn] }))
    expect(counts(here)).toEqual({ DescribeTasks: 1 })
  })

  it('reads a followed migration once while others are listed', async () => {
    const here = await account()
    const one = await run(here, `deploy-${commit}-r1`, 'RUNNING', { kind: 'runs' })
    const two = await run(here, `deploy-${commit}-r1`)
    const seen = await here.ecs.migration(look({ followed: [one] }))
    expect(seen.map(({ taskArn }) => taskArn).sort()).toEqual([one, two].sort())
    here.aws.world.oneOffTasks = here.aws.world.oneOffTasks.filter(({ arn }) => arn !== one)
    await expect(here.ecs.migration(look({ followed: [one] }))).rejects.toMatchObject({ kind: 'passing' })
  })

  it('lists the family’s tasks before the dispatch, running and stopped, and reads them in one request', async () => {
    const here = await account()
    const running = await run(here, `deploy-${commit}`, 'RUNNING', { kind: 'runs' })
    const stopped = await run(here, `deploy-${'0'.repeat(40)}`)
    here.aws.log.exchanges.length = 0
    const before = await here.ecs.tasksBefore({ cluster, family })
    expect([...before].sort()).toEqual([running, stopped].sort())
    expect(counts(here)).toEqual({ ListTasks: 2, DescribeTasks: 1 })
  })

  it('leaves out tasks of a service of the same family before the dispatch', async () => {
    const here = await account()
    const [arn] = trigger(here.aws.world, { by: 'rule', name: 'nightly', cluster, family: 'blog-api' })
    const before = await here.ecs.tasksBefore({ cluster, family: 'blog-api' })
    expect(before).toEqual([arn])
  })

  it('a migration that ECS no longer knows is passing trouble, never an end', async () => {
    const here = await account()
    const arn = await run(here, `deploy-${commit}`)
    here.aws.world.oneOffTasks = []
    await expect(here.ecs.migration(look({ since: null, followed: [arn] }))).rejects.toMatchObject({
      kind: 'passing',
    })
  })

  it('finds a migration among more tasks than a page holds', async () => {
    const here = await account()
    const arn = await run(here, `deploy-${commit}`)
    const [task] = here.aws.world.oneOffTasks
    const others = Array.from({ length: 150 }, (_, index) => ({
      ...task!,
      arn: `${task!.arn}${index}`,
      id: `${task!.id}${index}`,
      startedBy: `deploy-${'0'.repeat(40)}`,
    }))
    here.aws.world.oneOffTasks = [...others, task!]
    expect(await here.ecs.migration(look())).toMatchObject([{ taskArn: arn }])
    expect(counts(here)).toMatchObject({ ListTasks: 3, DescribeTasks: 2 })
  })
})

describe('log of a migration', () => {
  it('shows the last lines of the container that failed', async () => {
    const here = await account()
    const log = ['one', 'two', 'DATABASE_PASSWORD=hunter22', 'three']
    const taskArn = await run(here, `deploy-${commit}`, 'STOPPED', { kind: 'exits', code: 1, log })
    const lines = await here.ecs.log({ log: 'migration', cluster, taskArn }, 3)
    expect(lines).toEqual(['two', 'DATABASE_PASSWORD=***', 'three'])
  })

  it('names the task of a migration that never logged', async () => {
    const here = await account()
    const taskArn = await run(here, `deploy-${commit}`, 'STOPPED', {
      kind: 'never-starts',
      stoppedReason: 'CannotPullContainerError: not found',
    })
    const lines = await here.ecs.log({ log: 'migration', cluster, taskArn }, 5)
    expect(lines).toEqual([expect.stringMatching(/^Task \w{8}: migrate never logged$/)])
  })

  it('names the missing permission instead of a log', async () => {
    const here = await account()
    const taskArn = await run(here, `deploy-${commit}`, 'STOPPED', { kind: 'exits', code: 1 })
    here.aws.world.deny('logs:GetLogEvents')
    const lines = await here.ecs.log({ log: 'migration', cluster, taskArn }, 5)
    expect(lines).toEqual([expect.stringMatching(/^Task \w{8}: .*grant logs:GetLogEvents/)])
  })

  it('reports that the task of a log is no longer known', async () => {
    const here = await account()
    const taskArn = `arn:aws:ecs:ap-northeast-2:123456789012:task/${cluster}/0123`
    expect(await here.ecs.log({ log: 'migration', cluster, taskArn }, 5)).toHaveLength(1)
  })
})

describe('migration tasks without a creation date', () => {
  const taskArn = `arn:aws:ecs:ap-northeast-2:123456789012:task/${cluster}/0a1b2c3d`
  const seconds = (ms: number) => ms / 1_000

  const seenOf = async (dates: object, since: number) => {
    const here = await account()
    const tasks = [{ taskArn, startedBy: 'nightly', lastStatus: 'RUNNING', containers: [], ...dates }]
    here.aws.faults.queue(
      'ListTasks',
      { kind: 'answer', status: 200, body: { taskArns: [taskArn] } },
      { times: 2 },
    )
    here.aws.faults.queue('DescribeTasks', { kind: 'answer', status: 200, body: { tasks } }, { times: 2 })
    return here.ecs.migration(look({ since }))
  }
  const now = Date.now()

  it.each<[string, object, number | null]>([
    ['started in time is a candidate of that time', { startedAt: seconds(now) }, now],
    ['started before it is none', { startedAt: seconds(now - 3_600_000) }, null],
    ['stopped before it is none', { stoppedAt: seconds(now - 3_600_000) }, null],
  ])('a task without a creation date that %s', async (_, dates, createdAt) => {
    const seen = await seenOf(dates, now - 60_000)
    expect(seen.map((task) => task.createdAt)).toEqual(createdAt === null ? [] : [createdAt])
  })

  it('a task without any date is a candidate from the time at which it was first seen', async () => {
    const [seen] = await seenOf({}, now - 60_000)
    expect(seen).toMatchObject({ taskArn, verdict: 'moving' })
    expect(seen!.createdAt).toBeGreaterThanOrEqual(now)
  })
})
