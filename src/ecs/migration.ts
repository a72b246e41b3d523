import type { Task } from '@aws-sdk/client-ecs'
import type { MigrationSighting } from '../release/observation.ts'
import { type LookOf, Trouble } from '../shepherd/ports.ts'
import { migrationSighting } from './migration-verdict.ts'
import type { Reads } from './reads.ts'
import { lastPart } from './words.ts'

/**
 * The migrations that could be this release's: of its family, for its commit or for none that it names, in its time; and those
 * that are followed. ECS keeps stopped tasks for an hour; one that is followed and is gone throws a passing `Trouble`.
 */
export async function migrationsSeen(
  reads: Reads,
  look: LookOf<'migration'>,
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

/** Started for a commit, or by a service. */
const namesAnother = /^deploy-[0-9a-f]{40}|^ecs-svc\//

/** Of a release's own family before its run began. */
export async function tasksBefore(
  reads: Reads,
  { cluster, family }: LookOf<'tasks-before'>,
): Promise<readonly string[]> {
  return [...new Set((await bothLists({ cluster, family }, reads.listTasks)).flat())]
}

async function followedTask(reads: Reads, cluster: string, taskArn: string): Promise<Task> {
  const task = await reads.task(cluster, taskArn)
  if (!task)
    throw new Trouble('passing', `the migration task ${lastPart(taskArn)} is no longer listed by ECS`)
  return task
}

async function candidates(
  reads: Reads,
  { cluster, family, commit, since }: LookOf<'migration'> & { readonly since: number },
): Promise<readonly Task[]> {
  const tasks = (await bothLists({ cluster, family }, reads.tasks)).flat()
  const newest = new Map(tasks.map((task) => [task.taskArn, task]))
  return [...newest.values()].filter((task) => mayBeFor(commit, task) && begunAt(reads, task) >= since)
}

/** RUNNING is listed before STOPPED, so that one that stops in between is not missed. */
async function bothLists<Listed>(
  of: { readonly cluster: string; readonly family: string },
  list: (asked: Parameters<Reads['tasks']>[0]) => Promise<Listed>,
): Promise<readonly [Listed, Listed]> {
  const running = await list({ ...of, desiredStatus: 'RUNNING' })
  return [running, await list({ ...of, desiredStatus: 'STOPPED' })]
}

function mayBeFor(commit: string, { startedBy = '' }: Task): boolean {
  return startedBy.startsWith(`deploy-${commit}`) || !namesAnother.test(startedBy)
}

function begunAt(reads: Reads, { taskArn = '', createdAt, startedAt, stoppingAt, stoppedAt }: Task): number {
  return reads.beginning(taskArn, createdAt, startedAt, stoppingAt, stoppedAt)
}
