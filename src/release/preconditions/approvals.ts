import type { Look, SightingOf } from '../look.ts'
import { evaluate } from '../policy/approval.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Release } from '../release.ts'
import { always, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/** The approvals are counted again, with the people as they are now. */
export const approvals = { name: 'approvals', appliesTo: always, looks, judge } satisfies Precondition

function looks({ approvals: given, policy }: Release, rules: CurrentRules | null): readonly Look[] {
  if (given.length === 0) return []
  const policies = rules === null ? [policy] : [policy, rules.policy]
  return [
    { look: 'people', ids: given.map(({ by }) => by), lists: policies.map(({ approvers }) => approvers) },
  ]
}

function judge(facts: Facts): Result {
  const { release } = facts
  if (release.approvals.length === 0) return count(release, {})
  return judgeLook(facts, 'people', (standing) => count(release, standing))
}

function count(release: Release, standing: SightingOf<'people'>): Result {
  const verdict = evaluate({ ...release, standing })
  const { status, ...counted } = verdict
  if (status === 'approved') return open(counted)
  return {
    is: 'ask again',
    why: `${counted.missing} of ${counted.required} approvals are missing`,
    counted: verdict,
  }
}
