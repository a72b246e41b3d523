import type { Time } from './names.ts'
import type { Release } from './release.ts'
import { byAws } from './span.ts'

/** How long a service environment is watched for what a release may still bring there, ms from its end. */
const watchedMs = 24 * 60 * 60_000

/** Since when a release that has ended is watched: its end, that of its run, or when a person settled it, whichever came last. */
export function watchedSince({ stage, tracks }: Release): Time {
  if (stage.at !== 'ended') return Number.POSITIVE_INFINITY
  return Math.max(stage.since, stage.settledAt ?? 0, tracks.run?.endedAt ?? 0)
}

/**
 * Until when, by AWS's clock, a rollout may be put down to a release that has ended: for 24 hours, or until the next one was sent.
 * @param nextSentAt when the next release was sent to one of its targets, by AWS's clock: what is rolled out since may be that one's
 */
export function watchedUntil(release: Release, nextSentAt: Time | null): Time {
  const until = byAws(release, watchedSince(release)) + watchedMs
  return nextSentAt === null ? until : Math.min(until, nextSentAt)
}

/** Whether nothing that begins from now on can be put down to it. */
export function isWatchOver(release: Release, nextSentAt: Time | null, now: Time): boolean {
  return nextSentAt !== null || now - watchedSince(release) >= watchedMs
}

/**
 * Whether what began in that time, and has not ended, is followed no further: a task or an attempt that nobody ends, and one that
 * cannot be read any more, would be looked at for ever.
 */
export function isFollowedNoMore(release: Release, now: Time): boolean {
  return now - watchedSince(release) >= watchedMs + release.deadlines.runMs
}
