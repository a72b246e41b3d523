import type { Draft } from '../draft.ts'
import { isOfUnknownAge, ofUnknownAge, tooOld } from './age.ts'
import type { End } from './precondition.ts'

/** Ends a release whose approvals are dated ahead of the clock, which was set back after them. Returns whether it did. */
export function endsOfUnknownAge(draft: Draft): boolean {
  if (!isOfUnknownAge(draft.release, draft.now)) return false
  expireOfUnknownAge(draft)
  return true
}

/** Ends a release that waits to be sent while the clock is set back. */
export function expireOfUnknownAge(draft: Draft): void {
  expire(draft, ofUnknownAge(draft.release))
}

/**
 * Ends a release that could not be sent in time.
 * @param delay what delayed it, if known
 */
export function expireTooOld(draft: Draft, delay: string | null): void {
  expire(draft, tooOld(draft.release, delay))
}

function expire(draft: Draft, { outcome, why }: End): void {
  draft.end(outcome, why)
}
