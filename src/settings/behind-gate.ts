import { isSameOnGitHub } from '../release/names.ts'
import { type Policy, stricter } from '../release/policy/approval.ts'

type Gated = {
  readonly repository: string
  readonly workflow: string
  readonly branch: string
  readonly githubEnvironment: string
}

/**
 * The service environments that runs of other workflows or branches reach through the same gate. What passes it gets the
 * secrets and the roles of the GitHub environment, and so access to them, too.
 */
export function othersBehindGate<Other extends Gated>(
  all: readonly Other[],
  { repository, workflow, branch, githubEnvironment }: Gated,
): readonly Other[] {
  return all.filter(
    (other) =>
      isSameOnGitHub(other.repository, repository) &&
      isSameOnGitHub(other.githubEnvironment, githubEnvironment) &&
      (other.workflow !== workflow || other.branch !== branch),
  )
}

type Required = { readonly policy: Policy; readonly waitMs: number }

/**
 * Rules with as many approvals, and as long a wait, as other service environments require. The approvers stay the same: those
 * of another workflow need not know this one.
 */
export function withApprovalsOf<Rules extends Required>(rules: Rules, others: readonly Required[]): Rules {
  return {
    ...rules,
    policy: [rules, ...others].map(({ policy }) => policy).reduce(stricter),
    waitMs: Math.max(...[rules, ...others].map(({ waitMs }) => waitMs)),
  }
}
