import type { Context } from '../context.ts'
import { controllersText } from '../controller.ts'
import { concerned, type Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import { type PersonId, targetName } from '../names.ts'
import type { PausedHook } from '../pause.ts'
import { stricter } from '../policy/approval.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import { isSameHook, pausedHooks, pausePolicies, pauseVerdict } from '../policy/pause-round.ts'
import { markFreshMs } from '../preconditions/age.ts'
import { lock as lockPrecondition } from '../preconditions/lock.ts'
import { isOpen } from '../preconditions/precondition.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import type { SteerAnswer } from '../steer.ts'
import { nextSteer } from './steer-again.ts'
import { isStopAsked } from './stop.ts'

/** Approvers are looked up again right before ECS is asked to continue. */
export function looksOfPause(release: Release, rules: CurrentRules | null): readonly Look[] {
  const { pause } = release
  if (!pause || pause.approvals.length === 0 || pauseVerdict(release, pause).missing > 0) return []
  if (pause.policy.required === 0) return []
  return [
    {
      look: 'people',
      ids: pause.approvals.map(({ by }) => by),
      lists: pausePolicies(release, rules).map(({ approvers }) => approvers),
    },
  ]
}

/** Opens a round of approvals for each pause, and asks ECS to continue once it has them. */
export function stepPause(draft: Draft, seen: Observation, context: Context): void {
  if (seen.rollouts?.seen !== true) return
  openRound(draft, context)
  const { pause } = draft.release
  if (!pause) return
  const policy = pausePolicies(draft.release, context.currentRules).reduce(stricter)
  if (policy.required > pause.policy.required) draft.change({ pause: { ...pause, policy } })
  continueIfApproved(draft, seen, context)
}

/** Another hook needs approvals of its own, and a click on the card of an earlier one no longer counts. */
function openRound(draft: Draft, { currentRules }: Context): void {
  const { release, now } = draft
  const { pause } = release
  const hooks = pausedHooks(release)
  if (hooks.length === 0) {
    if (pause) draft.change({ pause: undefined })
    return
  }
  const isNew = (hook: PausedHook) => !pause?.hooks.some((known) => isSameHook(known, hook))
  if (pause && !hooks.some(isNew)) {
    if (hooks.length < pause.hooks.length) draft.change({ pause: { ...pause, hooks } })
    return
  }
  const policy = pausePolicies({ ...release, pause: undefined }, currentRules).reduce(stricter)
  const round = { since: now, hooks, policy, approvals: [], sent: null }
  draft.change({ pause: round, round: release.round + 1 })
  for (const hook of hooks.filter(isNew)) reportPause(draft, hook)
}

function reportPause(draft: Draft, { target, rollout: arn, hookId }: PausedHook): void {
  const { release } = draft
  const rollout = release.tracks.rollouts.find(({ seen }) => seen?.arn === arn)?.seen
  if (!rollout || !release.pause) return
  draft.record('twokey', 'rollout waits', { target: targetName(target), rollout: arn, hook: hookId })
  const { policy } = release.pause
  draft.post(`paused-${hookId}`, {
    tell: 'paused',
    target,
    rollout,
    required: Math.max(1, policy.required),
    mention: concerned({ requester: release.requester, notify: [] }, policy.approvers),
  })
}

function continueIfApproved(draft: Draft, seen: Observation, { lock, hasPendingStop }: Context): undefined {
  const { release, now } = draft
  const { pause, subject } = release
  if (!pause || pauseVerdict(release, pause).missing > 0) return
  const standing = pause.policy.required === 0 ? {} : readLook(draft, 'people', seen.people)?.value
  if (standing === undefined) return
  const verdict = pauseVerdict(release, pause, standing)
  if (verdict.missing > 0) return dismiss(draft, verdict.dismissed)
  if (isHeldBack(release) || hasPendingStop) return
  if (!isOpen(lockPrecondition.judge({ release: { subject }, context: { lock } }))) return
  const next = nextSteer(pause.sent, now)
  if (next.is === 'wait') return
  if (next.is === 'give up')
    return giveUp(
      draft,
      `${controllersText(release.tracks.rollouts)} was asked ${next.times} times to continue, and still waits`,
    )
  const { sent } = next
  draft.change({ pause: { ...pause, sent } })
  draft.record('twokey', 'continue marked', {
    hooks: pause.hooks.map(({ hookId }) => hookId),
    attempt: sent.times,
  })
  if (pause.sent === null)
    draft.postEachTime('continuing', { tell: 'continuing', by: verdict.counted.map(({ by }) => by) })
  for (const { target, rollout, hookId } of pause.hooks)
    draft.addEffect({ do: 'continue-rollout', target, rollout, hookId, sendBy: now + markFreshMs })
}

/** After a request to stop in any form, a rollout is not continued. */
export function isHeldBack(release: Release): boolean {
  return release.cancelAsked !== null || release.supersededBy !== null || isStopAsked(release)
}

/** Approvals of people who may no longer approve do not count. */
function dismiss(
  draft: Draft,
  dismissed: readonly { readonly by: PersonId; readonly why: string }[],
): undefined {
  const { pause } = draft.release
  if (!pause) return
  const out = new Set(dismissed.map(({ by }) => by))
  draft.change({ pause: { ...pause, approvals: pause.approvals.filter(({ by }) => !out.has(by)) } })
  for (const { by, why } of dismissed) {
    draft.record('twokey', 'approval dismissed', { by, why })
    draft.postEachTime('dismissed', { tell: 'dismissed', by, why })
  }
}

/** ECS's answer to the request to continue. What it did is seen at the next look. */
export function continueAnswered(draft: Draft, answer: SteerAnswer): undefined {
  if (answer.answer === 'refused') giveUp(draft, answer.reason)
}

/** Reports that a rollout was not continued. The next attempt needs approvals of its own. */
function giveUp(draft: Draft, reason: string): undefined {
  const { pause, round } = draft.release
  if (!pause) return
  draft.change({ pause: { ...pause, approvals: [], sent: null }, round: round + 1 })
  draft.postEachTime('not-continued', { tell: 'not-continued', reason })
}
