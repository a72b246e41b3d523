import type { Time } from '../names.ts'
import type { Release } from '../release.ts'
import { runTrack } from './run.ts'

/** For how long the run can have started nothing new, ms: since its end, or since it became unreadable. */
export function quietFor(release: Release, now: Time): number {
  const { run } = release.tracks
  if (release.subject.kind === 'rollback') return release.sentAt === null ? 0 : now - release.sentAt
  if (run?.endedAt != null) return now - run.endedAt
  if (runTrack(release).verdict !== 'unseen') return 0
  const since = release.blind.run?.since ?? now
  return now - since - release.settleMs
}
