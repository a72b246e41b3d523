import type { Release, Time } from './release.ts'
import { byAws } from './span.ts'

/** How long a service environment is watched for what a release may still bring there, ms from its end. */
const watchedMs = 24 * 60 * 60_000

/**
 * Until when, by AWS's clock, a rollout may be put down to a release that has ended: for 24 hours, or until the next one was sent.
 * @param nextSentAt when the next release was sent to one of its targets, by AWS's clock: what is rolled out since may be that one's
 */
export function watchedUntil(release: Release, endedAt: Time, nextSentAt: Time | null): Time {
  const until = byAws(release, endedAt) + watchedMs
  return nextSentAt === null ? until : Math.min(until, nextSentAt)
}

/** Whether nothing that begins from now on can be put down to it. */
export function isWatchOver(endedAt: Time, nextSentAt: Time | null, now: Time): boolean {
  return nextSentAt !== null || now - endedAt >= watchedMs
}
