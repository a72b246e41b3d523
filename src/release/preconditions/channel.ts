import type { Look } from '../look.ts'
import { allowsSharedChannels } from '../policy/approval.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Refusal } from '../refusal.ts'
import { channelShared, channelUnknown } from '../refusals/channels.ts'
import type { Release } from '../release.ts'
import {
  end,
  judgeLook,
  type NotOpen,
  open,
  type Precondition,
  type RequesterFacts,
  type Result,
} from './precondition.ts'

/** Approvals in a channel that another organization can see do not count, unless the environment allows it. */
export const channel = { name: 'channel', appliesTo, looks, judge, refusal } satisfies Precondition

function appliesTo({ policy }: Pick<Release, 'policy'>, rules: CurrentRules | null): boolean {
  return !allowsSharedChannels(policy) || (rules !== null && !allowsSharedChannels(rules.policy))
}

function looks({ channel: id }: Release): readonly Look[] {
  return [{ look: 'channel', channel: id }]
}

function judge(facts: RequesterFacts): Result {
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

/** A channel that twokey does not see may be shared. */
function refusal({ release: { environment, channel: home } }: RequesterFacts, { is }: NotOpen): Refusal {
  return is === 'waiting'
    ? channelUnknown({ the: 'release channel', home })
    : channelShared(environment, { the: 'release channel', home })
}
