import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import type { Time } from '../names.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Release } from '../release.ts'

/** How often to look, ms. */
export type Polling = { readonly activeMs: number; readonly idleMs: number }

/** One stage of a release: its looks, and beside them what follows from what they see. */
export type StageRules = {
  /**
   * The looks to make before the next decision.
   * @param rules null if the config no longer allows the release there
   */
  readonly looks: (release: Release, rules: CurrentRules | null) => readonly Look[]
  /** What follows from an observation. */
  readonly step: (draft: Draft, seen: Observation, context: Context) => undefined
  /** When to look next; null: not before an input comes. */
  readonly nextLook: (release: Release, now: Time, polling: Polling) => Time | null
}
