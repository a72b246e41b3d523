import type { Clicker } from '../decide.ts'
import type { Draft } from '../draft.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { PersonId } from '../release.ts'
import { actionsOf } from '../state.ts'
import { decided, notEligible } from './approval.ts'

/** How long after a rejection its reason is taken, ms. */
const explainedWithinMs = 60 * 60_000

/** One rejection ends it, whenever it comes before the dispatch; with or without a reason. */
export function reject(draft: Draft, by: Clicker, why: string | null): Refusal | undefined {
  const { release } = draft
  if (!actionsOf(release).includes('reject')) return decided(release)
  if (!by.standing.eligible) return notEligible(by.standing)
  draft.end('rejected', `rejected by <@${by.id}>`, { actor: by.id })
  note(draft, by.id, why)
  return undefined
}

/** The reason, from whoever rejected, once and while it is fresh. */
export function explain(draft: Draft, by: PersonId, why: string): Refusal | undefined {
  const { release, now } = draft
  const { stage } = release
  const rejection = stage.at === 'ended' ? stage.rejection : undefined
  if (stage.at !== 'ended' || rejection?.by !== by)
    return notTaken('Only whoever rejected a release may say why.')
  if (rejection.why !== null) return notTaken('You have said why already.')
  if (now - stage.since > explainedWithinMs) return notTaken('You rejected it more than an hour ago.')
  note(draft, by, why)
  return undefined
}

function note(draft: Draft, by: PersonId, why: string | null): void {
  const { stage } = draft.release
  if (stage.at !== 'ended') return
  draft.change({ stage: { ...stage, rejection: { by, why } } })
  if (why === null) return
  draft.note(by, 'explained', { why })
  draft.tell('explained', { tell: 'explained', by, why })
}

function notTaken(sentence: string): Refusal {
  return refuse('reason_not_taken', sentence, 'Write in the thread of the card.').refused
}
