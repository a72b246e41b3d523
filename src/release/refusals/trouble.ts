import { foreign } from '../foreign.ts'
import { moment } from '../moment.ts'
import type { Time } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import type { TroubleKind } from '../sighting.ts'
import { refuse } from './refuse.ts'

/**
 * Slack, GitHub or AWS could not be read.
 * @param trouble whether it may pass by itself
 */
export function couldNotRead(why: string, trouble: TroubleKind): Refusal {
  return refuse(
    'cannot_see',
    `Nothing was done: ${foreign(why)}.`,
    trouble === 'terminal'
      ? 'Ask the operator of twokey to fix that, then try again. The log has more; `npm run -s twokey -- check` checks twokey.yml.'
      : 'Try again in a minute. If this persists, ask the operator of twokey: the reason is in the log.',
  )
}

/** A lock is to end by the clock, and the person's time zone could not be determined. */
export function couldNotReadZone(time: string, why: string): Refusal {
  return refuse(
    'cannot_see',
    `Nothing was locked: twokey could not determine your time zone, so it does not know when ${time} is (${foreign(why)}).`,
    'Give a duration instead, for example `for 2h`.',
  )
}

/**
 * twokey had an internal error.
 * @param reference as its log shows it
 */
export function ownError(reference: string): Refusal {
  return refuse(
    'own_error',
    `Nothing was done: twokey had an internal error (reference ${reference}).`,
    'Try again. If this persists, give the reference to the operator of twokey: it is in the log.',
  )
}

/** The request waited too long while twokey was down. */
export function commandTooOld(askedAt: Time): Refusal {
  return refuse(
    'command_too_old',
    `Nothing was done: twokey was down when you asked, at ${moment(askedAt)}.`,
    'Request it again if you still want it; `/deploy status` shows what runs now.',
  )
}

/** A command or a flag that is announced but not available yet. */
export function notSupportedYet(what: string): Refusal {
  return refuse(
    'not_supported_yet',
    `Nothing was done: \`${what}\` is not supported yet.`,
    'Type `/deploy help` for the commands that work, `/deploy status` for what runs where.',
  )
}

/** Slack did not open the form. @param next what may be typed instead */
export function formNotOpened(why: string, next: string): Refusal {
  return refuse('form_not_opened', `Nothing was done: Slack did not open the form (${foreign(why)}).`, next)
}

/** A button that this version of twokey does not know. */
export function buttonUnknown(): Refusal {
  return refuse(
    'button_unknown',
    'Nothing was done: twokey does not know that button.',
    '`/deploy status` shows what is in progress, and links its card.',
  )
}

/** A button or a form names a release that is not in the store. */
export function releaseUnknown(): Refusal {
  return refuse(
    'release_unknown',
    'Nothing was done: there is no such release.',
    '`/deploy status` shows what is in progress, `/deploy history` shows past releases.',
  )
}

/**
 * Slack permanently refuses the post of a card.
 * @param release service, environment and state; trouble: what Slack answered, and how to repair it
 */
export function cardNotPosted(
  release: string,
  channel: string,
  trouble: { readonly sentence: string; readonly next: string },
): Refusal {
  return refuse(
    'card_not_posted',
    `The card of your release (${release}) cannot be posted in <#${channel}>: ${trouble.sentence}.`,
    `${trouble.next} twokey then posts the card. To end the release instead, type \`/deploy cancel\`.`,
  )
}
