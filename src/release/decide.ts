import { actions } from './actions/actions.ts'
import { explain } from './actions/rejection.ts'
import type { Context } from './context.ts'
import { Draft } from './draft.ts'
import type { AuditEntry, Effect } from './effects.ts'
import { unmarked } from './foreign.ts'
import { type Input, isClick } from './input.ts'
import { applyFreeze } from './policy/apply-freeze.ts'
import { type Policy, requiresTheSame, stricter } from './policy/approval.ts'
import { checksRuleOf } from './policy/checks-rule.ts'
import type { CurrentRules } from './policy/current-rules.ts'
import { showLock } from './policy/show-lock.ts'
import type { Refusal } from './refusal.ts'
import type { Release } from './release.ts'
import { setBack } from './set-back.ts'
import { answered } from './stages/sending.ts'
import { stages } from './stages/table.ts'
import { supersede } from './supersede.ts'

/** The result of an input. A refusal may also change the release, for example expire it. */
export type Decision = Decided | (Decided & { readonly refused: Refusal })

type Decided = {
  readonly next: Release
  readonly effects: readonly Effect[]
  readonly audit: readonly AuditEntry[]
}

/** Decides on one input: the next release, the effects, and the audit rows. */
export function decide(release: Release, input: Input, context: Context): Decision {
  const draft = new Draft(release, context.now)
  const refused = take(draft, input, context)
  if (refused)
    draft.record('by' in input ? input.by.id : 'twokey', `${input.on} refused`, {
      code: refused.code,
      why: unmarked(refused.sentence),
      ...(input.on === 'approve' && { round: input.round }),
    })
  const { release: next, effects, audit } = draft
  return refused ? { refused, next, effects, audit } : { next, effects, audit }
}

function take(draft: Draft, input: Input, context: Context): Refusal | undefined {
  tighten(draft, context)
  if (isClick(input)) return actions[input.on].decide(draft, input, context)
  switch (input.on) {
    case 'explain':
      return explain(draft, input.by, input.why)
    case 'supersede':
      return supersede(draft, input.by)
    case 'channel-changed':
      return moveTo(draft, input.channel)
    case 'clock-set-back':
      return setBack(draft, input.byMs)
    case 'answer':
      return answered(draft, input.answer)
    case 'look':
      return stages[draft.release.stage.at].step(draft, input.seen, context)
  }
}

/** Moves the card. Approvals are then given in that channel, so it must be one that the policy allows. */
function moveTo(draft: Draft, channel: string): undefined {
  draft.record('twokey', 'channel changed', { from: draft.release.channel, to: channel })
  draft.change({ channel })
}

/**
 * Until something is sent, the current policy applies if it is stricter than that of the request. So do locks and
 * freezes.
 */
function tighten(draft: Draft, { currentRules, lock, freeze }: Context): void {
  const { stage, policy } = draft.release
  if (stage.at !== 'approval' && stage.at !== 'wait' && stage.at !== 'ready') return
  if (currentRules !== null) {
    const holds = stricter(policy, currentRules.policy)
    draft.change({ policy: holds })
    if (!requiresTheSame(policy, holds)) postStricterPolicy(draft, policy, holds)
    if (currentRules.waitMs > draft.release.waitMs) waitLonger(draft, currentRules.waitMs)
    tightenChecks(draft, currentRules)
  }
  showLock(draft, lock)
  applyFreeze(draft, freeze)
}

function tightenChecks(draft: Draft, currentRules: CurrentRules): void {
  const { checksRule: from = null } = draft.release
  const to = checksRuleOf(draft.release, currentRules)
  if (to === null || from?.redCommit === to.redCommit) return
  draft.change({ checksRule: to })
  draft.record('twokey', 'checks rule tightened', { from, to })
}

function postStricterPolicy(draft: Draft, from: Policy, to: Policy): void {
  draft.record('twokey', 'policy tightened', { from, to })
  draft.postEachTime('tightened', { tell: 'tightened', from: from.required, to: to.required })
}

/** Returns a release that was about to be sent to its wait if the longer time is not over. */
function waitLonger(draft: Draft, waitMs: number): void {
  const { stage, waitMs: from } = draft.release
  const longer = waitMs - from
  draft.change({ waitMs })
  draft.record('twokey', 'wait lengthened', { from, to: waitMs })
  if (stage.at === 'wait') draft.change({ stage: { ...stage, until: stage.until + longer } })
  if (stage.at === 'ready' && draft.now < stage.since + longer)
    draft.moveTo({ at: 'wait', until: Math.max(stage.since + longer, stage.notBefore ?? 0) })
}
