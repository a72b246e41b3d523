import type { PersonId, Time } from './release.ts'

/** Who must turn keys. Copied into the release when it is asked for. */
export type Policy = {
  /** How many distinct people. */
  readonly required: number
  /** Slack user groups and people. */
  readonly approvers: readonly string[]
  readonly requesterMayApprove: boolean
  readonly authorsMayApprove: boolean
  /** How long to wait for the keys, ms. */
  readonly expireAfterMs: number
}

/** A person's standing at one moment, decided on the server from what Slack says. */
export type Eligibility =
  | { readonly eligible: true /** The group or person entry that admits. */; readonly via: string }
  | { readonly eligible: false; readonly why: Ineligible; readonly sentence: string }

export type Ineligible = 'not_a_member' | 'not_an_approver' | 'identity_unknown'

/** A key that was turned. */
export type Approval = { readonly by: PersonId; readonly at: Time; readonly via: string }

/** What the policy says of the keys that are in, explaining itself. */
export type ApprovalVerdict = {
  readonly status: 'approved' | 'pending'
  readonly counted: readonly Approval[]
  readonly dismissed: readonly { readonly by: PersonId; readonly why: string }[]
  readonly missing: number
  readonly required: number
}

type Question = {
  readonly policy: Policy
  readonly requester: PersonId
  readonly approvals: readonly Approval[]
  /** How those people stand now; absent: as they stood at the click. */
  readonly standing?: Readonly<Record<PersonId, Eligibility>>
}

/** Counts distinct, eligible people. Whoever is not known to be eligible does not count. */
export function evaluate({ policy, requester, approvals, standing }: Question): ApprovalVerdict {
  const counted: Approval[] = []
  const dismissed: { by: PersonId; why: string }[] = []
  for (const approval of approvals) {
    const why = whyNot(approval)
    if (why === null) counted.push(approval)
    else dismissed.push({ by: approval.by, why })
  }
  const missing = Math.max(0, policy.required - counted.length)
  return {
    status: missing === 0 ? 'approved' : 'pending',
    counted,
    dismissed,
    missing,
    required: policy.required,
  }

  function whyNot({ by }: Approval): string | null {
    if (by === requester && !policy.requesterMayApprove) return 'the requester may not approve'
    if (counted.some((other) => other.by === by)) return 'one person counts once'
    if (standing === undefined) return null
    const now = standing[by]
    if (now === undefined) return 'it could not be told who this is'
    return now.eligible ? null : now.sentence
  }
}

/** The stricter of the policy a release was asked under and today's. */
export function stricter(asked: Policy, today: Policy): Policy {
  return {
    required: Math.max(asked.required, today.required),
    approvers: asked.approvers.filter((id) => today.approvers.includes(id)),
    requesterMayApprove: asked.requesterMayApprove && today.requesterMayApprove,
    authorsMayApprove: asked.authorsMayApprove && today.authorsMayApprove,
    expireAfterMs: Math.min(asked.expireAfterMs, today.expireAfterMs),
  }
}
