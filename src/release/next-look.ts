import type { Look } from './look.ts'
import type { Time } from './names.ts'
import type { CurrentRules } from './policy/current-rules.ts'
import type { Release } from './release.ts'
import type { Polling } from './stages/stage-rules.ts'
import { stages } from './stages/table.ts'

/** When to look next; null: not before an input comes. */
export function nextLook(release: Release, now: Time, polling: Polling): Time | null {
  return stages[release.stage.at].nextLook(release, now, polling)
}

/**
 * The looks to make before the next decision.
 * @param rules null if the config no longer allows the release there
 */
export function looks(release: Release, rules: CurrentRules | null): readonly Look[] {
  return stages[release.stage.at].looks(release, rules)
}
