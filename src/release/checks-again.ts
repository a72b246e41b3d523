import type { Checks } from './checks.ts'
import type { Draft } from './draft.ts'
import type { Look, Observation } from './look.ts'
import type { Time } from './names.ts'
import type { Release } from './release.ts'

/**
 * How often the checks are read again while approvals are missing, in rounds of idle polling. Answers that have not changed cost
 * nothing of GitHub's rate limit.
 */
const rounds = { pending: 4, ended: 20 } as const

/** Reads the checks that a card shows to approvers again. */
export function looksAtChecks({ subject, policy, facts }: Release): readonly Look[] {
  if (subject.kind === 'rollback' || policy.required === 0 || facts?.checks === undefined) return []
  const { repository, workflow, commit } = subject
  return [{ look: 'checks', repository, workflow, commit: commit.sha }]
}

/**
 * When the checks are read next.
 * @param polling `idleMs`: a round of idle polling, ms
 */
export function untilChecks(release: Release, now: Time, { idleMs }: { readonly idleMs: number }): Time {
  if (looksAtChecks(release).length === 0) return Number.POSITIVE_INFINITY
  const isPending = (release.facts?.checks?.pending ?? 0) > 0
  return now + idleMs * (isPending ? rounds.pending : rounds.ended)
}

/** Takes checks that have changed. What could not be read says nothing about what was read before. */
export function noteChecks(draft: Draft, { checks: seen }: Observation): void {
  const { facts } = draft.release
  if (!seen?.seen || facts?.checks === undefined) return
  const isWorse = seen.value.unread !== undefined && facts.checks.unread === undefined
  if (isWorse || isSame(facts.checks, seen.value)) return
  draft.change({ facts: { ...facts, checks: { ...seen.value, at: draft.now } } })
  draft.record('twokey', 'checks changed', { checks: seen.value })
}

function isSame(one: Checks, other: Checks): boolean {
  const counts = ({ source, passed, pending, failed, failing, unread }: Checks) =>
    JSON.stringify([source, passed, pending, failed, failing, unread])
  return counts(one) === counts(other)
}
