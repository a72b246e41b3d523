import { moment } from '../moment.ts'
import type { Time } from '../names.ts'
import type { Subject } from '../subject.ts'
import type { Policy } from './approval.ts'

/** A freeze that applies now. */
export type Freeze = {
  /** When its effect ends, also if several freezes of the config follow one another; if it is endless, of the first. */
  readonly until: Time
  /** Its freezes follow one another without an end. Absent: it ends. */
  readonly isEndless?: true
  /** How many approvals allow a deploy; null: no number does. */
  readonly approvals: number | null
  /** As the config has it. */
  readonly reason: string | null
}

/** The freeze that applies to a release, and how many approvals it would need without it. */
export type AppliedFreeze = Freeze & { readonly usual: number }

/**
 * The effect of a freeze. `passed`: rollbacks and emergencies are exempt. `held`: no deploy is sent. `raised`: more
 * approvals are needed. `none`: the release needs as many anyway.
 */
export type FreezeEffect = 'none' | 'passed' | 'held' | 'raised'

/** A release, or a request for one. */
export type Frozen = {
  readonly subject: { readonly kind: Subject['kind'] }
  readonly emergency?: object | null
  readonly policy: Pick<Policy, 'required'>
}

/** The effect of the current freeze on a release or a request. */
export function effectOf(freeze: Freeze | null, { subject, emergency, policy }: Frozen): FreezeEffect {
  if (freeze === null) return 'none'
  if (subject.kind === 'rollback' || emergency) return 'passed'
  if (freeze.approvals === null) return 'held'
  return freeze.approvals > policy.required ? 'raised' : 'none'
}

/** The policy during a freeze for a release that is not exempt. */
export function underFreeze(policy: Policy, freeze: Freeze | null): Policy {
  return { ...policy, required: Math.max(policy.required, freeze?.approvals ?? 0) }
}

/** `until …`, in UTC, or that it does not end. */
export function freezeEnd({ until, isEndless }: Freeze): string {
  return isEndless ? 'without an end' : `until ${moment(until)}`
}

/** The reason, to follow the name of what is frozen. */
export function freezeReason({ reason }: Freeze): string {
  return reason === null ? '' : ` (${reason})`
}

/** A time of the week. `day`: 1 is Monday, 7 is Sunday. `time`: `16:00`, as clocks there show it. */
export type WeekTime = { readonly day: number; readonly time: string }

/** A freeze as the config defines it, in its own time zone. */
export type FreezeWindow = {
  /** IANA name. */
  readonly timezone: string
  /** How many approvals allow a deploy; null: no number does. */
  readonly approvals: number | null
  readonly reason: string | null
} & (
  | { readonly every: 'week'; readonly from: WeekTime; readonly to: WeekTime }
  /** `2026-12-20T00:00`, as clocks there show it. */
  | { readonly every: 'once'; readonly from: string; readonly to: string }
)
