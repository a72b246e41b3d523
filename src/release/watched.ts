import type { Release, Time } from './release.ts'
import { byAws } from './span.ts'

/** How long a service environment is watched for what a release may still bring there, ms from its end. */
const watchedMs = 24 * 60 * 60_000

/** The first release of the same service environment that was sent after another one: what is rolled out since may be its. */
export type NextSent = Pick<Release, 'sentAt' | 'sentAtAws'>

/** Until when, by AWS's clock, a rollout may be put down to a release that has ended: for 24 hours, or until the next one was sent. */
export function watchedUntil(release: Release, endedAt: Time, next: NextSent | null): Time {
  const until = byAws(release, endedAt) + watchedMs
  const sentAt = next?.sentAtAws ?? next?.sentAt ?? null
  return sentAt === null ? until : Math.min(until, sentAt)
}

/** Whether nothing that begins from now on can be put down to it. */
export function isWatchOver(endedAt: Time, next: NextSent | null, now: Time): boolean {
  return next !== null || now - endedAt >= watchedMs
}
