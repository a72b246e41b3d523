import { type CommitFrom, isOfCommit } from './commit-source.ts'
import type { Context } from './context.ts'
import { Draft } from './draft.ts'
import type { AuditEntry, Effect } from './effects.ts'
import type { Facts } from './facts.ts'
import type { Observation } from './look.ts'
import { type PersonId, type Target, type Time, targetName } from './names.ts'
import { applyChecks } from './policy/apply-checks.ts'
import { applyFreeze } from './policy/apply-freeze.ts'
import { authorsOf, type Policy } from './policy/approval.ts'
import { advanceIfApproved } from './policy/approval-round.ts'
import { type ChecksRule, withRedCommit } from './policy/checks-rule.ts'
import type { CurrentRules } from './policy/current-rules.ts'
import { effectOf, type Freeze, underFreeze } from './policy/freeze.ts'
import { passLock } from './policy/show-lock.ts'
import { evaluate, openResults, requestRefusal } from './preconditions/list.ts'
import type { Facts as PreconditionFacts } from './preconditions/precondition.ts'
import type { Refusal } from './refusal.ts'
import { policyCannotDetermineAuthors, policyUnsatisfiable } from './refusals/approvers.ts'
import { releaseTooLarge } from './refusals/asking.ts'
import { nothingToDeploy } from './refusals/commits.ts'
import { alreadyServing } from './refusals/revisions.ts'
import type { Emergency, Release } from './release.ts'
import { replacedReleasesOf } from './replaced-release.ts'
import type { Revision } from './revision.ts'
import { excessOf } from './size.ts'
import type { Subject } from './subject.ts'
import { freshTracks } from './tracks.ts'

/** Everything known at the request of a release, looked up outside before. */
export type Request = {
  readonly id: string
  readonly service: string
  readonly environment: string
  readonly targets: readonly Target[]
  readonly subject: Subject
  readonly facts?: Facts
  readonly requester: PersonId
  readonly channel: string
  readonly policy: Policy
  /** Who approves that a paused rollout continues. Absent: as `policy`. */
  readonly pausePolicy?: Policy
  /** The rule for the commit's checks, which `facts` has. Absent: none applies. */
  readonly checksRule?: ChecksRule
  readonly waitMs: number
  readonly deadlines: Release['deadlines']
  readonly settleMs: number
  readonly notify: readonly string[]
  readonly containers: readonly string[]
  readonly commitFrom?: CommitFrom
  readonly migration: Release['migration']
  /**
   * The revision that each target runs (for a rollback: is configured to run), in their order; empty if it cannot be
   * determined.
   */
  readonly serving: readonly Revision[]
  /** How many people may approve, counted up to the number required. */
  readonly eligible: number
  /** Set for an emergency; `policy` is then that of emergencies. */
  readonly emergency?: Omit<Emergency, 'acknowledged'>
  /** What was read for the preconditions, but for the checks, which `facts` has. */
  readonly seen: Observation
}

/** A request while it is still being looked up. */
export type PartialRequest = Omit<Request, 'eligible'> & Partial<Pick<Request, 'eligible'>>

/**
 * Whether a release holds its lanes at once, or is next: a rollback may wait to replace a running deploy. `later`: a
 * run that waits at a gate takes them when it is opened.
 */
export type LanePlace = 'current' | 'next' | 'later'

export type Requested =
  | {
      readonly release: Release
      readonly place: LanePlace
      readonly effects: readonly Effect[]
      readonly audit: readonly AuditEntry[]
    }
  | { readonly refused: Refusal }

/** The facts for a request, read in the transaction that creates the release. */
export type RequestContext = Pick<Context, 'holders' | 'lock' | 'freeze' | 'currentRules'>

/** Creates the release, or refuses it. */
export function request(asked: Request, context: RequestContext, now: Time): Requested {
  const { holders, lock, freeze } = context
  const facts = factsOf(asked, context, now)
  const evaluated = evaluate(facts)
  const refused =
    nothingToDo(asked, holders) ??
    requestRefusal(facts, evaluated) ??
    unsatisfiable(withRaisedApprovals(asked, freeze))
  if (refused) return { refused }
  const { release } = facts
  const { behind } = release
  const excess = excessOf(release)
  if (excess) return { refused: releaseTooLarge(asked, excess) }
  const draft = new Draft(release, now)
  const { emergency } = asked
  draft.record(asked.requester, emergency ? 'requested in emergency' : 'requested', {
    service: asked.service,
    environment: asked.environment,
    targets: asked.targets.map(targetName),
    subject: auditedSubject(asked.subject),
    policy: asked.policy,
    ...(asked.pausePolicy && { pausePolicy: asked.pausePolicy }),
    serving: asked.serving,
    behind,
    ...(asked.facts && { facts: asked.facts }),
    ...emergency,
    preconditions: openResults(evaluated),
  })
  const { requester: by, subject } = asked
  const { servingBefore: serving } = draft.release
  draft.post('asked', { tell: 'asked', by, subject, serving, behind })
  if (emergency) announce(draft, asked, emergency)
  if (lock) passLock(draft, lock)
  applyChecks(draft, asked.checksRule ?? null)
  applyFreeze(draft, freeze)
  advanceIfApproved(draft)
  return {
    release: draft.release,
    place: placeOf(asked, holders),
    effects: draft.effects,
    audit: draft.audit,
  }
}

/**
 * Why what was read for a request so far refuses it, before its release is created; null: nothing does. Locks, freezes
 * and lanes are read in the transaction that creates the release.
 */
export function refusalSoFar(
  asked: PartialRequest,
  currentRules: CurrentRules | null,
  now: Time,
): Refusal | null {
  const facts = factsOf(asked, { holders: [], lock: null, freeze: null, currentRules }, now)
  return requestRefusal(facts, evaluate(facts))
}

/** The facts on which preconditions judge the release that would be created. */
function factsOf(asked: PartialRequest, context: RequestContext, now: Time): PreconditionFacts {
  const checks = asked.facts?.checks
  return {
    release: newRelease(asked, context.holders, now),
    seen: { ...asked.seen, ...(checks && { checks: { seen: true, value: checks } }) },
    context: { ...context, now, people: [], hasPendingStop: false, hasCard: false, nextSentAt: null },
  }
}

function placeOf({ subject }: Request, holders: readonly Release[]): LanePlace {
  if (subject.kind === 'gate') return 'later'
  return holders.length > 0 ? 'next' : 'current'
}

/** The subject for the audit, without what is only shown. */
function auditedSubject(subject: Subject): Record<string, unknown> {
  if (subject.kind === 'rollback') {
    const { difference: _, ...rest } = subject
    return rest
  }
  const { changes, authorship, ...rest } = subject
  if (!changes.known) return { ...rest, changes, authorship }
  const { total, direction, url } = changes
  return { ...rest, changes: { total, direction, url }, authorship }
}

function newRelease(asked: PartialRequest, holders: readonly Release[], now: Time): Release {
  const { serving, emergency, eligible: _, seen: _seen, ...rest } = asked
  return {
    ...rest,
    requestedAt: now,
    servingBefore: serving[0] ?? null,
    behind: asked.subject.kind === 'gate' ? [] : replacedReleasesOf(holders),
    approvals: [],
    approvedAt: null,
    discounted: [],
    mayNotStop: [],
    emergency: emergency ? { ...emergency, acknowledged: null } : null,
    freeze: null,
    lock: null,
    voided: null,
    round: 0,
    stage: { at: 'approval', since: now },
    tracks: {
      ...freshTracks(asked.targets),
      ...(asked.subject.kind === 'gate' && { gate: { is: 'waiting', reviewedAt: null } }),
    },
    sentAt: null,
    sentAtAws: null,
    cancelAsked: null,
    supersededBy: null,
    cancelSentAt: null,
    blind: {},
    told: [],
  }
}

/** Announces an emergency in the channel, to everyone who would have approved. */
function announce(draft: Draft, asked: Request, { why, usual }: NonNullable<Request['emergency']>): void {
  const { requester, policy, notify } = asked
  const mention = [...new Set([...usual.approvers, ...policy.approvers, ...notify])]
  const { required } = policy
  draft.post(
    'emergency',
    { tell: 'emergency', by: requester, why, required, usual: usual.required, mention },
    'channel',
  )
}

function withRaisedApprovals(asked: Request, freeze: Freeze | null): Request {
  const red = withRedCommit(asked)
  return effectOf(freeze, red) === 'raised' ? { ...red, policy: underFreeze(red.policy, freeze) } : red
}

/**
 * Refuses what already runs in every target, unless a run that waits at a gate does it anyway. A rollback to the
 * running revision is useful while a deploy is about to replace it.
 */
function nothingToDo(
  { subject, serving, ...serviceEnvironment }: Request,
  holders: readonly Release[],
): Refusal | undefined {
  const [first] = serving
  if (!first || subject.kind === 'gate') return undefined
  if (subject.kind === 'rollback') {
    if (holders.length > 0 || subject.stops) return undefined
    const isThere = serving.every(({ arn }) => arn === subject.revision.arn)
    return isThere ? alreadyServing(serviceEnvironment, first.name) : undefined
  }
  // Jobs after the rollout may be what failed.
  if (subject.kind === 'rerun') return undefined
  const { sha } = subject.commit
  const isThere = serving.every(({ commit }) => isOfCommit(commit, sha))
  return isThere ? nothingToDeploy(serviceEnvironment, { commit: sha, revision: first.name }) : undefined
}

/** Counts the eligible approvers again, because a freeze may have raised the number of approvals. */
function unsatisfiable({ eligible, policy, subject, environment }: Request): Refusal | undefined {
  if (policy.required > 0 && !policy.authorsMayApprove && authorsOf(subject) === null)
    return policyCannotDetermineAuthors(environment)
  if (eligible >= policy.required) return undefined
  const { required } = policy
  return policyUnsatisfiable({ environment, required }, { persons: eligible, groups: [], leavesOut: policy })
}
