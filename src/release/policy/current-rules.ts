import type { BindingRules } from '../inputs.ts'
import type { Requesters } from '../look.ts'
import type { Policy } from './approval.ts'

/** What the config says today of a release's place, for a release of its kind. */
export type CurrentRules = {
  readonly policy: Policy
  /** Who may ask for it there. */
  readonly requesters: Requesters
  /** How long it waits there after the last approval, ms. */
  readonly waitMs: number
  /** Environments where its commit has to have succeeded first. */
  readonly requires: readonly string[]
  /** What a dispatch means there; null for a rollback. */
  readonly rules: BindingRules | null
}
