import type { Time } from './names.ts'
import type { Release } from './release.ts'

/** How far the clocks of AWS and GitHub may differ, ms. */
export const clockSkewMs = 60_000

/** How much earlier than our mark AWS may date what its time alone speaks for, ms: no job begins sooner than it is asked for. */
export const looseMs = 5_000

/** Times by the clocks of AWS and GitHub, which agree with each other; that of our host may be minutes off. */
type Span = { readonly since: Time; readonly until: Time }

/**
 * When AWS and GitHub may date what a release began: from the mark, dated by AWS, to the run's end, dated by GitHub, however
 * late that was seen. Open while the run is in progress, and for a rollback. A runner dates its job itself, and its clock may
 * be behind: a run that was seen in progress had not ended by then, whatever date it gives.
 */
export function spanOf(release: Release): Span {
  const { sentAtAws, requestedAt, tracks } = release
  const since = sentAtAws ?? requestedAt
  const { seen, endedAt, inProgressAt } = tracks.run ?? { seen: null, endedAt: null, inProgressAt: null }
  if (endedAt === null) return { since, until: Number.POSITIVE_INFINITY }
  const told = seen?.endedAt ?? byAws(release, endedAt)
  return { since, until: inProgressAt === null ? told : Math.max(told, byAws(release, inProgressAt)) }
}

/** A time of AWS's or GitHub's clock by ours. */
export function byOurs(release: Pick<Release, 'sentAt' | 'sentAtAws'>, time: Time): Time {
  return time - (byAws(release, time) - time)
}

/** A time of our clock by that of AWS; a few seconds early, since AWS's time was read before the mark. */
export function byAws({ sentAt, sentAtAws }: Pick<Release, 'sentAt' | 'sentAtAws'>, time: Time): Time {
  return sentAt === null || sentAtAws === null ? time : time + (sentAtAws - sentAt)
}
