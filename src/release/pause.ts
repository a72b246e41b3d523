import type { Target, Time } from './names.ts'
import type { Approval, Policy } from './policy/approval.ts'
import type { SentSteer } from './steer.ts'

/** One hook at which a rollout of the release waits. */
export type PausedHook = {
  readonly target: Target
  /** The rollout's ARN. */
  readonly rollout: string
  readonly hookId: string
}

/** The approvals to continue paused rollouts. They are for these hooks alone: another pause needs its own. */
export type PauseRound = {
  readonly since: Time
  readonly hooks: readonly PausedHook[]
  /** Who must approve. */
  readonly policy: Policy
  readonly approvals: readonly Approval[]
  /** The last request to ECS to continue; null: none yet. */
  readonly sent: SentSteer | null
}
