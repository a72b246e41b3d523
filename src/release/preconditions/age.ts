import { moment } from '../moment.ts'
import type { Time } from '../names.ts'
import type { Release } from '../release.ts'
import type { Stage } from '../stage.ts'
import {
  always,
  type End,
  end,
  type Facts,
  nothing,
  open,
  type Precondition,
  type Result,
  type Waiting,
  waiting,
} from './precondition.ts'

/** How long after the wait a release may still be sent, ms: what was approved is for now, not for some time today. */
export const sentWithinMs = 30 * 60_000

/** How long after it was marked a dispatch or an update may be sent, ms: what was looked at before it is old by then. */
export const markFreshMs = 60_000

/** A clock that is set back by more than this is not corrected but wrong, ms. */
export const setBackMs = 60_000

/** What was approved is sent soon after, and not before the time that GitHub asked to wait for. */
export const age = { name: 'age', appliesTo: always, looks: nothing, judge } satisfies Precondition

function judge({ release, context: { now } }: Facts): Result {
  const { stage } = release
  const delay = stage.at === 'ready' ? (stage.delay ?? null) : null
  if (now > latestFor(release, now)) return tooOld(release, delay)
  if (isOfUnknownAge(release, now)) return ofUnknownAge(release)
  const wait = stage.at === 'ready' ? askedByGitHub(stage) : null
  return wait?.until !== undefined && now < wait.until ? wait : open({ until: sendBy(release, now) })
}

/** GitHub started nothing and asked to wait; null: it did not. */
export function askedByGitHub({ notBefore: until }: Extract<Stage, { at: 'ready' }>): Waiting | null {
  return until === undefined ? null : waiting('GitHub, which asked to wait', { until })
}

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

/** How long a rollback has waited for the deploy that it replaces to stop, ms; it waits no longer than `settleMs`. */
function replacingFor({ stage, settleMs }: Release, now: Time): number {
  return stage.at === 'ready' && stage.placeAskedAt !== null
    ? Math.min(now - stage.placeAskedAt, settleMs)
    : 0
}

/** Whether the approvals lie ahead of the clock, which was set back since they came. */
export function isOfUnknownAge({ approvedAt }: Release, now: Time): boolean {
  return now < (approvedAt ?? 0) - setBackMs
}

/** The end of a release that waits to be sent while the clock is set back. */
export function ofUnknownAge(release: Release): End {
  return tooOld(release, 'the clock of twokey was set back, so how old the approvals are is not known')
}

/** The end of a release that could not be sent in time. @param delay what held it up, where that is known */
export function tooOld(release: Release, delay: string | null): End {
  const from = release.approvals.length > 0 ? 'the last approval' : 'the request'
  const wait = release.waitMs > 0 ? 'the wait and ' : ''
  const latest = moment(sendableUntil(release))
  const held = delay ?? lastTrouble(release)
  return end(
    'expired',
    `it was not sent by ${latest}, ${wait}${sentWithinMs / 60_000} minutes after ${from}${held === null ? '' : ` (${held})`}; nothing was sent`,
  )
}

function lastTrouble({ blind }: Release): string | null {
  return Object.values(blind).find((blindness) => blindness !== undefined)?.reason ?? null
}
