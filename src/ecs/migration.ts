import type { Task } from '@aws-sdk/client-ecs'
import type { MigrationSighting } from '../release/observation.ts'
import { type LookOf, Trouble } from '../shepherd/ports.ts'
import { migrationSighting } from './migration-verdict.ts'
import type { Reads } from './reads.ts'
import { lastPart } from './words.ts'

/**
 * The migrations that could be this release's: of its family, for its commit or for none that it names, in its time. ECS
 * keeps stopped tasks for an hour; one that was followed and is gone throws a passing `Trouble`.
 */
export async function migrationsSeen(
  reads: Reads,
  look: LookOf<'migration'>,
): Promise<readonly MigrationSighting[]> {
  const tasks =
    look.taskArn === null
      ? await candidates(reads, look)
      : [await followed(reads, look.cluster, look.taskArn)]
  return Promise.all(
    tasks.map(async (task) => {
      const arn = task.taskDefinitionArn
      const definition = task.lastStatus === 'STOPPED' && arn ? await reads.definition(arn) : undefined
      const { definition: known } = definition ?? {}
      return migrationSighting({ task, definition: known, container: look.container }, begunAt(reads, task))
    }),
  )
}

/** Started for a commit, or by a service. */
const namesAnother = /^deploy-[0-9a-f]{40}|^ecs-svc\//

async function followed(reads: Reads, cluster: string, taskArn: string): Promise<Task> {
  const task = await reads.task(cluster, taskArn)
  if (!task)
    throw new Trouble('passing', `the migration task ${lastPart(taskArn)} is no longer listed by ECS`)
  return task
}

/** RUNNING is listed before STOPPED, so that one that stops in between is not missed. */
async function candidates(reads: Reads, look: LookOf<'migration'>): Promise<readonly Task[]> {
  const { cluster, family, commit, since } = look
  const running = await reads.tasks({ cluster, family, desiredStatus: 'RUNNING' })
  const stopped = await reads.tasks({ cluster, family, desiredStatus: 'STOPPED' })
  const newest = new Map([...running, ...stopped].map((task) => [task.taskArn, task]))
  return [...newest.values()].filter((task) => mayBeFor(commit, task) && begunAt(reads, task) >= since)
}

function mayBeFor(commit: string, { startedBy = '' }: Task): boolean {
  return startedBy.startsWith(`deploy-${commit}`) || !namesAnother.test(startedBy)
}

function begunAt(reads: Reads, { taskArn = '', createdAt, startedAt, stoppingAt, stoppedAt }: Task): number {
  return reads.beginning(taskArn, createdAt, startedAt, stoppingAt, stoppedAt)
}
