import type { Draft } from '../draft.ts'
import { moment } from '../moment.ts'
import type { Time } from '../names.ts'
import type { Release } from '../release.ts'

/** How long after the wait a release may still be sent, ms: what was approved is for now, not for some time today. */
export const sentWithinMs = 30 * 60_000

/** How long after it was marked a dispatch or an update may be sent, ms: what was looked at before it is old by then. */
export const markFreshMs = 60_000

/**
 * The last moment at which a release that is ready may be sent: the wait and `sentWithinMs` after the last approval, or after the
 * request where none is required. A clock that was set back before the last one counted may have dated an earlier one later.
 */
export function sendableUntil({ approvals, approvedAt, requestedAt, waitMs }: Release): Time {
  const last = Math.max(requestedAt, ...approvals.map(({ at }) => at))
  return Math.min(last, approvedAt ?? last) + waitMs + sentWithinMs
}

/** The last moment at which what is marked now may be sent. */
export function sendBy(release: Release, now: Time): Time {
  return Math.min(latestFor(release, now), now + markFreshMs)
}

/** Time behind a replaced deploy that is still stopping does not count. */
function latestFor(release: Release, now: Time): Time {
  return sendableUntil(release) + replacingFor(release, now)
}

/**
 * Whether a release that is ready may be sent now. One that is too old ends as `expired`; one that GitHub asked to wait
 * stays as it is until then.
 */
export function isTimeToSend(draft: Draft): boolean {
  const { release, now } = draft
  const { stage } = release
  if (stage.at !== 'ready') return false
  if (now > latestFor(release, now)) {
    expire(draft, stage.delay ?? null)
    return false
  }
  if (endsOfUnknownAge(draft)) return false
  return stage.notBefore === undefined || now >= stage.notBefore
}

/** A clock that is set back by more than this is not corrected but wrong, ms. */
export const setBackMs = 60_000

/** Ends a release whose approvals lie ahead of the clock, which was set back since they came. Whether it has. */
export function endsOfUnknownAge(draft: Draft): boolean {
  if (draft.now >= (draft.release.approvedAt ?? 0) - setBackMs) return false
  expireOfUnknownAge(draft)
  return true
}

/** Ends a release that waits to be sent while the clock is set back. */
export function expireOfUnknownAge(draft: Draft): void {
  expire(draft, 'the clock of twokey was set back, so how old the approvals are is not known')
}

/** How long a rollback has waited for the deploy that it replaces to stop, ms; it waits no longer than `settleMs`. */
function replacingFor({ stage, settleMs }: Release, now: Time): number {
  return stage.at === 'ready' && stage.placeAskedAt !== null
    ? Math.min(now - stage.placeAskedAt, settleMs)
    : 0
}

/** Ends a release that could not be sent in time. @param delay what held it up, where that is known */
export function expire(draft: Draft, delay: string | null): void {
  const { release } = draft
  const from = release.approvals.length > 0 ? 'the last approval' : 'the request'
  const wait = release.waitMs > 0 ? 'the wait and ' : ''
  const latest = moment(sendableUntil(release))
  const held = delay ?? lastTrouble(release)
  draft.end(
    'expired',
    `it was not sent by ${latest}, ${wait}${sentWithinMs / 60_000} minutes after ${from}${held === null ? '' : ` (${held})`}; nothing was sent`,
  )
}

function lastTrouble({ blind }: Release): string | null {
  return Object.values(blind).find((blindness) => blindness !== undefined)?.reason ?? null
}
