import type { Draft } from '../draft.ts'
import type { Observation } from '../observation.ts'
import { endedBeforeItsRun, isFollowedAfterEnd, type Release } from '../release.ts'
import { remind } from './acknowledgement.ts'
import { isBeyondDue, stepBeyond } from './beyond.ts'
import { stepRun, warnLateRun } from './run.ts'

/** What is still followed after the end: the run, then what it changed in other service environments. */
export type Followed = 'run' | 'beyond' | 'nothing'

/** What is still followed of a release that has ended. */
export function followedAfterEnd(release: Release): Followed {
  if (endedBeforeItsRun(release)) return 'run'
  return isFollowedAfterEnd(release) && isBeyondDue(release) ? 'beyond' : 'nothing'
}

/** Goes on after the end without changing it: follows the run, looks at what it changed, reminds of an emergency. */
export function stepAfterEnd(draft: Draft, seen: Observation): undefined {
  switch (followedAfterEnd(draft.release)) {
    case 'run':
      followRun(draft, seen)
      break
    case 'beyond':
      stepBeyond(draft, seen)
      break
    case 'nothing':
      break
  }
  return remind(draft)
}

function followRun(draft: Draft, seen: Observation): void {
  stepRun(draft, seen)
  warnLateRun(draft)
  const { run } = draft.release.tracks
  if (run?.seen && run.endedAt !== null) draft.tell('run-ended', { tell: 'run-ended', run: run.seen })
}
