import type { Time } from './names.ts'
import type { Release } from './release.ts'
import { byAws } from './span.ts'

/** How long a service environment is watched for late effects of a release, ms from its end. */
const watchedMs = 24 * 60 * 60_000

/** Since when an ended release is watched: its end, that of its run, or the settlement, whichever came last. */
export function watchedSince({ stage, tracks }: Release): Time {
  if (stage.at !== 'ended') return Number.POSITIVE_INFINITY
  return Math.max(stage.since, stage.settledAt ?? 0, tracks.run?.endedAt ?? 0)
}

/**
 * Until when, by AWS's clock, a rollout may be attributed to an ended release: for 24 hours, or until the next one
 * was sent.
 * @param nextSentAt when the next release was sent to one of its targets, by AWS's clock; later rollouts may be that
 * one's
 */
export function watchedUntil(release: Release, nextSentAt: Time | null): Time {
  const until = byAws(release, watchedSince(release)) + watchedMs
  return nextSentAt === null ? until : Math.min(until, nextSentAt)
}

/** Whether no later rollout can be attributed to the release. */
export function isWatchOver(release: Release, nextSentAt: Time | null, now: Time): boolean {
  return nextSentAt !== null || now - watchedSince(release) >= watchedMs
}

/**
 * Whether twokey stops following something that began in that time and has not ended: a task or attempt that nobody
 * ends, or that became unreadable, would be read for ever.
 */
export function isWatchExpired(release: Release, now: Time): boolean {
  return now - watchedSince(release) >= watchedMs + release.deadlines.runMs
}
