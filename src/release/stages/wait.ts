import { endsOfUnknownAge } from '../preconditions/expire.ts'
import { looksAtGate, stepGate } from '../tracks/gate.ts'
import { looksAheadOf, rereadRollbackTarget, untilLookAhead } from './reread-target.ts'
import type { StageRules } from './stage-rules.ts'

/**
 * The timer after the last approval. A release whose approvals are dated ahead of the clock ends, because it would wait
 * for too long.
 */
export const wait: StageRules = {
  looks: (release) => [...looksAheadOf(release), ...looksAtGate(release)],
  step(draft, seen, context) {
    stepGate(draft, seen, context)
    const { stage } = draft.release
    if (stage.at !== 'wait') return
    if (!endsOfUnknownAge(draft) && draft.now >= stage.until)
      draft.moveTo({ at: 'ready', since: draft.now, placeAskedAt: null })
    rereadRollbackTarget(draft, seen, context)
  },
  nextLook(release, now, polling) {
    const { stage } = release
    return stage.at === 'wait' ? Math.min(stage.until, untilLookAhead(release, now, polling)) : null
  },
}
