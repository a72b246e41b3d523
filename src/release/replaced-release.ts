import type { Release } from './release.ts'
import type { ReplacedRelease } from './replacement.ts'
import { stateOf } from './state.ts'

/** The releases that a rollback would replace if these hold its lanes at its request. */
export function replacedReleasesOf(holders: readonly Release[]): readonly ReplacedRelease[] {
  return holders.map((holder) => ({
    release: holder.id,
    requester: holder.requester,
    state: stateOf(holder),
  }))
}
