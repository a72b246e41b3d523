import type { Look } from '../look.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Refusal } from '../refusal.ts'
import type { Release } from '../release.ts'
import { activeDeployment } from './active-deployment.ts'
import { age } from './age.ts'
import { approvals } from './approvals.ts'
import { authors } from './authors.ts'
import { card } from './card.ts'
import { channel } from './channel.ts'
import { checks } from './checks.ts'
import { commit } from './commit.ts'
import { failedRun } from './failed-run.ts'
import { freeze } from './freeze.ts'
import { gate } from './gate.ts'
import { lane } from './lane.ts'
import { lock } from './lock.ts'
import { order } from './order.ts'
import { pendingStop } from './pending-stop.ts'
import { type Facts, isOpen, type Precondition, type Result, refusalOf } from './precondition.ts'
import { requester } from './requester.ts'
import { rollbackTarget } from './rollback-target.ts'
import { rules } from './rules.ts'
import { services } from './services.ts'
import { stillForward } from './still-forward.ts'

/**
 * Everything that is checked at the request, and again before a dispatch or update. The first that is not open decides,
 * so the order is part of the rules.
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
  failedRun,
  gate,
  stillForward,
  rollbackTarget,
  order,
  authors,
  services,
  checks,
  pendingStop,
  card,
  lane,
  activeDeployment,
] as const satisfies readonly Precondition[]

export type PreconditionName = (typeof preconditions)[number]['name']

/** The result of one precondition, and what was read for it. */
export type Evaluated = Pick<Precondition, 'refusal'> & {
  readonly name: PreconditionName
  readonly looks: readonly Look[]
  readonly result: Result
}

/**
 * The results of all preconditions for a release now, in their order. What one brought up to date, the later ones judge.
 * It has no effect.
 */
export function evaluate(facts: Facts): readonly Evaluated[] {
  const { release, context } = facts
  let current = release
  return applicable(release, context.currentRules).map(({ name, looks, judge, refusal }) => {
    const result = judge({ ...facts, release: current })
    if (result.is === 'open' && result.changed) current = { ...current, ...result.changed }
    return { name, looks: looks(release, context.currentRules), result, ...(refusal && { refusal }) }
  })
}

/**
 * Why a release cannot be requested now, by what was read so far: the refusal of the first precondition that has one;
 * null: nothing refuses it. A look that was not made yet refuses nothing.
 */
export function requestRefusal(facts: Facts, evaluated: readonly Evaluated[]): Refusal | null {
  for (const { result, refusal } of evaluated) {
    const refused = refusalOf(refusal, facts, result)
    if (refused !== null) return refused
  }
  return null
}

/** The facts on which each open precondition decided, for the audit. */
export function openResults(
  evaluated: readonly Evaluated[],
): Partial<Record<PreconditionName, Readonly<Record<string, unknown>>>> {
  return Object.fromEntries(
    evaluated.flatMap(({ name, result }) =>
      isOpen(result) ? [[name, { is: 'open', ...result.by }] as const] : [],
    ),
  )
}

/** Looks that all preconditions need. A look that two of them need is made once, as the first one asks it. */
export function looksOfPreconditions(release: Release, rulesNow: CurrentRules | null): readonly Look[] {
  const all = applicable(release, rulesNow).flatMap(({ looks }) => looks(release, rulesNow))
  return all.filter((each, index) => all.findIndex(({ look }) => look === each.look) === index)
}

/** Whether the release waits for a precondition that is decided without a look, such as its card. */
export function waitsWithoutLooks(release: Release, rulesNow: CurrentRules | null): boolean {
  const { stage } = release
  const awaited = stage.at === 'ready' ? stage.waiting?.precondition : undefined
  const precondition = applicable(release, rulesNow).find(({ name }) => name === awaited)
  return precondition?.looks(release, rulesNow).length === 0
}

/**
 * The first result that is not open among the preconditions that need no look, up to the one that the release waits for,
 * else up to the first that needs one; null: all are open. Later ones count only once everything before them was read.
 */
export function closedWithoutLooks(facts: Facts): Evaluated | null {
  const { stage } = facts.release
  const awaited = stage.at === 'ready' ? stage.waiting?.precondition : undefined
  const evaluated = evaluate(facts)
  const untilAwaited = evaluated.findIndex(({ name }) => name === awaited) + 1
  const untilLook = evaluated.findIndex(({ looks }) => looks.length > 0)
  return (
    evaluated
      .slice(0, Math.max(untilAwaited, untilLook))
      .find(({ looks, result }) => looks.length === 0 && result.is !== 'open') ?? null
  )
}

function applicable(
  release: Release,
  rulesNow: CurrentRules | null,
): readonly (Precondition & { readonly name: PreconditionName })[] {
  return preconditions.filter(({ appliesTo }) => appliesTo(release, rulesNow))
}
