import type { Look } from '../look.ts'
import type { MissingFirst } from '../order-sighting.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Refusal } from '../refusal.ts'
import { notShippedThereFirst } from '../refusals/commits.ts'
import type { Release } from '../release.ts'
import {
  end,
  type Facts,
  judgeLook,
  type NotOpen,
  open,
  type Precondition,
  type Result,
  waitFor,
} from './precondition.ts'

/** The commit has succeeded in the environments that the current config requires first. */
export const order = { name: 'order', appliesTo, looks, judge, refusal } satisfies Precondition

function appliesTo({ subject }: Pick<Release, 'subject'>, rules: CurrentRules | null): boolean {
  return subject.kind !== 'rollback' && rules !== null && rules.requires.length > 0
}

function looks({
  service,
  environment,
  subject,
}: Pick<Release, 'service' | 'environment' | 'subject'>): readonly Look<'order'>[] {
  return subject.kind === 'rollback' ? [] : [{ look: 'order', service, environment, subject }]
}

function judge(facts: Facts): Result {
  const requires = facts.context.currentRules?.requires ?? []
  return judgeLook(facts, 'order', ({ missing }) =>
    missing === null ? open({ succeededIn: requires }) : notYet(facts.release, missing, requires),
  )
}

/**
 * Waits for a release that is in progress there. A run that waits at a gate may be early: the workflow that deploys the
 * commit there started with it, or has not started yet.
 */
function notYet(
  { subject, environment }: Release,
  missing: MissingFirst,
  requires: readonly string[],
): Result {
  if (subject.kind === 'rollback') return open()
  const { environment: first, last } = missing
  const commit = subject.commit.sha.slice(0, 7)
  if (last?.outcome === null)
    return waitFor(`${commit} to succeed in ${first}, where release ${last.release} is in progress`)
  const differs = { what: 'order differs', detail: { requires, missing } }
  if (subject.kind === 'deploy' || subject.kind === 'rerun')
    return end(
      'failed',
      `${environment} now requires a successful release in ${first} first (twokey.yml was changed), and ${commit} has none; nothing was dispatched`,
      { differs },
    )
  return last === null
    ? waitFor(`${commit} to succeed in ${first}, which ${environment} requires first`)
    : end(
        'failed',
        `${environment} requires ${first} first, and ${commit} did not succeed there (release ${last.release}: ${last.outcome}); nothing was rolled out`,
        { differs },
      )
}

/** A run that waits at a gate may be early, but not after a release of its commit has ended badly there. */
function refusal({ release, seen: { order: seen } }: Facts, { is }: NotOpen): Refusal | null {
  const { subject } = release
  if (subject.kind === 'rollback' || !seen?.seen || seen.value.missing === null) return null
  if (subject.kind === 'gate' && is !== 'end') return null
  const { of = release, environment: first, branch = null, last } = seen.value.missing
  return notShippedThereFirst(of, { commit: subject.commit.sha, first, branch, last })
}
