import type { Clicker } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { PersonId } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import { reasonNotTaken } from '../refusals/cards.ts'

/** How long after a rejection its reason is accepted, ms. */
const explainedWithinMs = 60 * 60_000

/** Stores the reason of a rejection, once, from the person who rejected, within the time for it. */
export function explain(draft: Draft, { id: by, standing }: Clicker, why: string): Refusal | undefined {
  const { release, now } = draft
  const { stage } = release
  const rejection = stage.at === 'ended' ? stage.rejection : undefined
  if (!standing.eligible) return reasonNotTaken({ notEligible: standing.sentence })
  if (stage.at !== 'ended' || rejection?.by !== by) return reasonNotTaken('of another')
  if (rejection.why !== null) return reasonNotTaken('said already')
  if (now - stage.since > explainedWithinMs) return reasonNotTaken('too late')
  noteRejection(draft, by, why)
  return undefined
}

/** Stores who rejected the release, and why once that is known. */
export function noteRejection(draft: Draft, by: PersonId, why: string | null): void {
  const { stage } = draft.release
  if (stage.at !== 'ended') return
  draft.change({ stage: { ...stage, rejection: { by, why } } })
  if (why === null) return
  draft.record(by, 'explained', { why })
  draft.post('explained', { tell: 'explained', by, why })
}
