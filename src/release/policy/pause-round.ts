import { type PersonId, targetName } from '../names.ts'
import type { PausedHook, PauseRound } from '../pause.ts'
import type { Release } from '../release.ts'
import type { RolloutTrack } from '../tracks.ts'
import { type ApprovalVerdict, type Eligibility, evaluate, type Policy } from './approval.ts'
import type { CurrentRules } from './current-rules.ts'

/** Whether a rollout is known to be the release's, so that it may be continued or rolled back for it. */
export function isOwn({ binding, seen }: RolloutTrack): boolean {
  const isProven = binding === 'firm' || binding === 'tag' || binding === 'commit'
  // What ECS shows only in `deployments[]` can be neither continued nor stopped.
  return isProven && seen !== null && !seen.arn.startsWith('ecs-svc/')
}

/** The hooks at which the release's own rollouts wait now. */
export function pausedHooks({ tracks }: Release): readonly PausedHook[] {
  return tracks.rollouts.flatMap((track) => {
    const { target, seen } = track
    return isOwn(track) && seen?.verdict === 'paused' && seen.pause
      ? { target, rollout: seen.arn, hookId: seen.pause.hookId }
      : []
  })
}

export function isSameHook(one: PausedHook, other: PausedHook): boolean {
  return (
    one.hookId === other.hookId &&
    one.rollout === other.rollout &&
    targetName(one.target) === targetName(other.target)
  )
}

/**
 * The policies that decide who approves that a paused rollout continues: that of the pause, which is that of the request
 * before there is one, and the current one.
 */
export function pausePolicies(
  { pause, pausePolicy, policy }: Pick<Release, 'pause' | 'pausePolicy' | 'policy'>,
  currentRules: CurrentRules | null,
): readonly Policy[] {
  const own = pause?.policy ?? pausePolicy ?? policy
  return currentRules === null ? [own] : [own, currentRules.pausePolicy ?? currentRules.policy]
}

/**
 * Counts the approvals to continue. Where the policy requires none, one click of the requester or an approver is
 * needed, because a pause waits for a person.
 * @param standing whether those people are eligible now; absent: as they were at the click
 */
export function pauseVerdict(
  { requester, subject }: Pick<Release, 'requester' | 'subject'>,
  { policy, approvals }: Pick<PauseRound, 'policy' | 'approvals'>,
  standing?: Readonly<Record<PersonId, Eligibility>>,
): ApprovalVerdict {
  if (policy.required > 0)
    return evaluate({ policy, requester, subject, approvals, ...(standing && { standing }) })
  const missing = approvals.length > 0 ? 0 : 1
  const status = missing === 0 ? 'approved' : 'pending'
  return { status, counted: approvals, dismissed: [], missing, required: 1 }
}
