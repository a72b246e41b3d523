import type { Draft } from '../draft.ts'
import type { Release } from '../release.ts'
import { askAgain } from './approval-round.ts'
import { type ChecksRule, isRed, redText, underRedCommit } from './checks-rule.ts'

/** The release with the approvals that failed checks ask for; null: it has them already. */
export function raisedForRed(
  release: Release,
  rule: ChecksRule,
): Pick<Release, 'policy' | 'redCommit'> | null {
  const { policy, redCommit } = release
  const raised = underRedCommit(policy, rule)
  if (redCommit && raised.required === policy.required) return null
  return { policy: raised, redCommit: redCommit ?? { usual: policy.required } }
}

/**
 * Applies failed checks while approvals are missing: the release ends, or needs more approvals. Those that were given before are
 * void, because people approved another commit than they were shown. Raised approvals stay raised when the checks pass.
 */
export function applyChecks(draft: Draft, rule: ChecksRule | null): void {
  const { release } = draft
  const { subject, facts } = release
  const checks = facts?.checks
  if (rule === null || checks === undefined || subject.kind === 'rollback' || !isRed(checks)) return
  const why = redText(subject.commit.sha, checks)
  if (rule.redCommit === null) {
    draft.record('twokey', 'checks failed', { checks: checks.required })
    draft.end('failed', `${why}; nothing was sent`)
    return
  }
  const raised = raisedForRed(release, rule)
  if (raised === null) return
  draft.change(raised)
  draft.record('twokey', 'red commit', {
    usual: raised.redCommit?.usual,
    required: raised.policy.required,
    checks: checks.required,
  })
  if (release.approvals.length > 0) askAgain(draft, why)
}
