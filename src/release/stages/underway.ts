import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Observation } from '../look.ts'
import { type Time, targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { MigrationSighting } from '../sighting.ts'
import { byOurs } from '../span.ts'
import { beyondText, isBeyondDue, looksBeyond, stepBeyond } from '../tracks/beyond.ts'
import { logOf } from '../tracks/end-log.ts'
import { warnLateRollout } from '../tracks/held.ts'
import { joinTracks, settlerOf } from '../tracks/join-tracks.ts'
import { looksOfMigrations, migrationTrack, stepMigration, warnLateMigration } from '../tracks/migration.ts'
import { isOtherRunsLookDue, looksBesideTheRun, stepOtherRuns } from '../tracks/other-runs.ts'
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
import { looksOfRunLog, stepRunLog } from '../tracks/run-log.ts'
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
    const quietUntil = isQuiet ? endOfWait(release) - activeMs : now
    return quietUntil <= now ? nextBeat(now, activeMs) : Math.min(nextBeat(now, idleMs), quietUntil)
  },
}

/** When the first of the waits that are known to end is over, by our clock: a bake time, or a pause for a person. */
function endOfWait(release: Release): Time {
  const waits = release.tracks.rollouts.map(({ seen, stageSince }) => {
    if (seen?.pause?.until !== undefined) return byOurs(release, seen.pause.until)
    const lastsMs = seen?.verdict === 'baking' ? seen.shift?.lastsMs : undefined
    return lastsMs === undefined || stageSince === undefined ? Number.POSITIVE_INFINITY : stageSince + lastsMs
  })
  return Math.min(...waits)
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
