import type { Clicker } from '../context.ts'
import type { Draft } from '../draft.ts'
import { moment } from '../moment.ts'
import { type PersonId, type Time, targetName } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import {
  alreadyApproved,
  alreadyDecided,
  cardOutdated,
  mayNotApprove,
  nothingToWithdraw,
} from '../refusals/cards.ts'
import { mayNotClick } from '../refusals/people.ts'
import type { Release } from '../release.ts'
import { stateOf } from '../state.ts'
import { type ApprovalVerdict, evaluate, isSamePerson, whyBarred } from './approval.ts'
import type { Lock } from './lock.ts'
import { lockRefusal } from './show-lock.ts'

/** The verdict on the current approvals, counted as the card shows them. */
export function approvalVerdict(release: Release): ApprovalVerdict {
  return evaluate(release)
}

/** Adds an approval. The last one starts the wait, or the last check before the dispatch. */
export function approve(
  draft: Draft,
  { by, round, pressedAt, lock }: { by: Clicker; round: number | null; pressedAt: Time; lock: Lock | null },
): Refusal | undefined {
  const { release, now } = draft
  if (release.stage.at !== 'approval') return decided(release)
  if (expired(draft)) return decided(draft.release)
  const locked = lockRefusal(release, lock, by.id)
  if (locked) return locked
  if (!by.standing.eligible) {
    discount(draft, by.id, by.standing.sentence)
    return mayNotClick(by.standing, 'approve', release.environment)
  }
  if (round !== release.round) return cardOutdated()
  const why = whyBarred({ ...release, by: by.id })
  if (why !== null) {
    discount(draft, by.id, why)
    return mayNotApprove(why)
  }
  if (release.approvals.some((approval) => isSamePerson(release.policy, approval.by, by.id)))
    return alreadyApproved()
  const at = Math.min(pressedAt, now)
  draft.change({ approvals: [...release.approvals, { by: by.id, at, via: by.standing.via }] })
  const verdict = approvalVerdict(draft.release)
  draft.record(by.id, 'approved', { via: by.standing.via, missing: verdict.missing, ...binding(release) })
  // The card counts the others: a post for each would be noise.
  if (verdict.missing === 0) {
    const { required } = verdict
    draft.postEachTime('approved', { tell: 'approved', by: by.id, missing: 0, required })
  }
  advanceIfApproved(draft)
  return undefined
}

/** Withdraws an approver's own approval, if they clicked before the last one was counted and nothing was sent yet. */
export function withdraw(draft: Draft, by: PersonId, pressedAt: Time): Refusal | undefined {
  const { release } = draft
  const inTime = isInTimeToWithdraw(release, pressedAt)
  if (!inTime || expired(draft)) return decided(draft.release)
  const approvals = release.approvals.filter((approval) => !isSamePerson(release.policy, approval.by, by))
  if (approvals.length === release.approvals.length) return nothingToWithdraw()
  if (release.stage.at === 'approval') draft.change({ approvals })
  else restartApproval(draft, { approvals, discounted: [] })
  const { missing } = approvalVerdict(draft.release)
  draft.record(by, 'withdrew', { missing })
  draft.postEachTime('withdrawn', { tell: 'withdrawn', by, missing })
  return undefined
}

/**
 * Whether a click on Withdraw approval at that time still counts: nothing was sent, and the last approval was not
 * counted before it.
 */
export function isInTimeToWithdraw({ stage, approvedAt }: Release, pressedAt: Time): boolean {
  switch (stage.at) {
    case 'approval':
      return true
    case 'wait':
    case 'ready':
      return approvedAt !== null && pressedAt < approvedAt
    case 'sending':
    case 'underway':
    case 'ended':
      return false
  }
}

/** How many clicks that did not count are kept in a round, and how many of them are posted: anybody may click. */
const discountedKept = 20
const discountedPosted = 5

/**
 * Stores a click that did not count: the card counts it, and the thread names the person and the reason. An account that could not be
 * identified is not stored.
 */
function discount(draft: Draft, by: PersonId, why: string): void {
  const { discounted } = draft.release
  if (by === '' || discounted.some((other) => other.by === by && other.why === why)) return
  draft.change({ discounted: [...discounted, { by, why, at: draft.now }].slice(-discountedKept) })
  if (discounted.length < discountedPosted) draft.postEachTime('discounted', { tell: 'discounted', by, why })
}

/** Ends the release if its time for approvals is over. Continues at once if no approvals are needed. */
export function stepApproval(draft: Draft): undefined {
  if (!expired(draft)) advanceIfApproved(draft)
}

/** Moves to the next stage once the policy is satisfied. */
export function advanceIfApproved(draft: Draft): void {
  const { release, now } = draft
  if (approvalVerdict(release).status !== 'approved') return
  draft.change({ approvedAt: now })
  if (release.waitMs > 0) draft.moveTo({ at: 'wait', until: now + release.waitMs })
  else draft.moveTo({ at: 'ready', since: now, placeAskedAt: null })
}

/** Voids the approvals, posts why, and asks for new ones. */
export function askAgain(draft: Draft, why: string): void {
  draft.change({ voided: why })
  draft.record('twokey', 'approvals voided', { why })
  draft.postEachTime('voided', { tell: 'voided', why })
  restartApproval(draft, { approvals: [], discounted: [] })
}

/** Returns to the approval stage in a new round. Clicks on cards of earlier rounds do not count. */
export function restartApproval(draft: Draft, keys: Pick<Release, 'approvals' | 'discounted'>): void {
  draft.change({ ...keys, approvedAt: null, mayNotStop: [], round: draft.release.round + 1 })
  draft.moveTo({ at: 'approval', since: draft.now })
}

function expired(draft: Draft): boolean {
  const { stage, policy, requestedAt } = draft.release
  if (stage.at !== 'approval' || draft.now < stage.since + policy.expireAfterMs) return false
  const { counted } = approvalVerdict(draft.release)
  const until = moment(stage.since + policy.expireAfterMs)
  draft.end(
    'expired',
    `the request for approvals ended ${until} with ${counted.length} of ${policy.required} approvals; nothing was sent`,
  )
  draft.record('twokey', 'expired', { requestedAt })
  return true
}

/** What an approval is bound to, for the audit. */
export function binding({
  subject,
  environment,
  targets,
  policy,
}: Pick<Release, 'subject' | 'environment' | 'targets' | 'policy'>): Record<string, unknown> {
  const what =
    subject.kind !== 'rollback'
      ? {
          repository: subject.repository,
          commit: subject.commit.sha,
          githubTree: subject.githubTree,
          paths: subject.paths,
        }
      : { revision: subject.revision.arn, images: subject.images }
  return { ...what, environment, targets: targets.map(targetName), policy }
}

/** Refuses a click that comes too late, with who decided and when. */
export function decided(release: Release): Refusal {
  const { stage, approvals } = release
  const ended = stage.at === 'ended' ? stage : null
  return alreadyDecided({ ...release, state: stateOf(release) }, ended, approvals)
}
