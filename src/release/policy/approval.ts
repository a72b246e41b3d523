import {
  githubLogin,
  githubPerson,
  isSameOnGitHub,
  type PersonId,
  somebodyOnGitHub,
  type Time,
} from '../names.ts'
import type { Subject } from '../subject.ts'

/** Who must approve. It is copied into the release at its request. */
export type Policy = {
  /** How many distinct people. */
  readonly required: number
  /** Slack user groups and people. */
  readonly approvers: readonly string[]
  readonly requesterMayApprove: boolean
  readonly authorsMayApprove: boolean
  /** Whether approvals may be given in channels that are shared with other organizations. */
  readonly externalChannels: 'allowed' | 'refused'
  /** How long a release waits for its approvals, ms. */
  readonly expireAfterMs: number
  /** Accounts that belong to one person. An account that is not listed is a person of its own. */
  readonly people: readonly Person[]
}

/** One person with several Slack accounts, or a GitHub login that counts as theirs. */
export type Person = { readonly slack: readonly PersonId[]; readonly github?: string }

/** Whether a person is eligible at one moment, decided on the server by what Slack answers. */
export type Eligibility =
  /** `via`: the entry (group or person) that makes the person eligible. */
  | { readonly eligible: true; readonly via: string }
  | { readonly eligible: false; readonly why: Ineligible; readonly sentence: string }

/**
 * Whether the person is a full member of the workspace, approver or not. That suffices to withdraw one's own
 * approval.
 */
export function isMember(standing: Eligibility): boolean {
  return standing.eligible || standing.why === 'not_an_approver' || standing.why === 'group_unknown'
}

export type Ineligible =
  | 'not_a_member'
  | 'not_an_approver'
  /** The person could not be identified. */
  | 'identity_unknown'
  /** A member of whom it could not be determined whether they belong to one of the groups. */
  | 'group_unknown'
  /** The card's channel is shared with another organization, or twokey could not determine whether it is. */
  | 'channel_shared'
  | 'channel_unknown'

/** What a person is in twokey's workspace, by what Slack answers. `why`: why they are no full member. */
export type Membership =
  | { readonly is: 'member' }
  | {
      /**
       * `external`: of another workspace or organization. `inactive`: a bot, a deactivated account, or an invitation
       * that was not accepted. `unknown`: it could not be determined.
       */
      readonly is: 'guest' | 'external' | 'inactive' | 'unknown'
      readonly why: string
    }

/** An approval. `at`: when the button was clicked, however late the click was counted. */
export type Approval = { readonly by: PersonId; readonly at: Time; readonly via: string }

/** The verdict of the policy on the approvals, with its reasons. */
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
  /** Whether those people are eligible now. Absent: as they were at the click. */
  readonly standing?: Readonly<Record<PersonId, Eligibility>>
}

/** Counts distinct, eligible people. A person whose eligibility is not known does not count. */
export function evaluate({ policy, requester, subject, approvals, standing }: Question): ApprovalVerdict {
  const counted: Approval[] = []
  const dismissed: { by: PersonId; why: string }[] = []
  for (const approval of approvals) {
    const why =
      whyBarred({ policy, requester, subject, by: approval.by }) ?? twice(approval) ?? stands(approval)
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
    return counted.some((other) => isSamePerson(policy, other.by, by)) ? 'each person counts once' : null
  }

  function stands({ by }: Approval): string | null {
    if (standing === undefined) return null
    const now = standing[by]
    if (now === undefined) return 'this person could not be identified'
    return now.eligible ? null : now.sentence
  }
}

/** Why this person may not approve this release, whichever group they are in; null: they may. */
export function whyBarred({
  policy,
  requester,
  subject,
  by,
}: Pick<Question, 'policy' | 'requester' | 'subject'> & { by: PersonId }): string | null {
  const asRequester = whyBarredAsRequester(policy, requester, by)
  if (asRequester !== null) return asRequester
  if (policy.authorsMayApprove || subject.kind === 'rollback') return null
  const logins = loginsOf(policy, by)
  const authors = authorsOf(subject)
  if (authors === null)
    return 'the authors of the commits being deployed could not be determined, and authors may not approve'
  if (logins.length === 0)
    return 'authors may not approve, and twokey.yml has no GitHub login for this person'
  return logins.some((login) => authors.includes(login)) ? 'authors of these commits may not approve' : null
}

/** Somebody who started a run on GitHub is known by the login alone, unless twokey.yml names their Slack account. */
function whyBarredAsRequester(policy: Policy, requester: PersonId, by: PersonId): string | null {
  if (policy.requesterMayApprove) return null
  if (requester === somebodyOnGitHub)
    return 'who started the run may not approve it, and GitHub does not say who that is'
  const login = githubLogin(requester)
  if (login === null) return isSamePerson(policy, by, requester) ? 'the requester may not approve' : null
  const logins = loginsOf(policy, by)
  if (logins.length === 0)
    return `who started the run may not approve it, and twokey.yml names no GitHub login for this person`
  return logins.includes(login.toLowerCase()) ? 'who started the run may not approve it' : null
}

/** Whether two accounts belong to one person. */
export function isSamePerson({ people }: Pick<Policy, 'people'>, one: PersonId, other: PersonId): boolean {
  return one === other || people.some(({ slack }) => slack.includes(one) && slack.includes(other))
}

/** The person with this GitHub login: their Slack account, if twokey.yml names it. Null: GitHub does not say who it was. */
export function personWithLogin({ people }: Pick<Policy, 'people'>, login: string | null): PersonId {
  if (login === null) return somebodyOnGitHub
  const known = people.find(({ github }) => github !== undefined && isSameOnGitHub(github, login))
  return known?.slack[0] ?? githubPerson(login)
}

/** One id for all accounts of a person. */
export function personOf({ people }: Pick<Policy, 'people'>, id: PersonId): PersonId {
  return people.find(({ slack }) => slack.includes(id))?.slack[0] ?? id
}

/** In lower case. */
function loginsOf({ people }: Policy, id: PersonId): readonly string[] {
  return people.flatMap(({ slack, github }) =>
    github !== undefined && slack.includes(id) ? [github.toLowerCase()] : [],
  )
}

/** GitHub logins of all authors of the deployed commits, in lower case; null if they cannot be determined. */
export function authorsOf(subject: Subject): readonly string[] | null {
  if (subject.kind === 'rollback') return []
  return subject.authorship.known ? subject.authorship.logins : null
}

/**
 * The policy that applies to a release now: that of its request, with every rule of the current one that is stricter.
 * People are looked up in the lists of both. The time to wait for approvals stays as it was announced.
 */
export function stricter(asked: Policy, currentRules: Policy): Policy {
  return {
    ...asked,
    required: Math.max(asked.required, currentRules.required),
    requesterMayApprove: asked.requesterMayApprove && currentRules.requesterMayApprove,
    authorsMayApprove: asked.authorsMayApprove && currentRules.authorsMayApprove,
    externalChannels:
      allowsSharedChannels(asked) && allowsSharedChannels(currentRules) ? 'allowed' : 'refused',
    people: joined([...currentRules.people, ...asked.people]),
  }
}

/**
 * Joins the people of two configs. Entries that share an account are one person, even if each config knows only half
 * of the accounts.
 */
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

/** Whether two policies require the same approvals. */
export function requiresTheSame(one: Policy, other: Policy): boolean {
  const said = (policy: Policy) => {
    const { required, approvers, requesterMayApprove, authorsMayApprove, people } = policy
    return JSON.stringify([
      required,
      approvers,
      requesterMayApprove,
      authorsMayApprove,
      allowsSharedChannels(policy),
      people,
    ])
  }
  return said(one) === said(other)
}

/** Whether the policy allows shared channels. A stored policy without this field does not. */
export function allowsSharedChannels({ externalChannels }: Policy): boolean {
  return externalChannels === 'allowed'
}

function isLike(one: Person): (other: Person) => boolean {
  return (other) => one.github === other.github && one.slack.join() === other.slack.join()
}
