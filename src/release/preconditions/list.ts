import type { Look } from '../look.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Release } from '../release.ts'
import { age } from './age.ts'
import { approvals } from './approvals.ts'
import { authors } from './authors.ts'
import { channel } from './channel.ts'
import { commit } from './commit.ts'
import { freeze } from './freeze.ts'
import { lane } from './lane.ts'
import { lock } from './lock.ts'
import { order } from './order.ts'
import { pendingStop } from './pending-stop.ts'
import type { Facts, Precondition, Result } from './precondition.ts'
import { requester } from './requester.ts'
import { rollbackTarget } from './rollback-target.ts'
import { rules } from './rules.ts'
import { services } from './services.ts'

/** All that is checked before something is sent. The first that is not open decides, so the order is part of the rules. */
export const preconditions = [
  rules,
  age,
  lock,
  requester,
  channel,
  freeze,
  approvals,
  commit,
  rollbackTarget,
  order,
  authors,
  services,
  pendingStop,
  lane,
] as const satisfies readonly Precondition[]

export type PreconditionName = (typeof preconditions)[number]['name']

/** What one precondition came to, and what was read for it. */
export type Evaluated = {
  readonly name: PreconditionName
  readonly looks: readonly Look[]
  readonly result: Result
}

/** What each precondition comes to for this release now, in their order. It has no effect. */
export function evaluate(facts: Facts): readonly Evaluated[] {
  const { release, context } = facts
  return applicable(release, context.currentRules).map(({ name, looks, judge }) => ({
    name,
    looks: looks(release, context.currentRules),
    result: judge(facts),
  }))
}

/** What has to be read for all of them. What two of them read is read once, as the first of them asks. */
export function looksOfPreconditions(release: Release, rulesNow: CurrentRules | null): readonly Look[] {
  const all = applicable(release, rulesNow).flatMap(({ looks }) => looks(release, rulesNow))
  return all.filter((each, index) => all.findIndex(({ look }) => look === each.look) === index)
}

function applicable(release: Release, rulesNow: CurrentRules | null) {
  return preconditions.filter(({ appliesTo }) => appliesTo(release, rulesNow))
}
