import type { Release } from './release.ts'
import type { ReplacedRelease } from './replacement.ts'
import { stateOf } from './state.ts'

/** What a rollback would replace that is requested while these hold its lanes. */
export function replacedReleasesOf(holders: readonly Release[]): readonly ReplacedRelease[] {
  return holders.map((holder) => ({
    release: holder.id,
    requester: holder.requester,
    state: stateOf(holder),
  }))
}
