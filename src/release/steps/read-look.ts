import type { Draft } from '../draft.ts'
import { type LookName, lookFacts } from '../look.ts'
import type { Time } from '../names.ts'
import type { Release } from '../release.ts'
import type { Seen, TroubleKind } from '../sighting.ts'

/** How long trouble is borne before what is looked at counts as unseen, ms. */
function patience({ settleMs, deadlines }: Release, look: LookName, kind: TroubleKind): number {
  if (lookFacts[look].fresh === 'people' || kind === 'terminal') return settleMs
  return Math.max(settleMs, deadlines.runMs)
}

/**
 * Takes what a look brought. "Could not see" is neither failure nor success: it is remembered, said in the
 * thread after the second time, and after long enough the track counts as lost.
 */
export function readLook<T>(
  draft: Draft,
  look: LookName,
  seen: Seen<T> | undefined,
): { readonly value: T } | null {
  if (seen === undefined) return null
  const { release, now } = draft
  const before = release.blind[look]
  if (seen.seen) {
    if (before) draft.change({ blind: { ...release.blind, [look]: undefined } })
    return { value: seen.value }
  }
  const since = before?.since ?? now
  const times = (before?.times ?? 0) + 1
  const { tries } = lookFacts[look]
  const lost =
    tries === undefined ? times > 1 && now - since >= patience(release, look, seen.kind) : times >= tries
  draft.change({
    blind: { ...release.blind, [look]: { since, times, kind: seen.kind, reason: seen.reason, lost } },
  })
  if (times === 1) draft.record('twokey', 'could not see', { look, reason: seen.reason })
  if (seen.kind === 'terminal' ? times >= 2 : now - since >= passingToldAfterMs)
    draft.post(unavailableKey(look, since), { tell: 'blind', look, since, reason: seen.reason })
  return null
}

/** Key of the posts that say that a look fails. */
export function unavailableKey(look: LookName, since: Time): string {
  return `blind-${look}-${since}`
}

/** What cannot be checked is not sent: after long enough it ends, with nothing started. */
export function blocked(draft: Draft): undefined {
  const lost = Object.values(draft.release.blind).find((blindness) => blindness?.lost)
  if (lost) draft.end('failed', `what was approved could not be checked: ${lost.reason}; nothing was sent`)
}

/** Trouble that may pass is said after this long, ms. */
const passingToldAfterMs = 30_000
