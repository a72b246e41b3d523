import type { Look } from '../look.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Release } from '../release.ts'
import { always, end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/** The requester may still request releases there; they may have left after the request. */
export const requester = { name: 'requester', appliesTo: always, looks, judge } satisfies Precondition

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
