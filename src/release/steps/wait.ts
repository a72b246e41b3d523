import type { Draft } from '../draft.ts'
import { endsOfUnknownAge } from './age.ts'

/** The timer after the last approval. Approvals that lie ahead of the clock would keep it waiting for as long. */
export function stepWait(draft: Draft): undefined {
  const { stage } = draft.release
  if (stage.at !== 'wait' || endsOfUnknownAge(draft)) return
  if (draft.now >= stage.until) draft.moveTo({ at: 'ready', since: draft.now, placeAskedAt: null })
}
