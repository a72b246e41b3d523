import type { Checks } from './checks.ts'
import type { Draft } from './draft.ts'
import type { Look, Observation } from './look.ts'
import type { Time } from './names.ts'
import { checksRuleOf, isRed } from './policy/checks-rule.ts'
import type { CurrentRules } from './policy/current-rules.ts'
import type { Release } from './release.ts'

/**
 * How often the checks are read again while approvals are missing, in rounds of idle polling. Answers that have not changed cost
 * nothing of GitHub's rate limit.
 */
const rounds = { pending: 4, ended: 20 } as const

/** Reads the checks that a card shows to approvers again, and those that have to pass. */
export function looksAtChecks(release: Release, rules: CurrentRules | null): readonly Look[] {
  const { subject, policy, facts } = release
  if (checksRuleOf(release, rules) !== null) return requiredChecksLook(release)
  if (subject.kind === 'rollback' || policy.required === 0 || facts?.checks === undefined) return []
  const { repository, workflow, commit } = subject
  return [{ look: 'checks', repository, workflow, commit: commit.sha }]
}

/** Reads the checks of a commit, with those that its branch requires. */
export function requiredChecksLook({ subject }: Release): readonly Look[] {
  if (subject.kind === 'rollback') return []
  const { repository, workflow, commit, branch } = subject
  return [{ look: 'checks', repository, workflow, commit: commit.sha, requiredOn: branch }]
}

/**
 * When the checks are read next.
 * @param polling `idleMs`: a round of idle polling, ms
 */
export function untilChecks(release: Release, now: Time, { idleMs }: { readonly idleMs: number }): Time {
  if (looksAtChecks(release, null).length === 0) return Number.POSITIVE_INFINITY
  const { checks } = release.facts ?? {}
  const isPending = (checks?.pending ?? 0) > 0 || (checks?.required?.pending.count ?? 0) > 0
  return now + idleMs * (isPending ? rounds.pending : rounds.ended)
}

/** Takes checks that have changed. What could not be read says nothing about what was read before. */
export function noteChecks(draft: Draft, { checks: seen }: Observation): void {
  const { facts } = draft.release
  if (!seen?.seen || (facts?.checks === undefined && seen.value.required === undefined)) return
  const before = facts?.checks
  const isWorse = seen.value.unread !== undefined && before !== undefined && before.unread === undefined
  if (isWorse && !isRed(seen.value)) return
  if (before !== undefined && hasSameResults(before, seen.value)) return
  draft.change({ facts: { ...facts, checks: { ...seen.value, at: draft.now } } })
  draft.record('twokey', 'checks changed', { checks: seen.value })
}

function hasSameResults(one: Checks, other: Checks): boolean {
  const counts = ({ source, passed, pending, failed, failing, unread, required }: Checks) =>
    JSON.stringify([source, passed, pending, failed, failing, unread, required])
  return counts(one) === counts(other)
}
