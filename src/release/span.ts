import type { Time } from './names.ts'
import type { Release } from './release.ts'

/** How far the clocks of AWS and GitHub may differ, ms. */
export const clockSkewMs = 60_000

/**
 * How much earlier than our mark AWS may date something that only its time connects to the release, ms. No job begins
 * sooner than it was requested.
 */
export const looseMs = 5_000

/** A time span by the clocks of AWS and GitHub, which agree with each other. Our host's clock may be minutes off. */
type Span = { readonly since: Time; readonly until: Time }

/**
 * The span in which AWS and GitHub may date what a release began: from the mark, by AWS's clock, to the run's end, by
 * GitHub's, however late that was seen. It has no end while the run is in progress, and for a rollback. A runner
 * dates its job itself, with a clock that may be behind: a run that was seen in progress had not ended by then,
 * whatever its date says.
 */
export function spanOf(release: Release): Span {
  const { sentAtAws, requestedAt, tracks } = release
  const since = sentAtAws ?? requestedAt
  const { seen, endedAt, inProgressAt } = tracks.run ?? { seen: null, endedAt: null, inProgressAt: null }
  if (endedAt === null) return { since, until: Number.POSITIVE_INFINITY }
  const ended = seen?.endedAt ?? byAws(release, endedAt)
  return { since, until: inProgressAt === null ? ended : Math.max(ended, byAws(release, inProgressAt)) }
}

/** Converts a time of AWS's or GitHub's clock to ours. */
export function byOurs(release: Pick<Release, 'sentAt' | 'sentAtAws'>, time: Time): Time {
  return time - (byAws(release, time) - time)
}

/**
 * Converts a time of our clock to AWS's. The result is a few seconds early, because AWS's time was read before the
 * mark.
 */
export function byAws({ sentAt, sentAtAws }: Pick<Release, 'sentAt' | 'sentAtAws'>, time: Time): Time {
  return sentAt === null || sentAtAws === null ? time : time + (sentAtAws - sentAt)
}
