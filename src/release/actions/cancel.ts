import type { Draft } from '../draft.ts'
import { noteMayNotStop } from '../policy/may-not-stop.ts'
import type { Refusal } from '../refusal.ts'
import type { Release } from '../release.ts'
import { type Click, type Confirm, type DecidingButton, serviceEnvironmentText } from './action.ts'
import { isCancelOffered, type Met, mayEnd } from './ending.ts'
import { isStopOffered } from './stop-rollout.ts'

export const cancel: DecidingButton = {
  label: 'Cancel',
  confirm,
  isOffered: isCancelOffered,
  freesLane: true,
  whoMay: 'requester or approver',
  decide,
  mayStop: ({ mayNotStop }, by) => !mayNotStop.includes(by),
}

/**
 * Ends the release before the dispatch. Afterwards it asks GitHub to cancel the run and continues to follow it, even
 * if the release has ended before its run.
 */
function decide(draft: Draft, { by }: Pick<Click, 'by'>, met: Met): Refusal | undefined {
  const { release, now } = draft
  const no = mayEnd(release, by, 'cancel', met)
  if (no) {
    noteMayNotStop(draft, by)
    return no
  }
  switch (release.stage.at) {
    case 'approval':
    case 'wait':
    case 'ready':
      draft.end('cancelled', `cancelled by <@${by.id}> before anything was sent`, { actor: by.id })
      return undefined
    case 'sending':
    case 'underway':
    case 'ended':
      draft.change({ cancelAsked: { by: by.id, at: now } })
      draft.record(by.id, 'cancel asked')
      draft.post('cancelling', { tell: 'cancelling', by: by.id })
      return undefined
  }
}

/** What stops, and what serves afterwards. */
function confirm(release: Release): Confirm {
  const where = serviceEnvironmentText(release)
  const { at } = release.stage
  const isSent = at === 'sending' || at === 'underway' || at === 'ended'
  return {
    title: at === 'ended' ? `Cancel the run for ${where}?` : `Cancel the release of ${where}?`,
    text: isSent
      ? `twokey asks GitHub to cancel the run for ${where}. ${afterCancelText(release)}${isMigrating(release) ? ' Its migration may go on in ECS, or stop half-way.' : ''}`
      : `This cancels the release of ${where}. Nothing was sent. ${servingText(release)} keeps serving.${release.subject.kind === 'gate' ? ' The run is rejected on GitHub.' : ''}`,
    yes: at === 'ended' ? 'Cancel the run' : 'Cancel the release',
  }
}

/** A cancelled run stops no rollout that it has started. */
function afterCancelText(release: Release): string {
  const { rollouts } = release.tracks
  const [seen] = rollouts.flatMap((track) => track.seen ?? [])
  const serving = servingText(release)
  switch (seen?.verdict) {
    case undefined:
      return `${serving} keeps serving, unless the run has already started a rollout.`
    case 'moving':
    case 'paused': {
      const stop = isStopOffered(release) ? ' To stop it, press Roll back instead.' : ''
      return `The rollout of ${seen.revision.name} goes on, and ${seen.revision.name} serves if it succeeds.${stop}`
    }
    case 'rolling back':
      return 'The rollback that is in progress goes on.'
    default:
      return `${serving} keeps serving.`
  }
}

/** `blog-api:43`, or words for several revisions and for one that is not known. */
function servingText({ tracks, servingBefore }: Release): string {
  const names = new Set(tracks.rollouts.map(({ serving }) => (serving ?? servingBefore)?.name ?? null))
  const [only = null, ...others] = names
  return only === null || others.length > 0 ? 'What serves now' : only
}

function isMigrating({ tracks }: Release): boolean {
  return tracks.migration.tasks.some(({ verdict }) => verdict === 'moving')
}
