import type { Draft } from '../draft.ts'
import type { Refusal } from '../refusal.ts'
import { endedBeforeItsRun, type Release } from '../release.ts'
import { isMigrating, settleMigration } from '../tracks/migration.ts'
import { settleRun } from '../tracks/run.ts'
import { type Click, type Confirm, type DecidingButton, serviceEnvironmentText } from './action.ts'
import { isSettleOffered, type Met, mayEnd } from './ending.ts'

export const settle: DecidingButton = {
  label: 'Settle',
  confirm,
  isOffered: isSettleOffered,
  freesLane: true,
  whoMay: 'requester or approver',
  decide,
}

/**
 * Takes a person's statement that something is no longer in progress. Under way this covers only the run, or only the
 * migration if the run has ended; the rest is followed to its end. After the end it covers everything: the lane is
 * freed, and the end stays. A migration that is seen to run beside a stuck run contradicts that, so then it covers
 * only the run.
 */
function decide(draft: Draft, { by }: Pick<Click, 'by'>, met: Met): Refusal | undefined {
  const { release } = draft
  const no = mayEnd(release, by, 'settle', met)
  if (no) return no
  const { stage } = release
  if (stage.at !== 'ended') {
    if (release.tracks.run?.endedAt == null) {
      settleRun(draft, by.id)
      draft.post('run-settled', { tell: 'run-settled', by: by.id })
    } else {
      settleMigration(draft, by.id)
      draft.post('migration-settled', { tell: 'migration-settled', by: by.id })
    }
    return undefined
  }
  settleRun(draft, by.id)
  if (endedBeforeItsRun(release) && isMigrating(release)) {
    draft.post('run-settled', { tell: 'run-settled', by: by.id, left: 'migration' })
    return undefined
  }
  if (isMigrating(release)) settleMigration(draft, by.id)
  draft.change({ stage: { ...stage, settledBy: by.id, settledAt: draft.now } })
  draft.record(by.id, 'settled')
  draft.post('settled', { tell: 'settled', by: by.id })
  return undefined
}

function confirm(release: Release): Confirm {
  const where = serviceEnvironmentText(release)
  return { title: `Settle ${where}?`, text: confirmText(release, where), yes: 'Nothing is running' }
}

function confirmText({ stage, tracks }: Release, where: string): string {
  if (stage.at !== 'underway')
    return `Confirm that nothing from this release is still running in ${where}. The next release can then start.`
  const settled = tracks.run?.endedAt == null ? 'run' : 'migration'
  return `Confirm that the ${settled} for ${where} is no longer running. twokey stops waiting for it and takes the result from ECS. The next release can start once the rest of this one has finished.`
}
