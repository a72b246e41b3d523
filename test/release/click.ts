import type { Click } from '../../src/release/actions/action.ts'
import type { ClickInput, DecidingAction } from '../../src/release/actions/actions.ts'
import { start } from './world.ts'

/** A click on a button of the first version of the card, unless specified otherwise. */
export function click(
  on: DecidingAction,
  by: Click['by'],
  part: Partial<Pick<Click, 'round' | 'pressedAt'>> = {},
): ClickInput {
  return { on, by, round: 0, pressedAt: start, ...part }
}
