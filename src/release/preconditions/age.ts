import { moment } from '../moment.ts'
import type { Time } from '../names.ts'
import type { Release } from '../release.ts'
import type { Stage } from '../stage.ts'
import {
  always,
  type End,
  end,
  type Facts,
  noLooks,
  open,
  type Precondition,
  type Result,
  type Waiting,
  waitFor,
} from './precondition.ts'

/** How long after the wait a release may still be sent, ms. An approval is meant for now, not for some later time. */
export const sentWithinMs = 30 * 60_000

/** How long after its mark a dispatch or an update may be sent, ms. What was read before the mark is old by then. */
export const markFreshMs = 60_000

/** A change of the clock by more than this counts as a clock that was wrong, not as a correction, ms. */
export const setBackMs = 60_000

/** The release is sent soon after its approval, but not before GitHub's rate limit has ended. */
export const age = { name: 'age', appliesTo: always, looks: noLooks, judge } satisfies Precondition

function judge({ release, context: { now } }: Facts): Result {
  const { stage } = release
  const delay = stage.at === 'ready' ? (stage.delay ?? null) : null
  if (now > latestFor(release, now)) return tooOld(release, delay)
  if (isOfUnknownAge(release, now)) return ofUnknownAge(release)
  const wait = stage.at === 'ready' ? rateLimitWait(stage) : null
  return wait?.until !== undefined && now < wait.until ? wait : open({ until: sendBy(release, now) })
}

/** Waits if GitHub started nothing because of a rate limit; null: it did not. */
export function rateLimitWait({ notBefore: until }: Extract<Stage, { at: 'ready' }>): Waiting | null {
  return until === undefined ? null : waitFor('GitHub, which asked to wait', { until })
}

/**
 * The last moment at which a ready release may be sent: the wait and `sentWithinMs` after the last approval, or after
 * the request if none is required. If the clock was set back between approvals, an earlier one may have the later
 * date.
 */
export function sendableUntil({ approvals, approvedAt, requestedAt, waitMs }: Release): Time {
  const last = Math.max(requestedAt, ...approvals.map(({ at }) => at))
  return Math.min(last, approvedAt ?? last) + waitMs + sentWithinMs
}

/** The last moment at which an effect marked now may be sent. */
export function sendBy(release: Release, now: Time): Time {
  return Math.min(latestFor(release, now), now + markFreshMs)
}

/** The time for which a replaced deploy takes to stop does not count. */
function latestFor(release: Release, now: Time): Time {
  return sendableUntil(release) + replacingFor(release, now)
}

/** How long a rollback has waited for the deploy that it replaces to stop, ms; it waits no longer than `settleMs`. */
function replacingFor({ stage, settleMs }: Release, now: Time): number {
  return stage.at === 'ready' && stage.placeAskedAt !== null
    ? Math.min(now - stage.placeAskedAt, settleMs)
    : 0
}

/** Whether the approvals are dated ahead of the clock, which was set back after them. */
export function isOfUnknownAge({ approvedAt }: Release, now: Time): boolean {
  return now < (approvedAt ?? 0) - setBackMs
}

/** The end of a release that waits to be sent while the clock is set back. */
export function ofUnknownAge(release: Release): End {
  return tooOld(release, 'the clock of twokey was set back, so the age of the approvals is unknown')
}

/**
 * The end of a release that could not be sent in time.
 * @param delay what delayed it, if known
 */
export function tooOld(release: Release, delay: string | null): End {
  const from = release.approvals.length > 0 ? 'the last approval' : 'the request'
  const wait = release.waitMs > 0 ? 'the wait and ' : ''
  const latest = moment(sendableUntil(release))
  const held = delay ?? lastTrouble(release) ?? awaited(release)
  return end(
    'expired',
    `it was not sent by ${latest}, ${wait}${sentWithinMs / 60_000} minutes after ${from}${held === null ? '' : ` (${held})`}; nothing was sent`,
  )
}

/** What kept a release that waited for its card, for its checks or for another environment; null: it did not. */
function awaited({ stage }: Release): string | null {
  if (stage.at !== 'ready') return null
  const { precondition, why } = stage.waiting ?? {}
  if (precondition === 'card') return 'its card could not be posted in Slack'
  return precondition === 'checks' || precondition === 'order' ? `it waited for ${why}` : null
}

function lastTrouble({ blind }: Release): string | null {
  return Object.values(blind).find((unavailability) => unavailability !== undefined)?.reason ?? null
}
