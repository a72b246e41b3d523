import type { Release } from '../release.ts'
import { acknowledge } from './acknowledge.ts'
import type { Click, DecidingButton, RequestingButton } from './action.ts'
import { approve } from './approve.ts'
import { cancel } from './cancel.ts'
import { continueRollout } from './continue.ts'
import { lock } from './lock.ts'
import { lookAgain } from './look-again.ts'
import { reject } from './reject.ts'
import { rerun } from './rerun.ts'
import { retry } from './retry.ts'
import { rollBack } from './roll-back.ts'
import { settle } from './settle.ts'
import { stopRollout } from './stop-rollout.ts'
import { withdraw } from './withdraw.ts'

/**
 * The buttons of a card, in their order on it. A name is stored, and is the button's `action_id` after `twokey:`.
 * Cards, labels, Slack's payloads, the lookup of people and the decisions all read this table.
 */
export const actions = {
  acknowledge,
  approve,
  reject,
  withdraw,
  continue: continueRollout,
  cancel,
  'look-again': lookAgain,
  settle,
  'stop-rollout': stopRollout,
  retry,
  're-run': rerun,
  'roll-back': rollBack,
  lock,
} as const satisfies Record<string, DecidingButton | RequestingButton>

export type Action = keyof typeof actions

/** Buttons that change their own release. */
export type DecidingAction = {
  [A in Action]: (typeof actions)[A] extends DecidingButton ? A : never
}[Action]

/** A click on such a button, as an input of its release. */
export type ClickInput = Click & { readonly on: DecidingAction }

/** Whether a word is the name of a button. */
export function isAction(word: string): word is Action {
  return Object.hasOwn(actions, word)
}

/** Whether a button changes its own release; otherwise it requests something new. */
export function isDeciding(action: Action): action is DecidingAction {
  return 'decide' in actions[action]
}

/** Whether a click on a button may stop its release, and can do nothing else to it. */
export function onlyStops(action: Action): boolean {
  return isDeciding(action) && actions[action].mayStop !== undefined
}

/** The buttons that the card of the release offers. */
export function actionsOf(release: Release): readonly Action[] {
  return (Object.keys(actions) as Action[]).filter((action) => actions[action].isOffered(release))
}

/** Labels of the offered buttons that may free the lane of the release. */
export function labelsThatFreeLane(release: Release): readonly string[] {
  return actionsOf(release).flatMap((action) => {
    const { label, freesLane }: DecidingButton | RequestingButton = actions[action]
    return freesLane ? [label] : []
  })
}
