import type { Time } from '../names.ts'
import type { Release } from '../release.ts'
import { runTrack } from './run.ts'

/** How long nothing new can have been started by the run, ms: since its end, or since it was lost from sight. */
export function quietFor(release: Release, now: Time): number {
  const { run } = release.tracks
  if (release.subject.kind === 'rollback') return release.sentAt === null ? 0 : now - release.sentAt
  if (run?.endedAt != null) return now - run.endedAt
  if (runTrack(release).verdict !== 'unseen') return 0
  const since = release.blind.run?.since ?? now
  return now - since - release.settleMs
}
