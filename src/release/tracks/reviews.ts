import type { Draft } from '../draft.ts'
import { isSameOnGitHub } from '../names.ts'
import type { Release } from '../release.ts'
import type { ReviewOnGitHub } from '../sighting.ts'

/** Posts once each that somebody approved or rejected the run at a gate on GitHub. */
export function reportReviews(draft: Draft): void {
  const { run } = draft.release.tracks
  for (const review of run?.seen?.reviews ?? []) {
    if (isOpening(draft.release, review)) continue
    const { by, environment, verdict } = review
    const key = `reviewed-${verdict}-${environment}-${by}`
    if (draft.release.told.includes(key)) continue
    draft.record('twokey', 'gate reviewed on GitHub', { run: run?.id, ...review })
    draft.post(key, { tell: 'gate-reviewed', review })
  }
}

/** Whether it is the opening without approvals that was reported in the channel. */
function isOpening({ subject, tracks }: Release, { by, environment, verdict }: ReviewOnGitHub): boolean {
  return (
    subject.kind === 'gate' &&
    verdict === 'approved' &&
    isSameOnGitHub(environment, subject.githubEnvironment) &&
    (tracks.gate?.openedBy?.includes(by) ?? false)
  )
}
