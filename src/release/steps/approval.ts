import { type ApprovalVerdict, barred, evaluate, isSamePerson } from '../approval.ts'
import type { Clicker } from '../decide.ts'
import type { Draft } from '../draft.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type Release, targetName } from '../release.ts'
import { actionsOf, stateOf } from '../state.ts'

/** The keys as they are, counted as the card shows them. */
export function approvalVerdict(release: Release): ApprovalVerdict {
  return evaluate(release)
}

/** One more key. The last one starts the wait, or the last look before the dispatch. */
export function approve(
  draft: Draft,
  { by, round }: { by: Clicker; round: number | null },
): Refusal | undefined {
  const { release, now } = draft
  if (!actionsOf(release).includes('approve')) return decided(release)
  if (expired(draft)) return decided(draft.release)
  if (!by.standing.eligible) return notEligible(by.standing)
  if (round !== release.round)
    return refuse(
      'card_outdated',
      'Your click does not count: the card has changed since, and keys are asked for anew.',
      'Read the card as it is now, then press Approve again.',
    ).refused
  const why = barred({ ...release, by: by.id })
  if (why !== null)
    return refuse(
      'may_not_approve',
      `Your click does not count: ${why}.`,
      'Ask another approver to press Approve.',
    ).refused
  if (release.approvals.some((approval) => isSamePerson(release.policy, approval.by, by.id)))
    return refuse(
      'already_approved',
      'You have approved already: one person counts once.',
      'Wait for another approver.',
    ).refused
  draft.change({ approvals: [...release.approvals, { by: by.id, at: now, via: by.standing.via }] })
  const verdict = approvalVerdict(draft.release)
  draft.note(by.id, 'approved', { via: by.standing.via, missing: verdict.missing, ...binding(release) })
  draft.tellEachTime('approved', { tell: 'approved', by: by.id, missing: verdict.missing })
  passGate(draft)
  return undefined
}

/** The clock may end the wait for keys; an environment that asks for none goes straight on. */
export function stepApproval(draft: Draft): undefined {
  if (!expired(draft)) passGate(draft)
}

/** Moves on once the policy is satisfied. */
export function passGate(draft: Draft): void {
  const { release, now } = draft
  if (approvalVerdict(release).status !== 'approved') return
  if (release.waitMs > 0) draft.to({ at: 'wait', until: now + release.waitMs })
  else draft.to({ at: 'ready', since: now, placeAskedAt: null })
}

/** Voids the keys that are in, says why, and asks again. */
export function askAgain(draft: Draft, why: string): void {
  draft.note('twokey', 'approvals voided', { why })
  draft.tellEachTime('voided', { tell: 'voided', why })
  askFrom(draft, [])
}

/** Back to asking, in a new round: clicks on what the card showed before do not count. */
export function askFrom(draft: Draft, approvals: Release['approvals']): void {
  draft.change({ approvals, round: draft.release.round + 1 })
  draft.to({ at: 'approval', since: draft.now })
}

function expired(draft: Draft): boolean {
  const { stage, policy, requestedAt } = draft.release
  if (stage.at !== 'approval' || draft.now < stage.since + policy.expireAfterMs) return false
  const { missing } = approvalVerdict(draft.release)
  draft.end('expired', `${missing} of ${policy.required} approvals were missing when the time ran out`)
  draft.note('twokey', 'expired', { requestedAt })
  return true
}

/** What an approval is bound to, for the audit. */
function binding({ subject, environment, targets, policy }: Release): Record<string, unknown> {
  const what =
    subject.kind === 'deploy'
      ? { repository: subject.repository, commit: subject.commit.sha, githubTree: subject.githubTree }
      : { revision: subject.revision.arn }
  return { ...what, environment, targets: targets.map(targetName), policy }
}

/** The click of somebody who may not. */
export function notEligible(standing: Extract<Clicker['standing'], { eligible: false }>): Refusal {
  return refuse(
    standing.why,
    `Your click does not count: ${standing.sentence}.`,
    'Ask one of the approvers named on the card.',
  ).refused
}

/** The click came after its time. */
export function decided(release: Release): Refusal {
  const by = release.approvals.map((approval) => `<@${approval.by}>`).join(' and ')
  return refuse(
    'already_decided',
    `This release is past its approvals${by ? ` (approved by ${by})` : ''}: it is ${stateOf(release)}.`,
    'See its card for where it is now.',
  ).refused
}
