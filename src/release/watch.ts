import type { Look } from './look.ts'
import type { Time } from './names.ts'
import type { CurrentRules } from './policy/current-rules.ts'
import type { Release } from './release.ts'
import type { Polling } from './stages/stage-rules.ts'
import { stages } from './stages/table.ts'

/** When to look next; null: not before something happens to it. */
export function nextLook(release: Release, now: Time, polling: Polling): Time | null {
  return stages[release.stage.at].nextLook(release, now, polling)
}

/**
 * What to look at outside before the next decision.
 * @param rules null where nothing ships there any more
 */
export function looks(release: Release, rules: CurrentRules | null): readonly Look[] {
  return stages[release.stage.at].looks(release, rules)
}
