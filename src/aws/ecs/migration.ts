import type { Task } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import type { AskOf } from '../../release/look.ts'
import type { MigrationSighting } from '../../release/sighting.ts'
import { isOfService, type Starter, starterOf } from '../../release/starter.ts'
import { migrationSighting } from './migration-verdict.ts'
import type { Reads } from './reads.ts'
import { lastPart } from './words.ts'

/**
 * Lists tasks that could be this release's migrations, or that a schedule started: of its family, started for its
 * commit or for none, in its time. Includes the tasks that are followed already. ECS keeps stopped tasks for an hour;
 * if a followed task is gone, a passing `Trouble` is thrown.
 */
export async function migrationsSeen(
  reads: Reads,
  look: AskOf<'migration'>,
): Promise<readonly MigrationSighting[]> {
  const listed = look.since === null ? [] : await candidates(reads, { ...look, since: look.since })
  const known = new Set(listed.map(({ taskArn }) => taskArn))
  const open = look.followed.filter((arn) => !known.has(arn))
  const followed = await Promise.all(open.map((arn) => followedTask(reads, look.cluster, arn)))
  return Promise.all(
    [...listed, ...followed].map(async (task) => {
      const arn = task.taskDefinitionArn
      const definition = task.lastStatus === 'STOPPED' && arn ? await reads.definition(arn) : undefined
      const { definition: known } = definition ?? {}
      return migrationSighting({ task, definition: known, container: look.container }, begunAt(reads, task))
    }),
  )
}

/**
 * Lists tasks of a release's family from before its run began. Those of services are left out: there may be hundreds,
 * and none ever counts.
 */
export async function tasksBefore(
  reads: Reads,
  { cluster, family }: AskOf<'tasksBefore'>,
): Promise<readonly string[]> {
  const arns = [...new Set((await bothLists({ cluster, family }, reads.listTasks)).flat())]
  const tasks = await Promise.all(arns.map((arn) => reads.task(cluster, arn)))
  return arns.filter((_, index) => !isOfService(tasks[index]?.startedBy ?? ''))
}

async function followedTask(reads: Reads, cluster: string, taskArn: string): Promise<Task> {
  const task = await reads.task(cluster, taskArn)
  if (!task)
    throw new Trouble('passing', `the migration task ${lastPart(taskArn)} is no longer listed by ECS`)
  return task
}

/** Starters whose tasks are not the release's. Tasks of schedules do not count either, but are reported. */
const others: readonly Starter[] = ['another release', 'another commit', 'service']

async function candidates(
  reads: Reads,
  { cluster, family, commit: sha, releaseId: id, since }: AskOf<'migration'> & { readonly since: number },
): Promise<readonly Task[]> {
  const tasks = (await bothLists({ cluster, family }, reads.tasks)).flat()
  const newest = new Map(tasks.map((task) => [task.taskArn, task]))
  return [...newest.values()].filter(
    (task) => !others.includes(starterOf(task.startedBy ?? '', { id, sha })) && begunAt(reads, task) >= since,
  )
}

/** RUNNING is listed before STOPPED, so that a task which stops in between is not missed. */
async function bothLists<Listed>(
  of: { readonly cluster: string; readonly family: string },
  list: (asked: Parameters<Reads['tasks']>[0]) => Promise<Listed>,
): Promise<readonly [Listed, Listed]> {
  const running = await list({ ...of, desiredStatus: 'RUNNING' })
  return [running, await list({ ...of, desiredStatus: 'STOPPED' })]
}

function begunAt(reads: Reads, { taskArn = '', createdAt, startedAt, stoppingAt, stoppedAt }: Task): number {
  return reads.beginning(taskArn, createdAt, startedAt, stoppingAt, stoppedAt)
}
