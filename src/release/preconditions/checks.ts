import { type Checks, checkNamesText, checksVerdict } from '../checks.ts'
import { requiredChecksLook } from '../checks-again.ts'
import { foreign } from '../foreign.ts'
import { raisedForRed } from '../policy/apply-checks.ts'
import { type ChecksRule, checksRuleOf, redText } from '../policy/checks-rule.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Refusal } from '../refusal.ts'
import { checksFailed, checksUnreadable } from '../refusals/checks.ts'
import type { Release } from '../release.ts'
import {
  end,
  type Facts,
  judgeLook,
  type NotOpen,
  open,
  type Precondition,
  type Result,
  waitFor,
} from './precondition.ts'

/**
 * The required checks of the commit have passed, where the config asks for that. Checks that failed end the release, or need more
 * approvals. Rollbacks and emergency deploys are exempt.
 */
export const checks = {
  name: 'checks',
  appliesTo,
  looks: requiredChecksLook,
  judge,
  refusal,
} satisfies Precondition

function appliesTo(release: Release, rules: CurrentRules | null): boolean {
  return release.subject.kind !== 'rollback' && checksRuleOf(release, rules) !== null
}

function judge(facts: Facts): Result {
  const { release, context } = facts
  const rule = checksRuleOf(release, context.currentRules)
  if (release.subject.kind === 'rollback' || rule === null) return open()
  const { sha } = release.subject.commit
  return judgeLook(facts, 'checks', (seen) => judgeChecks(release, { rule, sha, seen }))
}

/** Checks that are pending, or could not be read for now, may still pass, and raised approvals may allow a commit whose checks failed. */
function refusal({ release, seen: { checks: seen } }: Facts, { is }: NotOpen): Refusal | null {
  if (release.subject.kind === 'rollback' || !seen?.seen || seen.value.required === undefined) return null
  const { sha } = release.subject.commit
  const { required } = seen.value
  if (is === 'end') return checksFailed(release, sha, required)
  const { unread, url } = required
  if (checksVerdict(required) !== 'unreadable' || unread?.kind !== 'terminal') return null
  return checksUnreadable(release, sha, { reason: unread.reason, ...(url !== undefined && { url }) })
}

function judgeChecks(
  release: Release,
  { rule, sha, seen }: { readonly rule: ChecksRule; readonly sha: string; readonly seen: Checks },
): Result {
  const { required } = seen
  if (required === undefined) return waitFor('the required checks to be read')
  const verdict = checksVerdict(required)
  switch (verdict) {
    case 'green':
      return open({ verdict, ...required })
    case 'pending':
      return waitFor(`required checks to pass: ${checkNamesText(required.pending)}`)
    case 'none':
      return waitFor(`checks of ${sha.slice(0, 7)} to be reported: there are none`)
    case 'unreadable':
      return waitFor(`required checks, which could not be read: ${foreign(required.unread?.reason ?? '')}`)
    case 'red':
      return judgeRed(release, { rule, sha, seen })
  }
}

function judgeRed(
  release: Release,
  { rule, sha, seen }: { readonly rule: ChecksRule; readonly sha: string; readonly seen: Checks },
): Result {
  const why = redText(sha, seen)
  const differs = { what: 'checks failed', detail: { ...seen.required } }
  if (rule.redCommit === null) return end('failed', `${why}; nothing was sent`, { differs })
  const changed = raisedForRed(release, rule)
  return changed === null
    ? open({ verdict: 'red', approvals: release.policy.required, ...seen.required })
    : { is: 'ask again', why, changed, differs }
}
