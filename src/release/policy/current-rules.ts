import type { BindingRules } from '../inputs.ts'
import type { Requesters } from '../look.ts'
import type { Policy } from './approval.ts'
import type { ChecksRule } from './checks-rule.ts'

/** The current rules of the config for a release: those of its service environment, for its kind. */
export type CurrentRules = {
  readonly policy: Policy
  /** Who approves that a paused rollout continues. Absent: as `policy`. */
  readonly pausePolicy?: Policy
  /** Who may request it there. */
  readonly requesters: Requesters
  /** How long a release waits there after the last approval, ms. */
  readonly waitMs: number
  /** Environments where the commit has to succeed first. */
  readonly requires: readonly string[]
  /** Whether the required checks of the commit have to pass; null: they are shown only. */
  readonly checks: ChecksRule | null
  /** Whether emergency deploys can be requested there. Absent: they cannot. */
  readonly emergencies?: 'allowed'
  /** How the inputs of a dispatch are bound there; null for a rollback. */
  readonly rules: BindingRules | null
}
