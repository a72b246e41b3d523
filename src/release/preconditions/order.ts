import type { Look } from '../look.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Release } from '../release.ts'
import { end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/** The commit has succeeded in the environments that the current config requires first. */
export const order = { name: 'order', appliesTo, looks, judge } satisfies Precondition

function appliesTo({ subject }: Release, rules: CurrentRules | null): boolean {
  return subject.kind !== 'rollback' && rules !== null && rules.requires.length > 0
}

function looks({ service, environment, subject }: Release): readonly Look[] {
  return subject.kind === 'rollback'
    ? []
    : [{ look: 'order', service, environment, commit: subject.commit.sha }]
}

function judge(facts: Facts): Result {
  const { subject, environment } = facts.release
  if (subject.kind === 'rollback') return open()
  const requires = facts.context.currentRules?.requires ?? []
  return judgeLook(facts, 'order', ({ missing }) =>
    missing === null
      ? open({ succeededIn: requires })
      : end(
          'failed',
          `${environment} now requires a successful release in ${missing} first (twokey.yml was changed), and ${subject.commit.sha.slice(0, 7)} has none; nothing was dispatched`,
          { differs: { what: 'order differs', detail: { requires, missing } } },
        ),
  )
}
