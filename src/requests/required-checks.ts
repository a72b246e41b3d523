import { Trouble } from '../ports/ports.ts'
import { checksVerdict } from '../release/checks.ts'
import type { ServiceEnvironmentName } from '../release/names.ts'
import { type ChecksRule, withRedCommit } from '../release/policy/checks-rule.ts'
import type { Refusal } from '../release/refusal.ts'
import { becauseRed, checksFailed, checksUnreadable } from '../release/refusals/checks.ts'
import type { Request } from '../release/request.ts'

type Asked = Pick<Request, 'subject' | 'facts' | 'policy'> & { readonly checksRule?: ChecksRule }

/**
 * Why the commit's checks do not allow a request, before anybody is asked to approve it; null: they do, or may still pass. Throws
 * `Trouble` if they could not be read, which may pass.
 */
export function checksRefusal(
  at: ServiceEnvironmentName,
  { subject, facts, checksRule }: Asked,
): Refusal | null {
  const required = facts?.checks?.required
  if (subject.kind === 'rollback' || !checksRule || required === undefined) return null
  const { sha } = subject.commit
  const { unread, url } = required
  switch (checksVerdict(required)) {
    case 'green':
    case 'pending':
    case 'none':
      return null
    case 'red':
      return checksRule.redCommit === null ? checksFailed(at, sha, required) : null
    case 'unreadable':
      if (unread?.kind !== 'terminal')
        throw new Trouble('passing', unread?.reason ?? 'the checks are not known')
      return checksUnreadable(at, sha, { reason: unread.reason, ...(url !== undefined && { url }) })
  }
}

/** The refusal of a request that too few people could approve, with the reason if it is that its checks failed. */
export function tooFewForRed(refusal: Refusal, asked: Asked): Refusal {
  const { subject, policy } = asked
  return subject.kind === 'rollback' || withRedCommit(asked).policy.required === policy.required
    ? refusal
    : becauseRed(refusal, subject.commit.sha)
}
