import type { Release } from './release.ts'
import type { ReplacedRelease } from './replacement.ts'
import { stateOf } from './state.ts'

/** What a release stands behind that is asked for while these hold its place. */
export function replacedReleasesOf(holders: readonly Release[]): readonly ReplacedRelease[] {
  return holders.map((holder) => ({
    release: holder.id,
    requester: holder.requester,
    state: stateOf(holder),
  }))
}
