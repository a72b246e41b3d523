import type { Time } from '../names.ts'
import type { Policy } from './approval.ts'

/** A freeze that holds now. */
export type Freeze = {
  readonly until: Time
  /** How many approvals let a deploy through; null: none do. */
  readonly approvals: number | null
  /** As the config says it. */
  readonly reason: string | null
}

/** The freeze that a release met, and how many approvals it would need without. */
export type MetFreeze = Freeze & { readonly usual: number }

/**
 * What a freeze does to a release. `passed`: rollbacks and emergencies pass. `held`: no deploy goes out.
 * `raised`: it needs more approvals than otherwise. `none`: it needs as many anyway.
 */
export type FreezeEffect = 'none' | 'passed' | 'held' | 'raised'

/** A release, or one that is requested. */
export type Frozen = {
  readonly subject: { readonly kind: 'deploy' | 'rollback' }
  readonly emergency?: object | null
  readonly policy: Pick<Policy, 'required'>
}

/** What the freeze that holds does to a release, or to one that is asked for. */
export function effectOf(freeze: Freeze | null, { subject, emergency, policy }: Frozen): FreezeEffect {
  if (freeze === null) return 'none'
  if (subject.kind === 'rollback' || emergency) return 'passed'
  if (freeze.approvals === null) return 'held'
  return freeze.approvals > policy.required ? 'raised' : 'none'
}

/** The policy that holds in a freeze for whoever does not pass it. */
export function underFreeze(policy: Policy, freeze: Freeze | null): Policy {
  return { ...policy, required: Math.max(policy.required, freeze?.approvals ?? 0) }
}

/** Why, to stand after what is frozen. */
export function freezeReason({ reason }: Freeze): string {
  return reason === null ? '' : ` (${reason})`
}

/** A time of the week. `day`: 1 is Monday, 7 is Sunday. `time`: `16:00`, as clocks there show it. */
export type WeekTime = { readonly day: number; readonly time: string }

/** A time without deploys as the config says it, in its own zone. */
export type FreezeWindow = {
  /** IANA name. */
  readonly timezone: string
  /** How many approvals let a deploy through; null: none do. */
  readonly approvals: number | null
  readonly reason: string | null
} & (
  | { readonly every: 'week'; readonly from: WeekTime; readonly to: WeekTime }
  /** `2026-12-20T00:00`, as clocks there show it. */
  | { readonly every: 'once'; readonly from: string; readonly to: string }
)
