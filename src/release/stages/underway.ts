import type { Context } from '../context.ts'
import { type Draft, isBad } from '../draft.ts'
import { keptRollout } from '../failed-run.ts'
import type { LogPointer } from '../log-pointer.ts'
import type { Observation } from '../look.ts'
import { locationOf, type PersonId, targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { Revision } from '../revision.ts'
import type { MigrationSighting } from '../sighting.ts'
import type { Outcome } from '../stage.ts'
import { beyondText, isBeyondDue, looksBeyond, stepBeyond } from '../tracks/beyond.ts'
import { warnLateRollout } from '../tracks/held.ts'
import {
  hasFailed,
  looksOfMigrations,
  migrationTrack,
  stepMigration,
  warnLateMigration,
} from '../tracks/migration.ts'
import {
  isOtherRunsLookAwaited,
  isOtherRunsLookDue,
  looksBesideTheRun,
  stepOtherRuns,
} from '../tracks/other-runs.ts'
import { type Joined, type JoinedTracks, join, type RunTrackVerdict, type Track } from '../tracks/outcome.ts'
import { looksOfPause, stepPause } from '../tracks/pause.ts'
import { buildRolloutsLook, reportUnapproved, stepRollout } from '../tracks/rollout.ts'
import { firstUnapproved, otherCommitText, rolloutTrack } from '../tracks/rollout-track.ts'
import {
  foreignHeadText,
  looksOfRun,
  reportForeignHead,
  runTrack,
  stepRun,
  warnLateRun,
} from '../tracks/run.ts'
import { isRunLogAwaited, looksOfRunLog, stepRunLog } from '../tracks/run-log.ts'
import { isStopAsked, stepStop } from '../tracks/stop.ts'
import { evidenceOf } from '../tracks/whose-rollout.ts'
import { isMoving } from '../tracks.ts'
import { nextBeat } from './beat.ts'
import type { StageRules } from './stage-rules.ts'

/** The release was sent: run, migration and rollout are followed until the table of their verdicts decides the end. */
export const underway: StageRules = {
  looks: (release, rules) => [
    buildRolloutsLook(release),
    ...looksOfRun(release),
    ...looksOfMigrations(release),
    ...looksOfRunLog(release),
    ...(isBeyondDue(release) ? looksBeyond(release) : []),
    ...(isOtherRunsLookDue(release) ? looksBesideTheRun(release) : []),
    ...looksOfPause(release, rules),
  ],
  step,
  nextLook(release, now, { activeMs, idleMs }) {
    const { verdict } = rolloutTrack(release)
    const isQuiet = (verdict === 'baking' || verdict === 'paused') && !isSteered(release)
    return nextBeat(now, isQuiet ? idleMs : activeMs)
  },
}

/** Whether ECS was asked to continue a rollout, or to roll it back, and the effect is not seen yet. */
function isSteered(release: Release): boolean {
  return isStopAsked(release) || (release.pause?.sent ?? null) !== null
}

/** Each of three tracks has its own verdict, and a table joins them. A rollback has only a rollout. */
function step(draft: Draft, seen: Observation, context: Context): undefined {
  stepRun(draft, seen)
  stepMigration(draft, seen)
  stepRunLog(draft, seen)
  stepRollout(draft, seen)
  stepStop(draft, seen)
  stepPause(draft, seen, context)
  stepBeyond(draft, seen)
  stepOtherRuns(draft, seen)
  reportBeforeEnd(draft)
  const joined = joinTracks(draft.release)
  if (joined.on) {
    reportForeignHead(draft)
    return reportUnapproved(draft)
  }
  draft.record('twokey', 'end decided', { outcome: joined.outcome, ...verdictsOf(draft.release) })
  const mention = isUnapproved(draft.release) ? draft.release.policy.approvers : []
  draft.end(joined.outcome, joined.reason, {
    log: logOf(draft.release),
    mention,
    settledBy: joined.outcome === 'unknown' ? settlerOf(draft.release) : null,
  })
}

/** The verdict and reason of each track at the end, for the audit. */
function verdictsOf(release: Release): Record<string, unknown> {
  const { run, migration, rollouts } = release.tracks
  return {
    run: run && {
      id: run.id,
      attempt: run.attempt,
      head: run.head,
      headSha: run.seen?.headSha ?? null,
      ...runTrack(release),
    },
    migration: release.migration && {
      binding: migration.binding,
      tasks: migration.tasks.map(taskOf),
      leftOut: (migration.leftOut ?? []).map(taskOf),
      ...migrationTrack(release),
    },
    rollout: rolloutTrack(release),
    runLog: release.tracks.runLog ?? null,
    rollouts: rollouts.map(({ target, binding, decidedBy, candidates, seen, serving }) => ({
      target: targetName(target),
      binding,
      decidedBy: decidedBy ?? null,
      candidates: candidates.map(({ deploymentId, revision }) => ({
        deployment: deploymentId,
        revision: revision.arn,
      })),
      rollout: seen?.arn ?? null,
      deployment: seen?.deploymentId ?? null,
      revision: seen?.revision.arn ?? null,
      evidence: seen && evidenceOf(release, seen),
      verdict: seen?.verdict ?? null,
      reason: seen?.reason ?? null,
      carried: seen?.carried ?? [],
      images: seen?.images ?? null,
      serving: serving?.arn ?? null,
    })),
  }
}

function taskOf({ taskArn: task, startedBy, verdict, exitCode }: MigrationSighting) {
  return { task, startedBy, verdict, exitCode }
}

function joinTracks(release: Release): Joined {
  const rollout = rolloutTrack(release)
  if (release.subject.kind === 'rollback') return joinRollback(release, release.subject.revision, rollout)
  const tracks = { run: runTrack(release), migration: migrationTrack(release), rollout }
  const approved = withKept(
    release,
    join(isReplaced(release, tracks) ? { ...tracks, migration: leftAlone } : tracks),
  )
  const head = foreignHeadText(release)
  const joined = head === null ? approved : foreign(release, { head, run: tracks.run.verdict }, approved)
  if (!joined.on && (isBeyondDue(release) || isRunLogAwaited(release) || isOtherRunsLookAwaited(release)))
    return { on: true }
  const beyond = beyondText(release)
  if (!joined.on && beyond !== null) return changedElsewhere(release, joined, beyond)
  if (release.supersededBy === null || joined.on || head !== null) return cancelledForNewer(release, joined)
  const isSettled = joined.outcome === 'unknown' && settlerOf(release) !== null
  if (!isSettled && !endedForReplacement(joined.outcome, tracks)) return joined
  const { release: id } = release.supersededBy
  return { on: false, outcome: 'superseded', reason: `release ${id} replaced it` }
}

/** A re-run may have to run only the jobs after the rollout: what an earlier attempt of its run rolled out serves then. */
function withKept(release: Release, joined: Joined): Joined {
  const kept = keptRollout(release)
  if (joined.on || joined.outcome !== 'unchanged' || kept === null) return joined
  const reason = `the failed jobs have succeeded, and ${kept}, which an earlier attempt rolled out, is serving`
  return { on: false, outcome: 'succeeded', reason }
}

/** A run that GitHub cancelled for a newer one, unless somebody asked twokey to cancel it, is superseded. */
function cancelledForNewer({ tracks, cancelAsked }: Release, joined: Joined): Joined {
  const isSuperseded =
    !joined.on &&
    joined.outcome === 'cancelled' &&
    tracks.run?.seen?.newer !== undefined &&
    cancelAsked === null
  return isSuperseded ? { ...joined, outcome: 'superseded' } : joined
}

/**
 * Who settled the only part that makes the end unknown; null: nobody did, or another part is unknown too. A settled
 * run says nothing about a rollout that ECS does not show.
 */
function settlerOf(release: Release): PersonId | null {
  const { run, migration } = release.tracks
  const isUnseen = (track: Track<string>) => track.verdict === 'unseen'
  if (isUnseen(rolloutTrack(release))) return null
  if (isUnseen(runTrack(release)) && run?.settledBy === undefined) return null
  if (isUnseen(migrationTrack(release)) && migration.settledBy === undefined) return null
  return migration.settledBy ?? run?.settledBy ?? null
}

/** Whether a rollback replaces the release. It then does not wait for its migration, which is followed after the end. */
function isReplaced({ supersededBy }: Release, { migration }: JoinedTracks): boolean {
  return supersededBy !== null && migration.verdict === 'moving'
}

const leftAlone = { verdict: 'none', reason: 'the migration is followed after the end' } as const

/** Whether the release ended only because of the rollback that replaced it. */
function endedForReplacement(outcome: Outcome, { run, migration, rollout }: JoinedTracks): boolean {
  if (outcome === 'cancelled' || outcome === 'unchanged') return true
  if (outcome === 'succeeded') return migration.verdict === 'moving'
  const updated = rollout.verdict === 'succeeded' || rollout.verdict === 'partly'
  return outcome === 'failed' && run.verdict === 'cancelled' && migration.verdict !== 'failed' && updated
}

/**
 * Joins the track of a rollback like a deploy whose run and migration are done. Without a rollout nothing changed if
 * the revision runs; otherwise ECS began none.
 */
function joinRollback(
  { tracks, supersededBy }: Release,
  revision: Revision,
  rollout: JoinedTracks['rollout'],
): Joined {
  if (supersededBy !== null && (rollout.verdict === 'none' || rollout.verdict === 'partly')) {
    const reason = `release ${supersededBy.release} replaced it; ${rollout.reason}`
    return { on: false, outcome: 'superseded', reason }
  }
  if (rollout.verdict === 'none') {
    const serves = tracks.rollouts.every(({ serving }) => serving?.arn === revision.arn)
    return { on: false, outcome: serves ? 'unchanged' : 'failed', reason: rollout.reason }
  }
  const done = { verdict: 'succeeded', reason: 'the update was sent' } as const
  return join({ run: done, migration: { verdict: 'none', reason: 'a rollback runs no migration' }, rollout })
}

/**
 * A run that is not the approved one is cancelled, followed to its end like any other, and never a success. A person
 * who settles it confirms that it does nothing more, not that it was approved.
 */
function foreign(
  release: Release,
  { head, run }: { readonly head: string; readonly run: RunTrackVerdict },
  joined: Joined,
): Joined {
  if (joined.on || run === 'moving') return { on: true }
  const isUnknown = joined.outcome === 'unknown' && settlerOf(release) === null
  return { on: false, outcome: isUnknown ? 'unknown' : 'failed', reason: `${head}; ${joined.reason}` }
}

/**
 * A change in another service environment was never approved, so the end is not good, whatever happened to the
 * release's own service.
 */
function changedElsewhere(
  { environment }: Release,
  { outcome, reason }: Extract<Joined, { on: false }>,
  words: string,
): Joined {
  const isBadAnyway = isBad(outcome)
  return {
    on: false,
    outcome: isBadAnyway ? outcome : 'failed',
    reason: `the run changed ${words}, which nobody approved; in ${environment} itself: ${reason}`,
  }
}

/**
 * Whether anything ran that was not approved: another workflow, commit or image, or a change in another service
 * environment.
 */
export function isUnapproved(release: Release): boolean {
  return (
    foreignHeadText(release) !== null ||
    beyondText(release) !== null ||
    isOfAnotherCommit(release) ||
    firstUnapproved(release) !== null
  )
}

/** Whether the rollout names a commit other than the approved one. */
export function isOfAnotherCommit(release: Release): boolean {
  return release.tracks.rollouts.some(
    (track) => track.binding === 'foreign' || otherCommitText(release, track) !== null,
  )
}

/** Posts what people should know before the end: a failed run while ECS continues, a missed deadline. */
function reportBeforeEnd(draft: Draft): void {
  const { tracks } = draft.release
  const run = tracks.run
  const rolling = tracks.rollouts.find(({ seen }) => seen !== null && isMoving(seen.verdict))
  if (rolling && run?.seen && (run.seen.verdict === 'failed' || run.seen.verdict === 'cancelled'))
    draft.post('run-ended-early', { tell: 'run-ended-early', run: run.seen })
  warnLateRun(draft)
  warnLateMigration(draft)
  warnLateRollout(draft)
}

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
