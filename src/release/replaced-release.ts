import type { PersonId, Release } from './release.ts'
import { type State, stateOf } from './state.ts'

/** A release whose place another is to take. `state`: when that was asked for. */
export type ReplacedRelease = {
  readonly release: string
  readonly requester: PersonId
  readonly state: State
}

/** What a release stands behind that is asked for while these hold its place. */
export function replacedReleasesOf(holders: readonly Release[]): readonly ReplacedRelease[] {
  return holders.map((holder) => ({
    release: holder.id,
    requester: holder.requester,
    state: stateOf(holder),
  }))
}
