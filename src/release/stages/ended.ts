import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import type { Time } from '../names.ts'
import { nextReminder, remind } from '../policy/acknowledgement.ts'
import { isFollowedAfterEnd, type Release, type Unfinished, unfinished } from '../release.ts'
import { isBeyondDue, looksBeyond, stepBeyond } from '../tracks/beyond.ts'
import { looksAtGate } from '../tracks/gate.ts'
import { isGateToBeClosed, stepGateAfterEnd } from '../tracks/gate-after-end.ts'
import { isWatchedForLate, stepLateRollouts, untilLateLook } from '../tracks/late-rollouts.ts'
import { isDeploymentDue, showDeployment } from '../tracks/live-on-github.ts'
import {
  isFinal,
  isMigrationUnavailable,
  isSettledYetRunning,
  looksOfMigrations,
  stepMigration,
  stepSettledMigration,
  warnLateMigration,
} from '../tracks/migration.ts'
import {
  isFollowedByEcs,
  looksAtRolloutsAfterEnd,
  stepRolloutsAfterEnd,
} from '../tracks/rollouts-after-end.ts'
import { isRunUnavailable, looksOfRun, reportForeignHead, stepRun, warnLateRun } from '../tracks/run.ts'
import { isWatchedForAgain, looksForLaterAttempt, stepStartedAgain } from '../tracks/started-again.ts'
import type { Polling, StageRules } from './stage-rules.ts'

/**
 * What is still followed after the end. `gate`: a run that still waits, whose gate is closed. `rollouts`: rollouts in the release's own targets while the run continues.
 * `late`: rollouts there afterwards, by something that the run started. `again`: whether somebody started the run
 * again. `settled`: a migration that a person settled, which holds no lane. `beyond`: what the run changed in other
 * service environments. `deployment`: what a rollback brought back is shown on GitHub.
 */
export type Followed =
  | Unfinished
  | 'gate'
  | 'deployment'
  | 'rollouts'
  | 'late'
  | 'again'
  | 'settled'
  | 'beyond'

/** What is still followed of an ended release. */
export function followedAfterEnd(release: Release): readonly Followed[] {
  const left = unfinished(release)
  // A run that continues may start another migration, even if none could be read so far.
  if (left.includes('run'))
    return release.migration === null || isFinal(release)
      ? ['run', 'rollouts']
      : ['run', 'rollouts', 'migration']
  return [
    ...left,
    ...(isGateToBeClosed(release) ? (['gate'] as const) : []),
    ...(isDeploymentDue(release) ? (['deployment'] as const) : []),
    ...(isFollowedByEcs(release) ? (['rollouts'] as const) : []),
    ...(isWatchedForAgain(release) ? (['again'] as const) : []),
    ...(isWatchedForLate(release) ? (['late'] as const) : []),
    ...(isFollowedAfterEnd(release) && isSettledYetRunning(release) ? (['settled'] as const) : []),
    ...(isFollowedAfterEnd(release) && isBeyondDue(release) ? (['beyond'] as const) : []),
  ]
}

/**
 * The end never changes. What is unfinished is followed, what the run changed is read, and reminders of an emergency
 * are posted.
 */
export const ended: StageRules = {
  looks: (release) => followedAfterEnd(release).flatMap((followed) => follows[followed].looks(release)),
  step,
  nextLook: (release, now, polling) =>
    earlier(nextReminder(release, now), lookAfterEnd(release, now, polling)),
}

/**
 * Continues after the end without changing it: follows what is unfinished, reads what the run changed, posts
 * reminders of an emergency.
 */
function step(draft: Draft, seen: Observation, context: Context): undefined {
  const wasUnfinished = unfinished(draft.release).length > 0
  for (const followed of followedAfterEnd(draft.release)) follows[followed].step(draft, seen, context)
  const { run } = draft.release.tracks
  if (wasUnfinished && unfinished(draft.release).length === 0 && run?.seen)
    draft.post('run-ended', { tell: 'run-ended', run: run.seen })
  return remind(draft)
}

type Follow = {
  readonly looks: (release: Release) => readonly Look[]
  readonly step: (draft: Draft, seen: Observation, context: Context) => void
}

const follows: Readonly<Record<Followed, Follow>> = {
  run: {
    looks: looksOfRun,
    step(draft, seen) {
      stepRun(draft, seen)
      reportForeignHead(draft)
      warnLateRun(draft)
    },
  },
  migration: {
    looks: looksOfMigrations,
    step(draft, seen) {
      stepMigration(draft, seen)
      warnLateMigration(draft)
    },
  },
  rollouts: { looks: looksAtRolloutsAfterEnd, step: stepRolloutsAfterEnd },
  gate: { looks: looksAtGate, step: stepGateAfterEnd },
  deployment: { looks: () => [], step: showDeployment },
  late: { looks: looksAtRolloutsAfterEnd, step: stepLateRollouts },
  again: { looks: looksForLaterAttempt, step: stepStartedAgain },
  settled: { looks: looksOfMigrations, step: stepSettledMigration },
  beyond: { looks: looksBeyond, step: stepBeyond },
}

/** Something that could not be read for long is read less often, until it can be or a person settles the release. */
function lookAfterEnd(release: Release, now: Time, { activeMs, idleMs }: Polling): Time | null {
  const followed = followedAfterEnd(release)
  if (followed.length === 0) return null
  const isRare = (each: Followed) => each === 'late' || each === 'again' || each === 'settled'
  const often = followed.filter((each) => !isRare(each))
  if (often.length === 0) return now + untilLateLook(release, now, idleMs)
  const isUnavailable = often.includes('run')
    ? isRunUnavailable(release)
    : isMigrationUnavailable(release) || release.blind.gate !== undefined
  const isIdle =
    isUnavailable ||
    (often.every((each) => each === 'rollouts') && release.tracks.afterEnd?.checked === 'yes')
  return now + (isIdle ? idleMs : activeMs)
}

function earlier(one: Time | null, other: Time | null): Time | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}
