import type { Look } from '../look.ts'
import { allowsSharedChannels } from '../policy/approval.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Release } from '../release.ts'
import { end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/** Approvals in a channel that another organization can see do not count, unless the environment allows it. */
export const channel = { name: 'channel', appliesTo, looks, judge } satisfies Precondition

function appliesTo({ policy }: Release, rules: CurrentRules | null): boolean {
  return !allowsSharedChannels(policy) || (rules !== null && !allowsSharedChannels(rules.policy))
}

function looks({ channel: id }: Release): readonly Look[] {
  return [{ look: 'channel', channel: id }]
}

function judge(facts: Facts): Result {
  const { environment, channel: id } = facts.release
  return judgeLook(facts, 'channel', (sharing) =>
    sharing === 'inside'
      ? open({ channel: id })
      : end(
          'failed',
          `the release channel is shared with another organization, and ${environment} does not allow that; nothing was sent`,
        ),
  )
}
