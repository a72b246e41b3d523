import { looksAtChecks, noteChecks, untilChecks } from '../checks-again.ts'
import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Observation } from '../look.ts'
import { applyChecks } from '../policy/apply-checks.ts'
import { stepApproval } from '../policy/approval-round.ts'
import { checksRuleOf } from '../policy/checks-rule.ts'
import { applyResult } from '../preconditions/apply.ts'
import { failedRun } from '../preconditions/failed-run.ts'
import { looksAtGate, stepGate } from '../tracks/gate.ts'
import { looksAheadOf, rereadRollbackTarget, untilLookAhead } from './reread-target.ts'
import type { StageRules } from './stage-rules.ts'

/** Approvals are counted until there are enough or the time for them is over. */
export const approval: StageRules = {
  looks: (release, rules) => [
    ...looksAheadOf(release),
    ...looksAtChecks(release, rules),
    ...looksAtGate(release),
    ...failedRun.looks(release),
  ],
  step(draft, seen, context) {
    noteChecks(draft, seen)
    stepGate(draft, seen, context)
    if (draft.release.stage.at !== 'approval') return
    endIfNotRerunnable(draft, seen, context)
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
      ...(failedRun.appliesTo(release) ? [now + polling.idleMs] : []),
    )
  },
}

/** Nobody should approve what GitHub will not do. A failed look is made again. */
function endIfNotRerunnable(draft: Draft, seen: Observation, context: Context): void {
  const { release } = draft
  if (!failedRun.appliesTo(release) || !seen.failedRun?.seen) return
  const result = failedRun.judge({ release, seen, context })
  if (result.is === 'end') applyResult(draft, { release, seen, context }, { name: failedRun.name, result })
}
