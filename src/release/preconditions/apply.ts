import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { ApprovalVerdict } from '../policy/approval.ts'
import { askAgain, askFrom, passGate } from '../policy/approval-round.ts'
import { passLock } from '../policy/show-lock.ts'
import type { Awaited } from '../stage.ts'
import { noteReplacedEnded } from '../stages/replaced-ended.ts'
import type { PreconditionName } from './list.ts'
import type { AskAgain, Facts, Result, Waiting } from './precondition.ts'

/** What one precondition came to. */
type Judged = { readonly name: PreconditionName; readonly result: Result }

/** Does what follows from the result of a precondition: the one place where a check changes a release. */
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
  if (result.is === 'ask again') passGate(draft)
}

type Beside = (draft: Draft, facts: Facts) => void

/** What else follows: what people are told, and who is asked to give way. */
const besides: Partial<Record<PreconditionName, Partial<Record<Result['is'], Beside>>>> = {
  lock: { open: bypassLock },
  'rollback target': { open: noteWhatServes, 'ask again': noteWhatServes },
  lane: { waiting: askToGiveWay },
}

function bypassLock(draft: Draft, { context: { lock } }: Facts): void {
  if (lock) passLock(draft, lock)
}

function noteWhatServes(draft: Draft, { seen: { rollbackTarget }, context: { holders } }: Facts): void {
  if (rollbackTarget?.seen && rollbackTarget.value.usable)
    noteReplacedEnded(draft, rollbackTarget.value, holders)
}

/** Each release that holds a lane is asked once. */
function askToGiveWay(draft: Draft, { context: { holders, now } }: Facts): void {
  const { stage } = draft.release
  if (stage.at !== 'ready' || stage.placeAskedAt !== null) return
  for (const holder of holders) draft.addEffect({ do: 'supersede', release: holder.id })
  draft.change({ stage: { ...stage, placeAskedAt: now } })
  draft.record('twokey', 'place asked', { of: holders.map(({ id }) => id) })
}

/** What it waits for is on its card, and a row of the audit each time it waits for something else. */
function noteWaiting(draft: Draft, precondition: PreconditionName, { is: _, ...known }: Waiting): void {
  const { stage } = draft.release
  if (stage.at !== 'ready') return
  const waiting: Awaited = { precondition, ...known }
  draft.change({ stage: { ...stage, waiting } })
  if (!isSameWait(stage.waiting, waiting)) draft.record('twokey', 'waiting', waiting)
}

/** Times and reasons of what cannot be read differ from look to look. */
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
  askFrom(draft, {
    approvals: counted,
    discounted: dismissed.map((each) => ({ ...each, at: draft.now })),
  })
}

/** How the approvals were counted, by which policy. `approversToday`: who is named by the config now; an approval needs both. */
export function noteApprovals(
  draft: Draft,
  { required, missing, counted, dismissed }: Partial<ApprovalVerdict>,
  { currentRules }: Pick<Context, 'currentRules'>,
): void {
  const { policy } = draft.release
  const approversToday = currentRules?.policy.approvers ?? []
  draft.record('twokey', 'keys counted', { required, missing, counted, dismissed, policy, approversToday })
}
