import type { Look } from '../look.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Refusal } from '../refusal.ts'
import { mayNotAsk, mayNotAskEmergency } from '../refusals/people.ts'
import type { Release } from '../release.ts'
import { end, judgeLook, open, type Precondition, type RequesterFacts, type Result } from './precondition.ts'

/**
 * The requester may still request releases there; they may have left after the request. Who starts a run on GitHub requests
 * nothing here.
 */
export const requester = { name: 'requester', appliesTo, looks, judge, refusal } satisfies Precondition

function appliesTo({ subject }: RequesterFacts['release']): boolean {
  return subject.kind !== 'gate'
}

function looks({ requester: id }: Release, rules: CurrentRules | null): readonly Look[] {
  return rules === null ? [] : [{ look: 'requester', id, requesters: rules.requesters }]
}

function judge(facts: RequesterFacts): Result {
  const { requester: by } = facts.release
  return judgeLook(facts, 'requester', (standing) =>
    standing.eligible
      ? open({ by, via: standing.via })
      : end('failed', `<@${by}> can no longer request releases here: ${standing.sentence}; nothing was sent`),
  )
}

function refusal({ release, seen: { requester: standing } }: RequesterFacts): Refusal | null {
  if (!standing?.seen || standing.value.eligible) return null
  return release.emergency
    ? mayNotAskEmergency(standing.value, release)
    : mayNotAsk(standing.value, release.environment)
}
