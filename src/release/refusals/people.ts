import type { ServiceEnvironmentName } from '../names.ts'
import type { Eligibility, Membership } from '../policy/approval.ts'
import { heldBy, type Lock, lockedName, lockScopeArgs } from '../policy/lock.ts'
import type { Refusal } from '../refusal.ts'
import type { RefusalCode } from './codes.ts'
import { refuse } from './refuse.ts'

/** The eligibility of a person who may not, with the reason. */
type NotEligible = Extract<Eligibility, { eligible: false }>

const keeper = 'a maintainer of twokey.yml'
const soon = 'Try again in a minute. If this persists, ask the operator of twokey: the reason is in the log.'

/** A request for a release by a person who may not, or whose rights could not be determined. */
export function mayNotAsk({ why, sentence }: NotEligible, environment: string): Refusal {
  if (mayPass(why)) return refuse(why, `Nothing was requested: ${sentence}.`, soon)
  return refuse(
    askingCode(why),
    `You may not request a release to ${environment}: ${sentence}.`,
    why === 'not_an_approver'
      ? `Ask a colleague who may request it, or ${keeper} to add you under \`requesters\` of ${environment}.`
      : 'Ask a full member of this workspace to request it.',
  )
}

/** A request for an emergency deploy by a person who may not request one, whatever else they may request. */
export function mayNotAskEmergency(
  standing: NotEligible,
  { service, environment }: ServiceEnvironmentName,
): Refusal {
  if (standing.why !== 'not_an_approver') return mayNotAsk(standing, environment)
  return refuse(
    'not_allowed',
    `You may not request an emergency deploy to ${environment}: ${standing.sentence}.`,
    `Ask a colleague who may request one, or request a normal deploy: \`/deploy ${environment} ${service}\`. A maintainer of twokey.yml can add you under \`emergency.requesters\` of ${environment}.`,
  )
}

/**
 * A request for status, history, a list or a form by a person who may not read it, or whose rights could not be
 * determined.
 */
export function mayNotRead(who: Exclude<Membership, { is: 'member' }>): Refusal {
  switch (who.is) {
    case 'guest':
      return refuse(
        'not_a_member',
        'You are a guest of this workspace, and twokey shows releases to full members only.',
        'Ask a full member. A maintainer of twokey.yml can open reading to guests with `slack.readers: everyone`.',
      )
    case 'external':
      return refuse(
        'not_a_member',
        'twokey does not show this to people of other organizations.',
        'Ask a full member of the workspace. A maintainer of twokey.yml can open reading with `slack.readers: everyone`, and `externalChannels: true` for each environment that may be shown.',
      )
    case 'inactive':
      return refuse('not_a_member', `Nothing was shown: ${who.why}.`, 'Ask a full member of this workspace.')
    case 'unknown':
      return refuse('identity_unknown', `Nothing was shown: ${who.why}.`, soon)
  }
}

/** `/deploy notify` of a person who gets no direct messages, or who could not be identified. */
export function mayNotGetDirect(who: Exclude<Membership, { is: 'member' }>): Refusal {
  return who.is === 'unknown'
    ? refuse('identity_unknown', `Nothing was changed: ${who.why}.`, soon)
    : refuse(
        'not_a_member',
        `twokey does not send you direct messages: ${who.why}.`,
        'Ask a full member of this workspace to request or approve a release.',
      )
}

/** A lock or unlock by a person who may not request releases there. */
export function mayNotLock({ why, sentence }: NotEligible): Refusal {
  if (mayPass(why)) return refuse(why, `Nothing was locked: ${sentence}.`, soon)
  return refuse(
    askingCode(why),
    `You may not lock this: ${sentence}.`,
    'Ask a colleague who may request releases there, or an approver, to do it.',
  )
}

/** An unlock of another person's lock by a person who is no approver. */
export function mayNotUnlock({ why, sentence }: NotEligible, lock: Lock): Refusal {
  const refusal = refuse(
    askingCode(why),
    `${lockedName(lock)} is ${heldBy(lock)}, and you may not unlock it: ${sentence}.`,
    mayPass(why)
      ? soon
      : `Ask <@${lock.by}>, or an approver, to type \`/deploy unlock ${lockScopeArgs(lock)}\`.`,
  )
  return { ...refusal, said: lock.why }
}

/** A click on a card by a person who may not. @param act what they wanted to do to the release */
export function mayNotClick(
  { why, sentence }: NotEligible,
  act: 'approve' | 'reject' | 'acknowledge' | 'continue' | 'end',
  environment: string,
): Refusal {
  const reason = why === 'not_an_approver' ? `you are not an approver of ${environment}` : sentence
  const said = mayPass(why) ? `Your click was not counted: ${reason}` : `You cannot ${act} this: ${reason}`
  return refuse(why, `${said}.`, afterClick(why))
}

function afterClick(why: NotEligible['why']): string {
  switch (why) {
    case 'not_a_member':
    case 'not_an_approver':
      return 'Ask one of the approvers named on the card.'
    case 'channel_unknown':
      return 'If twokey is not in this channel, type `/invite @twokey`; then press it again.'
    case 'identity_unknown':
    case 'group_unknown':
      return 'Press it again in a minute. If this persists, ask the operator of twokey: the reason is in the log.'
    case 'channel_shared':
      return `Ask ${keeper} for a release channel that is not shared, or for \`externalChannels: true\`.`
  }
}

/** A click on Cancel, Settle or Look again by a person who neither requested the release nor is an approver there. */
export function notAllowed(): Refusal {
  return refuse(
    'not_allowed',
    'You cannot do that: only the requester and the approvers of a release can.',
    'Ask one of the people named on the card.',
  )
}

/** The code for a requester. A policy may list requesters, so a person on no list is not refused as "no approver". */
function askingCode(why: NotEligible['why']): RefusalCode {
  return why === 'not_an_approver' ? 'not_allowed' : why
}

/** Whether it may be known in a minute. */
function mayPass(why: NotEligible['why']): boolean {
  return why === 'identity_unknown' || why === 'group_unknown' || why === 'channel_unknown'
}
