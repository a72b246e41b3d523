import type { Button } from '@slack/types'
import type { Confirm } from '../../release/actions/action.ts'
import { type Action, actions } from '../../release/actions/actions.ts'
import type { Release } from '../../release/release.ts'
import { actionPrefix, type ButtonWords, button, pickCancel } from '../blocks.ts'

/** The button of an action on the card. Its value routes the click and proves nothing. */
export function actionButton(action: Action, release: Release): Button {
  return button({
    ...wordsOf(action, release),
    action: `${actionPrefix}${action}`,
    value: `${release.id}:${release.round}`,
  })
}

/** Cancel for a release in the list of `/deploy cancel`. */
export function pickCancelButton(release: Release): Button {
  return button({ ...wordsOf('cancel', release), action: pickCancel, value: release.id })
}

/** The texts that the table may set for a button. */
type Words = {
  readonly label: string
  readonly style?: ButtonWords['style']
  readonly confirm?: (release: Release) => Confirm | null
}

function wordsOf(action: Action, release: Release): Omit<ButtonWords, 'action' | 'value'> {
  const { label, style, confirm: confirmOf }: Words = actions[action]
  const confirm = confirmOf?.(release)
  return {
    label,
    spoken: `${label}: ${release.service} ${release.environment}`,
    ...(style && { style }),
    ...(confirm && { confirm }),
  }
}
