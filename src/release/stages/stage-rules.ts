import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import type { Time } from '../names.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Release } from '../release.ts'

/** How often to look, ms. */
export type Polling = { readonly activeMs: number; readonly idleMs: number }

/** One stage of a release: what it looks at stands beside what it does with it. */
export type StageRules = {
  /** What to look at outside before the next decision. @param rules null where nothing ships there any more */
  readonly looks: (release: Release, rules: CurrentRules | null) => readonly Look[]
  /** What follows from a look. */
  readonly step: (draft: Draft, seen: Observation, context: Context) => undefined
  /** When to look next; null: not before something happens to it. */
  readonly nextLook: (release: Release, now: Time, polling: Polling) => Time | null
}
