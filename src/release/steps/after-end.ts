import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Observation } from '../look.ts'
import type { Time } from '../names.ts'
import { isFollowedAfterEnd, type Release, type Unfinished, unfinished } from '../release.ts'
import { remind } from './acknowledgement.ts'
import { isBeyondDue, stepBeyond } from './beyond.ts'
import { isWatchedForLate, stepLateRollouts } from './late-rollouts.ts'
import {
  isFinal,
  isSettledYetRunning,
  stepMigration,
  stepSettledMigration,
  warnLateMigration,
} from './migration.ts'
import { isFollowedByEcs, stepRolloutsAfterEnd } from './rollouts-after-end.ts'
import { stepRun, tellForeignHead, warnLateRun } from './run.ts'
import { isWatchedForAgain, stepStartedAgain } from './started-again.ts'

/**
 * What is still looked at after the end. `rollouts`: what is rolled out in its own targets while the run goes on. `late`: what is
 * rolled out there afterwards, by what the run set off. `again`: whether somebody started the run again. `settled`: a migration that
 * a person settled, which holds no lane. `beyond`: what the run changed in other service environments.
 */
export type Followed = Unfinished | 'rollouts' | 'late' | 'again' | 'settled' | 'beyond'

/** What is still followed of a release that has ended. */
export function followedAfterEnd(release: Release): readonly Followed[] {
  const left = unfinished(release)
  // A run that goes on may start another migration, also where none could be read so far.
  if (left.includes('run'))
    return release.migration === null || isFinal(release)
      ? ['run', 'rollouts']
      : ['run', 'rollouts', 'migration']
  return [
    ...left,
    ...(isFollowedByEcs(release) ? (['rollouts'] as const) : []),
    ...(isWatchedForAgain(release) ? (['again'] as const) : []),
    ...(isWatchedForLate(release) ? (['late'] as const) : []),
    ...(isFollowedAfterEnd(release) && isSettledYetRunning(release) ? (['settled'] as const) : []),
    ...(isFollowedAfterEnd(release) && isBeyondDue(release) ? (['beyond'] as const) : []),
  ]
}

/** Goes on after the end without changing it: follows what is unfinished, looks at what the run changed, reminds of an emergency. */
export function stepAfterEnd(
  draft: Draft,
  seen: Observation,
  { nextSentAt }: Pick<Context, 'nextSentAt'>,
): undefined {
  const wasUnfinished = unfinished(draft.release).length > 0
  for (const followed of followedAfterEnd(draft.release)) step[followed](draft, seen, nextSentAt)
  const { run } = draft.release.tracks
  if (wasUnfinished && unfinished(draft.release).length === 0 && run?.seen)
    draft.post('run-ended', { tell: 'run-ended', run: run.seen })
  return remind(draft)
}

type Step = (draft: Draft, seen: Observation, nextSentAt: Time | null) => void

const step: Readonly<Record<Followed, Step>> = {
  run(draft, seen) {
    stepRun(draft, seen)
    tellForeignHead(draft)
    warnLateRun(draft)
  },
  migration(draft, seen) {
    stepMigration(draft, seen)
    warnLateMigration(draft)
  },
  rollouts: stepRolloutsAfterEnd,
  late: stepLateRollouts,
  again: stepStartedAgain,
  settled: stepSettledMigration,
  beyond: stepBeyond,
}
