import { Trouble } from '../ports/ports.ts'
import { type Checks, checksVerdict } from '../release/checks.ts'
import { type ChecksRule, withRedCommit } from '../release/policy/checks-rule.ts'
import type { Refusal } from '../release/refusal.ts'
import { becauseRed } from '../release/refusals/checks.ts'
import type { Request } from '../release/request.ts'

/**
 * Throws `Trouble` if the checks that a rule requires could not be read, which may pass. Nobody is asked to approve before
 * they were read once.
 */
export function requireChecksRead(checks: Checks | undefined, rule: ChecksRule | undefined): void {
  const required = checks?.required
  if (!rule || required === undefined || checksVerdict(required) !== 'unreadable') return
  const { unread } = required
  if (unread?.kind !== 'terminal') throw new Trouble('passing', unread?.reason ?? 'the checks are not known')
}

/** The refusal of a request that too few people could approve, with the reason if it is that its checks failed. */
export function tooFewForRed(
  refusal: Refusal,
  asked: Pick<Request, 'subject' | 'facts' | 'policy'> & { readonly checksRule?: ChecksRule },
): Refusal {
  const { subject, policy } = asked
  return subject.kind === 'rollback' || withRedCommit(asked).policy.required === policy.required
    ? refusal
    : becauseRed(refusal, subject.commit.sha)
}
