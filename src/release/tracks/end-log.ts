import type { LogPointer } from '../log-pointer.ts'
import { locationOf } from '../names.ts'
import type { Release } from '../release.ts'
import { hasFailed } from './migration.ts'

/** The log that explains a bad end: the migration's, the failed task's, or the failed job's. */
export function logOf(release: Release): LogPointer | null {
  const { tracks, migration, subject } = release
  const { binding, tasks } = tracks.migration
  const task = binding === 'ambiguous' ? undefined : tasks.find(hasFailed)
  if (migration && task)
    return {
      log: 'migration',
      cluster: migration.cluster,
      ...locationOf(migration),
      taskArn: task.taskArn,
      container: migration.container,
    }
  const rollout = tracks.rollouts.find(
    ({ seen }) => seen && ['failed', 'rolled back', 'rollback failed'].includes(seen.verdict),
  )
  if (rollout?.seen)
    return {
      log: 'rollout',
      target: rollout.target,
      deploymentId: rollout.seen.startedBy ?? rollout.seen.deploymentId,
    }
  const job = tracks.run?.seen?.jobs.find(({ verdict }) => verdict === 'failed')
  if (job && subject.kind !== 'rollback') return { log: 'job', repository: subject.repository, jobId: job.id }
  return null
}
