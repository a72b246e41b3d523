import { holdsLane, type Release, unfinished } from '../release.ts'
import type { Outcome } from '../stage.ts'
import type { RequestingButton } from './action.ts'
import { rollbackTo } from './roll-back.ts'

export const retry: RequestingButton = {
  label: 'Retry',
  isOffered,
  whoMay: 'as by command',
  request: ({ subject, ...serviceEnvironment }) =>
    subject.kind !== 'rollback'
      ? { request: 'deploy', sha: subject.commit.sha }
      : rollbackTo(serviceEnvironment, subject.revision.name),
}

/** The outcomes after which the same release may be requested again. */
const afterEnd: Readonly<Record<Outcome, (release: Release) => boolean>> = {
  succeeded: () => false,
  failed: () => true,
  'rolled back': () => true,
  'rollback failed': () => false,
  unchanged: () => true,
  rejected: () => true,
  cancelled: () => true,
  expired: () => true,
  superseded: () => true,
  stopped: () => true,
  unknown: (release) => !holdsLane(release),
}

/**
 * Retry is offered once nothing of this release is in progress, because another deploy is refused until then. A run that
 * waited at a gate is run again by Re-run failed jobs, or on GitHub, and asks again.
 */
function isOffered(release: Release): boolean {
  const { stage, subject } = release
  return (
    subject.kind !== 'gate' &&
    subject.kind !== 'rerun' &&
    stage.at === 'ended' &&
    afterEnd[stage.outcome](release) &&
    unfinished(release).length === 0
  )
}
