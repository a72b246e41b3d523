import type { Draft } from '../draft.ts'

/** The timer after the last approval. */
export function stepWait(draft: Draft): undefined {
  const { stage } = draft.release
  if (stage.at === 'wait' && draft.now >= stage.until)
    draft.moveTo({ at: 'ready', since: draft.now, placeAskedAt: null })
}
