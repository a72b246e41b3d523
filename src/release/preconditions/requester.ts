import type { Look } from '../look.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Release } from '../release.ts'
import { end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/**
 * The requester may still request releases there; they may have left after the request. Who starts a run on GitHub requests
 * nothing here.
 */
export const requester = { name: 'requester', appliesTo, looks, judge } satisfies Precondition

function appliesTo({ subject }: Release): boolean {
  return subject.kind !== 'gate'
}

function looks({ requester: id }: Release, rules: CurrentRules | null): readonly Look[] {
  return rules === null ? [] : [{ look: 'requester', id, requesters: rules.requesters }]
}

function judge(facts: Facts): Result {
  const { requester: by } = facts.release
  return judgeLook(facts, 'requester', (standing) =>
    standing.eligible
      ? open({ by, via: standing.via })
      : end('failed', `<@${by}> can no longer request releases here: ${standing.sentence}; nothing was sent`),
  )
}
