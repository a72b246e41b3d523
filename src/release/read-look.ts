import type { Draft } from './draft.ts'
import type { LookName } from './look.ts'
import type { Time } from './names.ts'
import type { Seen } from './sighting.ts'
import { unavailabilityAfter } from './unavailability.ts'

/**
 * Takes the result of a look. A failed look is neither a failure nor a success of the release: it is stored, posted
 * in the thread after the second time, and after long enough the track is given up.
 */
export function readLook<T>(
  draft: Draft,
  look: LookName,
  seen: Seen<T> | undefined,
): { readonly value: T } | null {
  if (seen === undefined) return null
  const { release, now } = draft
  if (seen.seen) {
    if (release.blind[look]) draft.change({ blind: { ...release.blind, [look]: undefined } })
    return { value: seen.value }
  }
  const unavailability = unavailabilityAfter(release, { look, sighting: seen, now })
  const { since, times } = unavailability
  draft.change({ blind: { ...release.blind, [look]: unavailability } })
  if (times === 1) draft.record('twokey', 'could not see', { look, reason: seen.reason })
  if (seen.kind === 'terminal' ? times >= 2 : now - since >= passingPostedAfterMs)
    draft.post(unavailableKey(look, since), { tell: 'blind', look, since, reason: seen.reason })
  return null
}

/** Key of the posts that report a failed look. */
export function unavailableKey(look: LookName, since: Time): string {
  return `blind-${look}-${since}`
}

/** Passing trouble is posted after this long, ms. */
const passingPostedAfterMs = 30_000
