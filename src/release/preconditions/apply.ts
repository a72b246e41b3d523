import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { ApprovalVerdict } from '../policy/approval.ts'
import { advanceIfApproved, askAgain, restartApproval } from '../policy/approval-round.ts'
import { passLock } from '../policy/show-lock.ts'
import type { Awaited } from '../stage.ts'
import { noteReplacedEnded } from '../stages/replaced-ended.ts'
import { stopActive } from '../stages/stop-active.ts'
import type { PreconditionName } from './list.ts'
import type { AskAgain, Facts, Result, Waiting } from './precondition.ts'

/** The result of one precondition. */
type Judged = { readonly name: PreconditionName; readonly result: Result }

/** Applies the result of a precondition. Only here does a check change a release. */
export function applyResult(draft: Draft, facts: Facts, { name, result }: Judged): void {
  if ('differs' in result && result.differs)
    draft.record('twokey', result.differs.what, result.differs.detail)
  if ('changed' in result && result.changed) draft.change(result.changed)
  switch (result.is) {
    case 'open':
      break
    case 'waiting':
      noteWaiting(draft, name, result)
      break
    case 'ask again':
      requestAgain(draft, facts, result)
      break
    case 'end':
      draft.end(result.outcome, result.why)
      break
  }
  besides[name]?.[result.is]?.(draft, facts)
  if (result.is === 'ask again') advanceIfApproved(draft)
}

type Beside = (draft: Draft, facts: Facts) => void

/** Additional consequences of a result, such as posts or a request to another release to stop. */
const besides: Partial<Record<PreconditionName, Partial<Record<Result['is'], Beside>>>> = {
  lock: { open: bypassLock },
  'rollback target': { open: noteWhatServes, 'ask again': noteWhatServes },
  lane: { waiting: askToStop },
  'active deployment': { waiting: stopActive },
}

function bypassLock(draft: Draft, { context: { lock } }: Facts): void {
  if (lock) passLock(draft, lock)
}

function noteWhatServes(draft: Draft, { seen: { rollbackTarget }, context: { holders } }: Facts): void {
  if (rollbackTarget?.seen && rollbackTarget.value.usable)
    noteReplacedEnded(draft, rollbackTarget.value, holders)
}

/** Requests once that each release that holds a lane stops. */
function askToStop(draft: Draft, { context: { holders, now } }: Facts): void {
  const { stage, subject } = draft.release
  if (stage.at !== 'ready' || stage.placeAskedAt !== null || subject.kind === 'gate') return
  for (const holder of holders) draft.addEffect({ do: 'supersede', release: holder.id })
  draft.change({ stage: { ...stage, placeAskedAt: now } })
  draft.record('twokey', 'place asked', { of: holders.map(({ id }) => id) })
}

/** Stores what the release waits for, for its card, with an audit row each time that it changes. */
function noteWaiting(draft: Draft, precondition: PreconditionName, { is: _, ...known }: Waiting): void {
  const { stage } = draft.release
  if (stage.at !== 'ready') return
  const waiting: Awaited = { precondition, ...known }
  draft.change({ stage: { ...stage, waiting } })
  if (!isSameWait(stage.waiting, waiting)) draft.record('twokey', 'waiting', waiting)
}

/**
 * Whether two waits have the same cause. Times and reasons of failed looks differ from look to look, so they do not
 * count.
 */
function isSameWait(one: Awaited | undefined, other: Awaited): boolean {
  return one?.precondition === other.precondition && one.why === other.why && one.until === other.until
}

function requestAgain(draft: Draft, { context }: Facts, result: AskAgain): void {
  if (!('counted' in result)) {
    askAgain(draft, result.why)
    return
  }
  const { counted, dismissed } = result.counted
  noteApprovals(draft, result.counted, context)
  for (const { by, why } of dismissed) {
    draft.record('twokey', 'approval dismissed', { by, why })
    draft.postEachTime('dismissed', { tell: 'dismissed', by, why })
  }
  restartApproval(draft, {
    approvals: counted,
    discounted: dismissed.map((each) => ({ ...each, at: draft.now })),
  })
}

/**
 * Audits how the approvals were counted, and by which policy. `approversToday`: the approvers of the current config;
 * an approval needs to be in both lists.
 */
export function noteApprovals(
  draft: Draft,
  { required, missing, counted, dismissed }: Partial<ApprovalVerdict>,
  { currentRules }: Pick<Context, 'currentRules'>,
): void {
  const { policy } = draft.release
  const approversToday = currentRules?.policy.approvers ?? []
  draft.record('twokey', 'keys counted', { required, missing, counted, dismissed, policy, approversToday })
}
