import type { Draft } from './draft.ts'
import type { LookName } from './look.ts'
import type { Time } from './names.ts'
import { setBackMs } from './preconditions/age.ts'
import { expireOfUnknownAge } from './preconditions/expire.ts'
import { unavailableKey } from './read-look.ts'
import type { Release, Unavailability } from './release.ts'
import type { Stage } from './stage.ts'
import { heldRunKey } from './tracks/held.ts'
import type { RunTrack, Tracks } from './tracks.ts'

/** Converts a time of our clock before the change to our clock after it. */
type Moved = (time: Time) => Time

/**
 * Handles a clock that was set back. A release that waits to be sent is too old. No deadline that counts from a time
 * of ours comes later than it would have. The times of request and approvals stay as they were stored.
 */
export function setBack(draft: Draft, byMs: number): undefined {
  const { release, now } = draft
  const { stage } = release
  if ((stage.at === 'wait' || stage.at === 'ready') && byMs > setBackMs) {
    expireOfUnknownAge(draft)
    return
  }
  const moved: Moved = isSentAhead(release, now, byMs)
    ? (time) => Math.min(time - byMs, now)
    : (time) => Math.min(time, now)
  draft.change({
    stage: movedStage(stage, moved),
    sentAt: movedIfAny(release.sentAt, moved),
    cancelSentAt: movedIfAny(release.cancelSentAt, moved),
    blind: movedUnavailability(release.blind, moved),
    told: movedKeys(release, moved),
    tracks: movedTracks(release.tracks, moved),
  })
}

/**
 * Whether the clock was ahead when the release was sent. Then all its later times move together, because AWS's times
 * are compared by their distance from the mark (`span.ts`). If AWS's clock says that ours was right at the mark, only
 * later times were ahead.
 */
function isSentAhead({ sentAt, sentAtAws }: Release, now: Time, byMs: number): boolean {
  if (sentAt === null) return false
  if (sentAt > now) return true
  return sentAtAws !== null && Math.abs(sentAt - byMs - sentAtAws) < Math.abs(sentAt - sentAtAws)
}

function movedIfAny(time: Time | null, moved: Moved): Time | null {
  return time === null ? null : moved(time)
}

function movedStage(stage: Stage, moved: Moved): Stage {
  switch (stage.at) {
    case 'approval':
    case 'underway':
      return { ...stage, since: moved(stage.since) }
    case 'ended':
      return {
        ...stage,
        since: moved(stage.since),
        ...(stage.settledAt !== undefined && { settledAt: moved(stage.settledAt) }),
      }
    case 'sending':
      // The age of the mark stays unknown, so nothing is sent again by it.
      return { ...stage, lastAt: moved(stage.lastAt) }
    case 'ready':
      return { ...stage, placeAskedAt: movedIfAny(stage.placeAskedAt, moved) }
    case 'wait':
      return stage
  }
}

function movedTracks(tracks: Tracks, moved: Moved): Tracks {
  const { run, rollouts, runLog, again } = tracks
  return {
    ...tracks,
    run: run && movedRun(run, moved),
    rollouts: rollouts.map((track) => ({ ...track, heldSince: movedIfAny(track.heldSince, moved) })),
    ...(runLog?.checked === 'not yet' && { runLog: { ...runLog, triedAt: moved(runLog.triedAt) } }),
    ...(again && { again: { ...again, endedAt: movedIfAny(again.endedAt, moved) } }),
  }
}

function movedRun(run: RunTrack, moved: Moved): RunTrack {
  const { heldSince, inProgressAt, endedAt } = run
  return {
    ...run,
    ...(heldSince !== undefined && { heldSince: movedIfAny(heldSince, moved) }),
    inProgressAt: movedIfAny(inProgressAt, moved),
    endedAt: movedIfAny(endedAt, moved),
  }
}

function movedUnavailability(blind: Release['blind'], moved: Moved): Release['blind'] {
  return Object.fromEntries(
    unavailable(blind).map(([look, each]) => [look, { ...each, since: moved(each.since) }]),
  )
}

function unavailable(blind: Release['blind']): readonly (readonly [LookName, Unavailability])[] {
  return (Object.keys(blind) as LookName[]).flatMap((look) => {
    const each = blind[look]
    return each ? [[look, each] as const] : []
  })
}

/** Keeps posts from being repeated because their key has another time. */
function movedKeys({ told, blind, tracks: { run } }: Release, moved: Moved): readonly string[] {
  const keys = new Map(
    unavailable(blind).map(([look, { since }]) => [
      unavailableKey(look, since),
      unavailableKey(look, moved(since)),
    ]),
  )
  if (run?.heldSince != null)
    keys.set(heldRunKey(run.id, run.heldSince), heldRunKey(run.id, moved(run.heldSince)))
  return told.map((key) => keys.get(key) ?? key)
}
