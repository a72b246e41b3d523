import { looksAtChecks, noteChecks } from '../checks-again.ts'
import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import { sentInputs } from '../input-binding.ts'
import type { Look, Observation } from '../look.ts'
import { locationOf, type Time, targetName } from '../names.ts'
import { binding } from '../policy/approval-round.ts'
import { checksRuleOf } from '../policy/checks-rule.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import { sendBy } from '../preconditions/age.ts'
import { applyResult, noteApprovals } from '../preconditions/apply.ts'
import {
  closedWithoutLooks,
  type Evaluated,
  evaluate,
  looksOfPreconditions,
  openResults,
  waitsWithoutLooks,
} from '../preconditions/list.ts'
import type { Facts } from '../preconditions/precondition.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import { looksAtGate, reviewGate, stepGate } from '../tracks/gate.ts'
import { openingComment } from '../tracks/gate-comment.ts'
import { looksAtOtherRuns, noteOtherRuns } from '../tracks/other-runs.ts'
import type { StageRules } from './stage-rules.ts'

/** How soon a release that waits for its card is looked at again at first, ms. */
const firstCardLookMs = 500

/**
 * All approvals are in: everything approved is checked again, then sent. Nothing outside but its gate is read while the
 * release waits for something that the store shows; afterwards everything is, because what was read before is old.
 */
export const ready: StageRules = {
  looks: (release, rules) =>
    waitsWithoutLooks(release, rules)
      ? looksAtGate(release)
      : [
          ...looksOfPreconditions(release, rules),
          ...looksAtTasksBefore(release),
          ...looksAtOtherRuns(release, { at: 'dispatch', ...ownRun(release) }),
          ...looksAtChecksOnce(release, rules),
        ],
  step,
  nextLook({ stage }, now, { activeMs, idleMs }) {
    if (stage.at !== 'ready') return now + activeMs
    const { waiting, since, notBefore = 0 } = stage
    if (waiting === undefined) return Math.max(now, notBefore)
    // CI and another release take minutes, and each look reads everything else too.
    if (waiting.precondition === 'checks' || waiting.precondition === 'order')
      return Math.max(now + Math.max(activeMs, idleMs), notBefore)
    // A card is posted within a second as a rule, which is not worth a whole round of polling.
    const soon = waiting.precondition === 'card' ? Math.max(firstCardLookMs, (now - since) / 2) : activeMs
    return Math.max(now + Math.min(activeMs, soon), notBefore)
  },
}

/** A run that waits at a gate is in progress before anything is sent. */
function ownRun({ subject }: Release): { readonly own?: number } {
  return subject.kind === 'gate' ? { own: subject.run.id } : {}
}

/** Checks that only the card shows are not read again while the release waits for something else. */
function looksAtChecksOnce(release: Release, rules: CurrentRules | null): readonly Look[] {
  const { stage } = release
  const isOnlyShown = checksRuleOf(release, rules) === null
  return isOnlyShown && stage.at === 'ready' && stage.waiting === undefined
    ? looksAtChecks(release, rules)
    : []
}

/** Lists earlier tasks, because a migration from before the dispatch is not the one that the workflow will run. */
function looksAtTasksBefore({ subject, migration }: Release): readonly Look[] {
  if (subject.kind === 'rollback' || migration === null) return []
  const { cluster, family } = migration
  return [{ look: 'tasksBefore', cluster, family, ...locationOf(migration) }]
}

/**
 * The last check before anything is sent: the same people, commit and workflow, and the lane. The first precondition
 * that is not open decides.
 */
function step(draft: Draft, seen: Observation, context: Context): undefined {
  noteChecks(draft, seen)
  stepGate(draft, seen, context)
  if (draft.release.stage.at !== 'ready') return
  const facts = { release: draft.release, seen, context }
  const asked = looksOfPreconditions(draft.release, context.currentRules)
  // The release waited without looks, or its last approval came while it was read for its card.
  if (asked.every(({ look }) => look === 'gate' || seen[look] === undefined))
    return stepWithoutLooks(draft, facts)
  const evaluated = evaluate(facts)
  for (const { looks, ...judged } of evaluated) {
    for (const { look } of looks) readLook<unknown>(draft, look, seen[look])
    applyResult(draft, facts, judged)
    if (judged.result.is !== 'open') return
  }
  notePreconditions(draft, evaluated, context)
  noteTasksBefore(draft, seen.tasksBefore)
  noteOtherRuns(draft, seen)
  if (seen.before?.seen) send(draft, seen.before.value.at, context)
}

/** Continues to wait, or ends; once it waits for nothing, everything is read at once. */
function stepWithoutLooks(draft: Draft, facts: Facts): undefined {
  const { stage } = draft.release
  if (stage.at !== 'ready') return
  const closed = closedWithoutLooks(facts)
  if (closed !== null) return void applyResult(draft, facts, closed)
  const { waiting: _, ...rest } = stage
  draft.change({ stage: rest })
}

/**
 * Audits once, at the dispatch, the facts on which each precondition decided, with the people by id and the times of
 * their clicks.
 */
function notePreconditions(draft: Draft, evaluated: readonly Evaluated[], context: Context): void {
  const results = openResults(evaluated)
  noteApprovals(draft, results.approvals ?? {}, context)
  draft.record('twokey', 'preconditions', results)
}

/** Stores the earlier tasks. A failed list delays nothing, because a task dated before the dispatch is left out anyway. */
function noteTasksBefore(draft: Draft, seen: Observation['tasksBefore']): void {
  if (seen === undefined) return
  const { migration } = draft.release.tracks
  draft.track({ migration: { ...migration, before: seen.seen ? seen.value : null } })
  if (!seen.seen) draft.record('twokey', 'could not see', { look: 'tasksBefore', reason: seen.reason })
}

/** Marks the dispatch or update, which is sent after the commit. */
function send(draft: Draft, sentAtAws: Time, { holders }: Pick<Context, 'holders'>): void {
  const { release, now } = draft
  const { subject } = release
  const latest = sendBy(release, now)
  draft.change({ sentAt: now, sentAtAws })
  if (subject.kind === 'gate') draft.addEffect({ do: 'hold-lanes', beside: holders.map(({ id }) => id) })
  else draft.addEffect({ do: 'take-lanes' })
  draft.moveTo({ at: 'sending', since: now, lastAt: now, attempts: 1 })
  const { policy: _, ...bound } = binding(release)
  const before = beforeOf(release)
  switch (subject.kind) {
    case 'deploy': {
      const inputs = sentInputs(subject.inputs)
      const { workflow, branch: ref, tip } = subject
      draft.record('twokey', 'dispatch marked', {
        workflow,
        ref,
        inputs,
        tip,
        ...bound,
        before,
        ...(release.migration && { tasksBefore: release.tracks.migration.before }),
      })
      const details = release.runDetails === 'refused' ? 'omitted' : 'asked'
      draft.addEffect({ do: 'dispatch', subject, inputs, details, sendBy: latest })
      return
    }
    case 'rerun': {
      const { repository, run } = subject
      draft.record('twokey', 'rerun marked', {
        run: run.id,
        attempt: run.attempt,
        ...bound,
        before,
        ...(release.migration && { tasksBefore: release.tracks.migration.before }),
      })
      draft.addEffect({ do: 'rerun', repository, runId: run.id, attempt: run.attempt, sendBy: latest })
      return
    }
    case 'gate':
      reviewGate(draft, { verdict: 'approved', sendBy: latest, comment: openingComment(release) })
      draft.record('twokey', 'opening marked', { ...bound, before })
      return
    case 'rollback': {
      const { revision } = subject
      for (const target of release.targets)
        draft.addEffect({ do: 'update', target, revision, sendBy: latest })
      draft.record('twokey', 'update marked', { ...bound, before })
    }
  }
}

/** The revision that each target ran before anything was sent, for the audit. */
function beforeOf({ tracks }: Release) {
  return tracks.rollouts.map(({ target, before }) => ({
    target: targetName(target),
    deployment: before?.primary ?? null,
    revision: before?.revision.arn ?? null,
  }))
}
