import { isSameOnGitHub, type Time } from '../names.ts'
import type { Release } from '../release.ts'

/**
 * Since when, by GitHub's clock, a later job of the run waits at the gate that somebody opened on GitHub for an earlier one:
 * nobody has approved that job in Slack. Null: none waits, or it is about to be stopped.
 */
export function laterJobSince(release: Release, now: Time): Time | null {
  const { subject, tracks, cancelAsked, supersededBy, settleMs } = release
  const { run, gate } = tracks
  if (subject.kind !== 'gate' || gate?.openedBy === undefined || gate.isUnwanted) return null
  if (cancelAsked !== null || supersededBy !== null) return null
  if (!run?.seen || run.endedAt !== null || run.head !== 'approved') return null
  const { heldBy, opens = [] } = run.seen
  if (heldBy?.kind !== 'gate' || !opens.some((each) => isSameOnGitHub(each, subject.githubEnvironment)))
    return null
  // GitHub may list a gate for a moment after it was opened.
  const { heldSince = null } = run
  if (heldSince === null || now - heldSince < settleMs) return null
  return heldBy.since ?? null
}

/**
 * The holders of its lanes for which a release has to wait. One for a later job of a run does not wait for the release of
 * the earlier job, which lasts until the run has ended.
 */
export function holdersAwaited({ subject }: Release, holders: readonly Release[]): readonly Release[] {
  if (subject.kind !== 'gate' || subject.run.since === undefined) return holders
  const { id, attempt } = subject.run
  return holders.filter(({ tracks: { run } }) => run?.id !== id || run.attempt !== attempt)
}
