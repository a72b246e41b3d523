import type { Draft } from '../draft.ts'
import type { Release } from '../release.ts'
import type { RollbackSighting } from '../sighting.ts'

/**
 * Releases ahead that have ended are no longer stood behind, and what serves by now is shown with what differs from it.
 * Approvals stand, since they bind the revision and its images; the approvers are told.
 */
export function noteReplacedEnded(
  draft: Draft,
  { serving, difference }: Extract<RollbackSighting, { usable: true }>,
  holders: readonly Release[],
): void {
  const { behind, subject, servingBefore: was, approvals, stage } = draft.release
  const ended = endedAhead(draft.release, holders)
  if (subject.kind === 'deploy' || ended.length === 0) return
  draft.change({
    behind: behind.filter((each) => !ended.includes(each)),
    servingBefore: serving,
    subject: { ...subject, difference },
  })
  draft.record('twokey', 'place freed', { by: ended.map(({ release }) => release), was, is: serving })
  const isOurDoing = stage.at === 'ready' && stage.placeAskedAt !== null
  if (isOurDoing) return
  const approved = approvals.map(({ by }) => by)
  draft.postEachTime('freed', { tell: 'freed', by: ended, was, serving, approved })
}

/** Of those it stands behind, the ones that hold its place no longer. */
export function endedAhead({ behind }: Release, holders: readonly Release[]): Release['behind'] {
  return behind.filter(({ release }) => holders.every(({ id }) => id !== release))
}
