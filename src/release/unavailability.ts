import type { LookName } from './look.ts'
import { lookFacts } from './look-facts.ts'
import type { Time } from './names.ts'
import type { Release, Unavailability } from './release.ts'
import type { Seen, TroubleKind } from './sighting.ts'

type Patience = Pick<Release, 'settleMs' | 'deadlines'>

/** How long a look may fail before it is given up, ms. */
function lookTimeoutMs({ settleMs, deadlines }: Patience, look: LookName, kind: TroubleKind): number {
  const { fresh, givesUp } = lookFacts[look]
  if (fresh === 'people' || (kind === 'terminal' && givesUp !== 'late')) return settleMs
  return Math.max(settleMs, deadlines.runMs)
}

/** Since when, and how often, a look has failed, this failure included. */
export function unavailabilityAfter(
  release: Patience & Partial<Pick<Release, 'blind'>>,
  {
    look,
    sighting: { kind, reason },
    now,
  }: {
    readonly look: LookName
    readonly sighting: Extract<Seen<unknown>, { seen: false }>
    readonly now: Time
  },
): Unavailability {
  const before = release.blind?.[look]
  const since = before?.since ?? now
  const times = (before?.times ?? 0) + 1
  const { tries } = lookFacts[look]
  const lost =
    tries === undefined ? times > 1 && now - since >= lookTimeoutMs(release, look, kind) : times >= tries
  return { since, times, kind, reason, lost }
}
