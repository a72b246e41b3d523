import { labelsThatFreeLane } from './actions/actions.ts'
import { type CommitFrom, isOfCommit } from './commit-source.ts'
import { Draft } from './draft.ts'
import type { AuditEntry, Effect } from './effects.ts'
import type { Facts } from './facts.ts'
import { type PersonId, type Target, type Time, targetName } from './names.ts'
import { applyChecks } from './policy/apply-checks.ts'
import { applyFreeze } from './policy/apply-freeze.ts'
import { authorsOf, type Policy } from './policy/approval.ts'
import { advanceIfApproved } from './policy/approval-round.ts'
import { type ChecksRule, isRed, withRedCommit } from './policy/checks-rule.ts'
import { effectOf, type Freeze, underFreeze } from './policy/freeze.ts'
import type { Lock } from './policy/lock.ts'
import { lockRefusal, passLock } from './policy/show-lock.ts'
import { freeze as freezePrecondition } from './preconditions/freeze.ts'
import { isOpen } from './preconditions/precondition.ts'
import type { Refusal } from './refusal.ts'
import { policyCannotDetermineAuthors, policyUnsatisfiable } from './refusals/approvers.ts'
import {
  endNotSeen,
  inFlight,
  migrationInProgress,
  releaseTooLarge,
  rollbackUnderWay,
  runInProgress,
} from './refusals/asking.ts'
import { checksFailed } from './refusals/checks.ts'
import { nothingToDeploy } from './refusals/commits.ts'
import { frozen } from './refusals/freezes.ts'
import { alreadyServing } from './refusals/revisions.ts'
import {
  type Emergency,
  isEnded,
  isRollbackToBeSent,
  type Release,
  type Unfinished,
  unfinished,
} from './release.ts'
import { replacedReleasesOf } from './replaced-release.ts'
import type { ReplacedRelease } from './replacement.ts'
import type { Revision } from './revision.ts'
import { excessOf } from './size.ts'
import { stateOf } from './state.ts'
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
  /** Whether the config allows emergencies there. */
  readonly emergencies?: 'allowed' | 'refused'
}

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
export type RequestContext = {
  /** The releases that hold one of the targets, as current or next one. */
  readonly holders: readonly Release[]
  readonly lock: Lock | null
  readonly freeze: Freeze | null
}

/**
 * Creates the release, or refuses it. A run that waits at a gate is there already: a lock, a freeze or another release
 * only delays it, and its lanes are taken once it is approved.
 */
export function request(asked: Request, { holders, lock, freeze }: RequestContext, now: Time): Requested {
  const refused =
    asked.subject.kind === 'gate'
      ? (redRefusal(asked) ?? unsatisfiable(withRaisedApprovals(asked, freeze)))
      : (nothingToDo(asked, holders) ??
        lockRefusal(asked, lock, asked.requester) ??
        frozenFor(asked, freeze) ??
        redRefusal(asked) ??
        unsatisfiable(withRaisedApprovals(asked, freeze)) ??
        laneTaken(asked, holders))
  if (refused) return { refused }
  const behind = asked.subject.kind === 'gate' ? [] : replacedReleasesOf(holders)
  const release = newRelease(asked, behind, now)
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
    serving: asked.serving,
    behind,
    ...(asked.facts && { facts: asked.facts }),
    ...emergency,
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

function newRelease(asked: Request, behind: readonly ReplacedRelease[], now: Time): Release {
  const { serving, emergency, eligible: _, emergencies: _allowed, ...rest } = asked
  return {
    ...rest,
    requestedAt: now,
    servingBefore: serving[0] ?? null,
    behind,
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

function frozenFor(asked: Request, freeze: Freeze | null): Refusal | undefined {
  if (freeze === null || isOpen(freezePrecondition.judge({ release: asked, context: { freeze } })))
    return undefined
  return frozen(asked, freeze, asked.emergencies ?? 'refused')
}

/** Refuses a commit whose required checks failed, unless more approvals allow it. */
function redRefusal({ subject, facts, checksRule, ...at }: Request): Refusal | undefined {
  if (subject.kind === 'rollback' || !checksRule || checksRule.redCommit !== null) return undefined
  const required = facts?.checks?.required
  return required && isRed(facts?.checks) ? checksFailed(at, subject.commit.sha, required) : undefined
}

function withRaisedApprovals(asked: Request, freeze: Freeze | null): Request {
  const red = withRedCommit(asked)
  return effectOf(freeze, red) === 'raised' ? { ...red, policy: underFreeze(red.policy, freeze) } : red
}

/**
 * Refuses what already runs in every target. A rollback to the running revision is useful while a deploy is about to
 * replace it.
 */
function nothingToDo(
  { subject, serving, ...serviceEnvironment }: Request,
  holders: readonly Release[],
): Refusal | undefined {
  const [first] = serving
  if (!first || (subject.kind === 'rollback' && holders.length > 0)) return undefined
  if (subject.kind === 'rollback') {
    const isThere = serving.every(({ arn }) => arn === subject.revision.arn)
    return isThere ? alreadyServing(serviceEnvironment, first.name) : undefined
  }
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

/**
 * Refuses a request whose lane is taken. A deploy is blocked by any release that may still change its targets; a
 * rollback only by another one that was not sent yet, or that runs the same revision.
 */
function laneTaken(
  { subject, ...serviceEnvironment }: Request,
  holders: readonly Release[],
): Refusal | undefined {
  if (subject.kind === 'rollback') {
    const holder = holders.find(
      (other) => isRollbackToBeSent(other) || (!isEnded(other) && bringsTheSame(other, subject)),
    )
    return holder && rollbackUnderWay(serviceEnvironment, holderOf(holder, holders))
  }
  const holder = holders.find((other) => !isEnded(other)) ?? holders[0]
  if (!holder) return undefined
  const held = holderOf(holder, holders)
  const [first] = unfinished(holder)
  if (first !== undefined) return stillInProgress[first](serviceEnvironment, held)
  return isEnded(holder) ? endNotSeen(serviceEnvironment, held) : inFlight(serviceEnvironment, held)
}

const stillInProgress: Readonly<Record<Unfinished, typeof runInProgress>> = {
  run: runInProgress,
  migration: migrationInProgress,
}

function bringsTheSame({ subject }: Release, { revision }: Extract<Subject, { kind: 'rollback' }>): boolean {
  return subject.kind === 'rollback' && subject.revision.arn === revision.arn
}

function holderOf(release: Release, holders: readonly Release[]) {
  return {
    id: release.id,
    requester: release.requester,
    state: stateOf(release),
    buttons: labelsThatFreeLane(release),
    rollback: holders.some(isRollbackToBeSent) ? 'refused' : 'possible',
  } as const
}
