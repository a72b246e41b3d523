import type { KnownBlock } from '@slack/types'
import type { PolicyHeld } from '../../messages/reply.ts'
import type { DeployRoleCheck, KnownGate } from '../../ports/gates.ts'
import { context } from '../blocks.ts'
import { inCode, outside } from '../escape.ts'

/** How far the policy of a service environment is enforced, after its name. */
export function policyText(policy: PolicyHeld): string {
  switch (policy.held) {
    case 'none':
      return 'no approvals required'
    case 'detected':
      return policy.gate.gate === 'twokey' && policy.gate.bypass === 'nobody' && policy.role !== 'open'
        ? bypassText(policy)
        : `:warning: ${bypassText(policy)}`
  }
}

const roleText: Readonly<Record<DeployRoleCheck, string>> = {
  guarded: 'only jobs that pass the gate can use the deploy role in AWS',
  open: 'other jobs can use the deploy role in AWS without them',
  'not checked': 'who can use the deploy role in AWS was not checked',
}

/** GitHub's own gate requires one of its reviewers, which is not what the policy requires. */
function bypassText({ gate, role = 'not checked' }: Detected): string {
  switch (gate.gate) {
    case 'open':
      return 'Approvals can be bypassed on GitHub (no required reviewers)'
    case 'reviewers':
      return gate.reviewers === 1
        ? 'Approvals can be bypassed on GitHub (it asks its one reviewer)'
        : `Approvals can be bypassed on GitHub (it asks one of its ${gate.reviewers} reviewers)`
    case 'twokey':
      return gate.bypass === 'nobody'
        ? `Approvals are enforced on GitHub; ${roleText[role]}`
        : `Approvals are enforced on GitHub, but administrators can bypass them; ${roleText[role]}`
    case 'unseen':
      return `Approvals may be bypassed on GitHub (its required reviewers could not be read: ${outside(gate.why, 150)})`
  }
}

/** How to close what lets people past the approvals, and what deploys there without them. */
export function enforcementLines(policy: PolicyHeld): readonly string[] {
  if (policy.held === 'none') return []
  const next = closingText(policy)
  return [
    ...(next === null ? [] : [`*To enforce them:* ${next}`]),
    ...(policy.role === 'open'
      ? [`*Deploy role:* ${inCode('/deploy doctor')} shows which jobs, and what to change.`]
      : []),
    ...startsOnLines(policy),
  ]
}

type Detected = Extract<PolicyHeld, { held: 'detected' }>

function closingText({ gate, at }: Detected): string | null {
  if (at === undefined) return null
  const where = `Settings → Environments → ${outside(at.githubEnvironment, 60)} of ${outside(at.repository, 100)}`
  const reviewed = `enable twokey’s GitHub App under ${where}, or make its account the only required reviewer.`
  switch (gate.gate) {
    case 'open':
      return gate.repository === 'private'
        ? `on GitHub Enterprise, ${reviewed} On other plans GitHub has no gates for private repositories, so pushes are not blocked.`
        : reviewed
    case 'reviewers':
      return reviewed
    case 'twokey':
      return gate.bypass === 'nobody'
        ? null
        : `clear “Allow administrators to bypass configured protection rules” under ${where}.`
    case 'unseen':
      return null
  }
}

/** Where twokey has the gate, each run asks for the approvals there, whatever starts it. */
function startsOnLines({ startsOn = [], gate }: Detected): readonly string[] {
  if (startsOn.length === 0 || gate.gate === 'twokey') return []
  return [
    `:warning: The workflow also starts without approvals in Slack, on: ${startsOn.map((event) => outside(event, 80)).join(', ')}`,
  ]
}

/** Explains the words on this page. */
export function enforcementLegend(policies: readonly PolicyHeld[]): readonly KnownBlock[] {
  const gates = policies.flatMap((policy) => (policy.held === 'detected' ? [policy.gate] : []))
  if (gates.length === 0) return []
  const isEnforced = (gate: KnownGate) => gate.gate === 'twokey'
  const onGitHub = gates.some((gate) => !isEnforced(gate))
    ? 'Where they are not enforced on GitHub, it cannot block a run that somebody starts there, which it reports in the channel.'
    : 'It cannot stop an administrator who opens the gate on GitHub, which it reports in the channel.'
  return [
    context(
      `*What approvals cannot stop:* twokey requires them before each release that it starts${gates.some(isEnforced) ? ' or lets through' : ''}. ${onGitHub} Nor can it block a change that somebody makes in AWS, which this list shows as “deployed outside twokey”.`,
    ),
  ]
}
