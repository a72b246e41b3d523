import { looksAtChecks, noteChecks, untilChecks } from '../checks-again.ts'
import { applyChecks } from '../policy/apply-checks.ts'
import { stepApproval } from '../policy/approval-round.ts'
import { checksRuleOf } from '../policy/checks-rule.ts'
import { looksAtGate, stepGate } from '../tracks/gate.ts'
import { looksAheadOf, rereadRollbackTarget, untilLookAhead } from './reread-target.ts'
import type { StageRules } from './stage-rules.ts'

/** Approvals are counted until there are enough or the time for them is over. */
export const approval: StageRules = {
  looks: (release, rules) => [
    ...looksAheadOf(release),
    ...looksAtChecks(release, rules),
    ...looksAtGate(release),
  ],
  step(draft, seen, context) {
    noteChecks(draft, seen)
    stepGate(draft, seen, context)
    if (draft.release.stage.at !== 'approval') return
    if (seen.checks?.seen) applyChecks(draft, checksRuleOf(draft.release, context.currentRules))
    if (draft.release.stage.at !== 'approval') return
    stepApproval(draft)
    rereadRollbackTarget(draft, seen, context)
  },
  nextLook(release, now, polling) {
    const { stage, policy } = release
    if (stage.at !== 'approval') return null
    return Math.min(
      stage.since + policy.expireAfterMs,
      untilLookAhead(release, now, polling),
      untilChecks(release, now, polling),
    )
  },
}
