import type { Draft } from '../draft.ts'
import type { Release } from '../release.ts'
import type { RollbackSighting } from '../sighting.ts'

/**
 * Drops replaced releases that have ended, and shows the revision that runs by now with its difference. Approvals
 * stay, because they bind the revision and its images; the approvers are notified.
 */
export function noteReplacedEnded(
  draft: Draft,
  { serving, difference }: Extract<RollbackSighting, { usable: true }>,
  holders: readonly Release[],
): void {
  const { behind, subject, servingBefore: was, approvals, stage } = draft.release
  const ended = endedAhead(draft.release, holders)
  if (subject.kind !== 'rollback' || ended.length === 0) return
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

/** Replaced releases that no longer hold the lane. */
export function endedAhead({ behind }: Release, holders: readonly Release[]): Release['behind'] {
  return behind.filter(({ release }) => holders.every(({ id }) => id !== release))
}
