import type { Release, Time } from './release.ts'

/** How far the clocks of AWS and GitHub may differ, ms. */
export const clockSkewMs = 60_000

/** How much earlier than our mark AWS may date what its time alone speaks for, ms: no job begins sooner than it is asked for. */
export const looseMs = 5_000

/** Times by the clocks of AWS and GitHub, which agree with each other; that of our host may be minutes off. */
type Span = { readonly since: Time; readonly until: Time }

/**
 * When AWS and GitHub may date what a release began: from the mark, dated by AWS, to the run's end, dated by GitHub, however
 * late that was seen. Open while the run is in progress, and for a rollback.
 */
export function spanOf({ sentAtAws, requestedAt, tracks: { run } }: Release): Span {
  const until = run?.seen?.endedAt ?? run?.endedAt ?? Number.POSITIVE_INFINITY
  return { since: sentAtAws ?? requestedAt, until }
}
