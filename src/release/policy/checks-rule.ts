import { type Checks, checkNamesText, checksVerdict } from '../checks.ts'
import type { Policy } from './approval.ts'

/** The required checks of a commit have to pass before it is deployed. */
export type ChecksRule = {
  /** How many approvals a commit needs whose checks failed; null: it is not deployed. */
  readonly redCommit: number | null
}

/** What of a release, or of a request for one, decides about a failed check. */
type Checked = {
  readonly checksRule?: ChecksRule
  readonly facts?: { readonly checks?: Checks }
  readonly policy: Policy
}

/** The rule that applies to a release: the stricter one of those at its request and now; null: none applies. */
export function checksRuleOf(
  { checksRule }: Pick<Checked, 'checksRule'>,
  current: { readonly checks: ChecksRule | null } | null,
): ChecksRule | null {
  return stricterChecks(checksRule ?? null, current?.checks ?? null)
}

/** The stricter one of two rules: more approvals for a commit whose checks failed, or none that suffice. */
export function stricterChecks(one: ChecksRule | null, other: ChecksRule | null): ChecksRule | null {
  if (one === null || other === null) return one ?? other
  const { redCommit } = one
  if (redCommit === null || other.redCommit === null) return { redCommit: null }
  return { redCommit: Math.max(redCommit, other.redCommit) }
}

/** Whether required checks of the commit have failed. */
export function isRed(checks: Checks | undefined): boolean {
  return checks?.required !== undefined && checksVerdict(checks.required) === 'red'
}

/** The policy for a release whose checks failed: more approvals, if the rule names more. */
export function underRedCommit<P extends Pick<Policy, 'required'>>(policy: P, { redCommit }: ChecksRule): P {
  return { ...policy, required: Math.max(policy.required, redCommit ?? 0) }
}

/** The request with the approvals that it needs because its checks failed. */
export function withRedCommit<R extends Checked>(asked: R): R {
  const { checksRule, facts, policy } = asked
  return checksRule && isRed(facts?.checks) ? { ...asked, policy: underRedCommit(policy, checksRule) } : asked
}

/** `The required checks of 3f2c1ab failed: e2e`, without a full stop. */
export function redText(commit: string, { required }: Checks): string {
  const failed =
    required === undefined || required.failed.count === 0 ? '' : `: ${checkNamesText(required.failed)}`
  return `the required checks of ${commit.slice(0, 7)} failed${failed}`
}
