import { foreign } from '../foreign.ts'
import { moment } from '../moment.ts'
import type { PersonId, ServiceEnvironmentName, Time } from '../names.ts'
import type { Approval } from '../policy/approval.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from './refuse.ts'

/** A release as the refusal of a button click names it. */
type Pressed = ServiceEnvironmentName & { readonly state: string }

/** Approve, Reject or Withdraw approval comes after its time. @param ended since when, and why; null: it is past its approvals */
export function alreadyDecided(
  { service, environment, state }: Pressed,
  ended: { readonly since: Time; readonly reason: string } | null,
  approvals: readonly Pick<Approval, 'by' | 'at'>[],
): Refusal {
  const by = approvals.map((approval) => `<@${approval.by}> at ${moment(approval.at)}`).join(' and by ')
  const approved = by === '' ? '' : `, approved by ${by}`
  const end = ended === null ? '' : ` It ended ${moment(ended.since)}: ${quotedReason(ended.reason)}.`
  return refuse(
    'already_decided',
    `Your click came too late. This release is ${state}${approved}.${end}`,
    ended === null
      ? `See its card, or type \`/deploy status ${environment} ${service}\`.`
      : `See its card, or type \`/deploy history ${service} ${environment}\`.`,
  )
}

/** The name of the person is ours; the text after it is from outside. */
function quotedReason(reason: string): string {
  const [by = ''] = /^(?:rejected|cancelled|locked) by <@[UW][A-Z0-9]{1,20}>/.exec(reason) ?? []
  return by + (by === reason ? '' : foreign(reason.slice(by.length)))
}

/** A click on Cancel, Settle or Look again for a release that has ended. */
export function alreadyEnded({ service, environment, state }: Pressed, meant: Ending): Refusal {
  return refuse(
    'already_ended',
    `This release has ended (${state}): it can no longer be ${meant}.`,
    `See its card for how it ended, or type \`/deploy history ${service} ${environment}\`.`,
  )
}

/**
 * A click on Cancel, Settle or Look again in a state that does not allow it.
 * @param way the next step that is possible
 */
export function notCancellable(pressed: Pressed, meant: Ending, way: WayOut): Refusal {
  return refuse(
    'not_cancellable',
    `This release is ${pressed.state}: it cannot be ${meant} now.`,
    way === 'cancel' ? 'To stop it, press Cancel on its card.' : goBack(pressed, way),
  )
}

/**
 * A click on Cancel while the cancellation of the run is already requested from GitHub.
 * @param asked who requested that, and when
 */
export function cancellationRequested(
  { settle, ...serviceEnvironment }: ServiceEnvironmentName & { readonly settle: 'offered' | 'not offered' },
  asked: { readonly by: PersonId; readonly at: Time },
  way: WayBack,
): Refusal {
  return refuse(
    'not_cancellable',
    `<@${asked.by}> already asked to cancel the workflow run of this release at ${moment(asked.at)}. twokey repeats the request until the run has ended.`,
    `If the run does not stop, cancel it on GitHub${settle === 'offered' ? ', or press Settle on the card once nothing from it is running' : ''}. ${goBack(serviceEnvironment, way)}`,
  )
}

/** `asked`: a rollback was requested, and is not sent yet. */
type WayBack = 'rollback' | { readonly asked: string }
type WayOut = WayBack | 'cancel'

function goBack({ service, environment }: ServiceEnvironmentName, way: WayBack): string {
  return way === 'rollback'
    ? `To go back, type \`/rollback ${service} ${environment}\`.`
    : `Rollback ${way.asked} will replace it: see its card, which \`/deploy status ${environment} ${service}\` links.`
}

type Ending = 'cancelled' | 'settled' | 'looked at again'

/** A click on Lock on a card that does not offer it. */
export function lockNotOffered({ service, environment }: ServiceEnvironmentName): Refusal {
  return refuse(
    'not_allowed',
    'Nothing was locked: only the card of a rollback that succeeded offers that.',
    `Type \`/deploy lock ${environment} ${service} <reason>\`.`,
  )
}

/** A click on Continue where nothing waits for it. */
export function notPaused({ service, environment, state }: Pressed): Refusal {
  return refuse(
    'not_paused',
    `Nothing was continued: the release of ${service} to ${environment} is ${state}, and no pause waits for a click now.`,
    `See its card, or type \`/deploy status ${environment} ${service}\`.`,
  )
}

/** A click on Roll back for a rollout that ECS can no longer roll back, or rolls back already. */
export function notStoppable(pressed: Pressed): Refusal {
  return refuse(
    'not_cancellable',
    `This release is ${pressed.state}: ECS cannot roll its rollout back now.`,
    goBack(pressed, 'rollback'),
  )
}

/** The button under which a click counts as an approval. */
type ApprovingButton = 'Approve' | 'Continue'

/** The approvals were voided after the card was read. */
export function cardOutdated(button: ApprovingButton = 'Approve'): Refusal {
  return refuse(
    'card_outdated',
    'Your click was not counted: the card has changed since, and the release needs new approvals.',
    `Read the card as it is now, then press ${button} again.`,
  )
}

/** The clicked message is not the current card of its release. */
export function cardMismatch(about: string): Refusal {
  const refusal = refuse(
    'card_mismatch',
    'Nothing was done: that button is not on the current card of its release.',
    'Press it on the current card in the release channel: `/deploy status` links it.',
  )
  return { ...refusal, about }
}

/** The policy bars this approver from this release. @param why in the policy's words */
export function mayNotApprove(why: string, button: ApprovingButton = 'Approve'): Refusal {
  return refuse(
    'may_not_approve',
    `You cannot approve this: ${why}.`,
    `Ask another approver to press ${button}.`,
  )
}

/** The same person approves twice. */
export function alreadyApproved(button: ApprovingButton = 'Approve'): Refusal {
  return refuse(
    'already_approved',
    'You already approved this. It needs another person.',
    `Ask another approver to press ${button}.`,
  )
}

/** A withdrawal by somebody who gave no approval. */
export function nothingToWithdraw(of: ApprovingButton = 'Approve'): Refusal {
  const [given, stop] =
    of === 'Approve' ? ['this release', 'Reject'] : ['that this rollout continues', 'Roll back']
  return refuse(
    'nothing_to_withdraw',
    `You have not approved ${given}, so there is nothing to withdraw.`,
    `To stop it, press ${stop}.`,
  )
}

/**
 * An acknowledgement of an emergency that no longer needs one.
 * @param by who acknowledged it
 */
export function alreadyAcknowledged(
  { service, environment }: ServiceEnvironmentName,
  by: PersonId | null,
): Refusal {
  return refuse(
    'already_acknowledged',
    by === null
      ? 'This release needs no acknowledgement.'
      : `<@${by}> has acknowledged this release already.`,
    `Nothing is left to do: \`/deploy history ${service} ${environment}\` shows it.`,
  )
}

/**
 * An acknowledgement by the person who requested or approved the emergency.
 * @param did what they did
 */
export function mayNotAcknowledge(did: 'requested' | 'approved'): Refusal {
  return refuse(
    'may_not_acknowledge',
    `You cannot acknowledge this emergency: you ${did} it.`,
    'Ask another approver to press Acknowledge.',
  )
}

/** A reason of a rejection that is not accepted. */
export function reasonNotTaken(
  why: 'of another' | 'said already' | 'too late' | { readonly notEligible: string },
): Refusal {
  return refuse('reason_not_taken', reasonText(why), 'Write it in the thread of the card instead.')
}

function reasonText(why: Parameters<typeof reasonNotTaken>[0]): string {
  switch (why) {
    case 'of another':
      return 'The reason was not added: only the person who rejected a release can add the reason.'
    case 'said already':
      return 'The reason was not added: you have given one already.'
    case 'too late':
      return 'The reason was not added: you rejected this release more than an hour ago.'
    default:
      return `The reason was not added: ${why.notEligible}.`
  }
}
