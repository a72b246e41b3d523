import type { Draft } from '../draft.ts'
import type { LogPointer } from '../look.ts'
import type { Observation } from '../observation.ts'
import { type Joined, join, type RunTrackVerdict } from '../outcome.ts'
import type { Release } from '../release.ts'
import { migrationTrack, stepMigration } from './migration.ts'
import { isMoving, rolloutTrack, stepRollout } from './rollout.ts'
import { runTrack, stepRun } from './run.ts'

/** Three tracks, each with its own verdict; the table joins them. A rollback has a rollout alone. */
export function stepUnderway(draft: Draft, seen: Observation): undefined {
  stepRun(draft, seen)
  stepMigration(draft, seen)
  stepRollout(draft, seen)
  saidAtOnce(draft)
  const joined = joinTracks(draft.release)
  if (!joined.on) draft.end(joined.outcome, joined.reason, { log: logOf(draft.release) })
}

function joinTracks(release: Release): Joined {
  const rollout = rolloutTrack(release)
  if (release.subject.kind === 'rollback') return joinRollback(rollout)
  const run = runTrack(release)
  const joined = join({ run, migration: migrationTrack(release), rollout })
  if (release.tracks.run?.head === 'foreign') return foreign(release, run.verdict, joined)
  if (
    !joined.on &&
    release.supersededBy &&
    (joined.outcome === 'cancelled' || joined.outcome === 'unchanged')
  )
    return {
      on: false,
      outcome: 'superseded',
      reason: `release ${release.supersededBy.release} took its place`,
    }
  return joined
}

/** As a deploy whose run and migration are done; nothing started means that ECS took the update for no change. */
function joinRollback(rollout: ReturnType<typeof rolloutTrack>): Joined {
  if (rollout.verdict === 'none') return { on: false, outcome: 'unchanged', reason: rollout.reason }
  const done = { verdict: 'succeeded', reason: 'the update was sent' } as const
  return join({ run: done, migration: { verdict: 'none', reason: 'a rollback runs no migration' }, rollout })
}

/** A run that is not the approved one is cancelled, followed to its end as any other, and never a success. */
function foreign({ tracks }: Release, run: RunTrackVerdict, joined: Joined): Joined {
  if (joined.on || run === 'moving') return { on: true }
  if (joined.outcome === 'unknown') return joined
  const head = tracks.run?.seen?.headSha.slice(0, 7)
  return {
    on: false,
    outcome: 'failed',
    reason: `the run started on ${head}, which is not what was approved; ${joined.reason}`,
  }
}

/** What people should know before the end: a run that gave up while ECS goes on, a deadline passed. */
function saidAtOnce(draft: Draft): void {
  const { tracks, deadlines, sentAt } = draft.release
  const run = tracks.run
  const rolling = tracks.rollouts.find(({ seen }) => seen !== null && isMoving(seen.verdict))
  if (rolling && run?.seen && (run.seen.verdict === 'failed' || run.seen.verdict === 'cancelled'))
    draft.tell('run-ended-early', { tell: 'run-ended-early', run: run.seen })
  if (run && run.endedAt === null && sentAt !== null && draft.now - sentAt > deadlines.runMs)
    draft.tell('late-run', { tell: 'late', track: 'run', afterMs: deadlines.runMs })
  if (rolling?.seen && draft.now - rolling.seen.createdAt > deadlines.rolloutMs)
    draft.tell('late-rollout', { tell: 'late', track: 'rollout', afterMs: deadlines.rolloutMs })
}

/** The log that tells why it ended badly: the migration's, the failed task's, or the failed job's. */
function logOf(release: Release): LogPointer | null {
  const { tracks, migration, subject } = release
  const task = tracks.migration.seen
  if (migration && task?.verdict === 'failed')
    return {
      log: 'migration',
      cluster: migration.cluster,
      region: migration.region,
      taskArn: task.taskArn,
      container: migration.container,
    }
  const rollout = tracks.rollouts.find(
    ({ seen }) => seen && ['failed', 'rolled back', 'rollback failed'].includes(seen.verdict),
  )
  if (rollout?.seen)
    return { log: 'rollout', target: rollout.target, deploymentId: rollout.seen.deploymentId }
  const job = tracks.run?.seen?.jobs.find(({ verdict }) => verdict === 'failed')
  if (job && subject.kind === 'deploy') return { log: 'job', repository: subject.repository, jobId: job.id }
  return null
}
