import type { PersonId, Time } from '../names.ts'
import type { Subject } from '../subject.ts'

/** Who must approve. Copied into the release when it is asked for. */
export type Policy = {
  /** How many distinct people. */
  readonly required: number
  /** Slack user groups and people. */
  readonly approvers: readonly string[]
  readonly requesterMayApprove: boolean
  readonly authorsMayApprove: boolean
  /** Whether approvals may be given in channels that are shared with other organizations. */
  readonly externalChannels: 'allowed' | 'refused'
  /** How long to wait for the approvals, ms. */
  readonly expireAfterMs: number
  /** Accounts that are one person. Whoever is not listed is a person of one account. */
  readonly people: readonly Person[]
}

/** One person with several Slack accounts, or a GitHub login that counts as theirs. */
export type Person = { readonly slack: readonly PersonId[]; readonly github?: string }

/** A person's standing at one moment, decided on the server from what Slack says. */
export type Eligibility =
  /** `via`: the group or person entry that admits. */
  | { readonly eligible: true; readonly via: string }
  | { readonly eligible: false; readonly why: Ineligible; readonly sentence: string }

/** Somebody here, though perhaps not among those who are asked for: what is theirs alone they may take back. */
export function isMember(standing: Eligibility): boolean {
  return standing.eligible || standing.why === 'not_an_approver' || standing.why === 'group_unknown'
}

export type Ineligible =
  | 'not_a_member'
  | 'not_an_approver'
  /** It could not be determined who this is. */
  | 'identity_unknown'
  /** A member, and it could not be determined whether one of the groups. */
  | 'group_unknown'
  /** The card's channel is shared with another organization, or it could not be determined. */
  | 'channel_shared'
  | 'channel_unknown'

/** What somebody is in the workspace that twokey is installed in, by what Slack says. `why`: why no full member. */
export type Membership =
  | { readonly is: 'member' }
  | {
      /**
       * `external`: of another workspace or organization. `inactive`: a bot, or an account that is deactivated or was not
       * taken up. `unknown`: it could not be determined.
       */
      readonly is: 'guest' | 'external' | 'inactive' | 'unknown'
      readonly why: string
    }

/** An approval. `at`: when the button was clicked, however late it was counted. */
export type Approval = { readonly by: PersonId; readonly at: Time; readonly via: string }

/** What the policy says of the approvals that are in, explaining itself. */
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
  readonly subject: Subject
  readonly approvals: readonly Approval[]
  /** How those people stand now; absent: as they stood at the click. */
  readonly standing?: Readonly<Record<PersonId, Eligibility>>
}

/** Counts distinct, eligible people. Whoever is not known to be eligible does not count. */
export function evaluate({ policy, requester, subject, approvals, standing }: Question): ApprovalVerdict {
  const counted: Approval[] = []
  const dismissed: { by: PersonId; why: string }[] = []
  for (const approval of approvals) {
    const why = barred({ policy, requester, subject, by: approval.by }) ?? twice(approval) ?? stands(approval)
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

  function twice({ by }: Approval): string | null {
    return counted.some((other) => isSamePerson(policy, other.by, by)) ? 'one person counts once' : null
  }

  function stands({ by }: Approval): string | null {
    if (standing === undefined) return null
    const now = standing[by]
    if (now === undefined) return 'this person could not be identified'
    return now.eligible ? null : now.sentence
  }
}

/** Why this person may not approve this release, whatever their group; null where they may. */
export function barred({
  policy,
  requester,
  subject,
  by,
}: Pick<Question, 'policy' | 'requester' | 'subject'> & { by: PersonId }): string | null {
  if (isSamePerson(policy, by, requester) && !policy.requesterMayApprove)
    return 'the requester may not approve'
  if (policy.authorsMayApprove || subject.kind === 'rollback') return null
  const logins = loginsOf(policy, by)
  const authors = authorsOf(subject)
  if (authors === null)
    return 'the authors of what ships could not be determined, and authors may not approve'
  if (logins.length === 0)
    return 'authors may not approve, and the config names no GitHub login for this person'
  return logins.some((login) => authors.includes(login)) ? 'authors of what ships may not approve' : null
}

/** Whether two accounts belong to one person. */
export function isSamePerson({ people }: Pick<Policy, 'people'>, one: PersonId, other: PersonId): boolean {
  return one === other || people.some(({ slack }) => slack.includes(one) && slack.includes(other))
}

/** One name for all accounts of a person. */
export function personOf({ people }: Pick<Policy, 'people'>, id: PersonId): PersonId {
  return people.find(({ slack }) => slack.includes(id))?.slack[0] ?? id
}

/** In lower case. */
function loginsOf({ people }: Policy, id: PersonId): readonly string[] {
  return people.flatMap(({ slack, github }) =>
    github !== undefined && slack.includes(id) ? [github.toLowerCase()] : [],
  )
}

/** GitHub logins of all who wrote what ships, in lower case; null where they cannot be determined. */
export function authorsOf(subject: Subject): readonly string[] | null {
  if (subject.kind === 'rollback') return []
  return subject.authorship.known ? subject.authorship.logins : null
}

/**
 * The policy of a release from today on: the one it was asked under, and where today's is stricter, today's.
 * Whom it admits is asked of both lists where people are looked up; how long it waits for approvals stays as it was told.
 */
export function stricter(asked: Policy, currentRules: Policy): Policy {
  return {
    ...asked,
    required: Math.max(asked.required, currentRules.required),
    requesterMayApprove: asked.requesterMayApprove && currentRules.requesterMayApprove,
    authorsMayApprove: asked.authorsMayApprove && currentRules.authorsMayApprove,
    externalChannels: mayBeShared(asked) && mayBeShared(currentRules) ? 'allowed' : 'refused',
    people: joined([...currentRules.people, ...asked.people]),
  }
}

/** People of two files: who shares an account with one person is that person, also where each file knows half of the accounts. */
export function joined(people: readonly Person[]): readonly Person[] {
  const whole = people.map((person) => ({ ...person, slack: accountsOf(person.slack, people).toSorted() }))
  return whole.filter((person, index) => whole.findIndex(isLike(person)) === index)
}

function accountsOf(known: readonly PersonId[], people: readonly Person[]): readonly PersonId[] {
  const all = [
    ...new Set([
      ...known,
      ...people.filter(({ slack }) => slack.some((id) => known.includes(id))).flatMap(({ slack }) => slack),
    ]),
  ]
  return all.length === known.length ? known : accountsOf(all, people)
}

/** Whether two policies ask for the same keys. */
export function asksTheSame(one: Policy, other: Policy): boolean {
  const said = (policy: Policy) => {
    const { required, approvers, requesterMayApprove, authorsMayApprove, people } = policy
    return JSON.stringify([
      required,
      approvers,
      requesterMayApprove,
      authorsMayApprove,
      mayBeShared(policy),
      people,
    ])
  }
  return said(one) === said(other)
}

/** What was asked for under a policy that said nothing of it was not allowed. */
export function mayBeShared({ externalChannels }: Policy): boolean {
  return externalChannels === 'allowed'
}

function isLike(one: Person): (other: Person) => boolean {
  return (other) => one.github === other.github && one.slack.join() === other.slack.join()
}
