import type { Look } from '../look.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Release } from '../release.ts'
import { age } from './age.ts'
import { approvals } from './approvals.ts'
import { authors } from './authors.ts'
import { card } from './card.ts'
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

/**
 * Everything that is checked before a dispatch or update. The first that is not open decides, so the order is part of
 * the rules.
 */
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
  card,
  lane,
] as const satisfies readonly Precondition[]

export type PreconditionName = (typeof preconditions)[number]['name']

/** The result of one precondition, and what was read for it. */
export type Evaluated = {
  readonly name: PreconditionName
  readonly looks: readonly Look[]
  readonly result: Result
}

/** The results of all preconditions for a release now, in their order. It has no effect. */
export function evaluate(facts: Facts): readonly Evaluated[] {
  const { release, context } = facts
  return applicable(release, context.currentRules).map(({ name, looks, judge }) => ({
    name,
    looks: looks(release, context.currentRules),
    result: judge(facts),
  }))
}

/** Looks that all preconditions need. A look that two of them need is made once, as the first one asks it. */
export function looksOfPreconditions(release: Release, rulesNow: CurrentRules | null): readonly Look[] {
  const all = applicable(release, rulesNow).flatMap(({ looks }) => looks(release, rulesNow))
  return all.filter((each, index) => all.findIndex(({ look }) => look === each.look) === index)
}

function applicable(release: Release, rulesNow: CurrentRules | null) {
  return preconditions.filter(({ appliesTo }) => appliesTo(release, rulesNow))
}
