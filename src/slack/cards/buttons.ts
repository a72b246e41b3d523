import type { Button } from '@slack/types'
import type { Release } from '../../release/release.ts'
import { type Action, rollbackRevision } from '../../release/state.ts'
import { actionPrefix, type ButtonWords, button } from '../blocks.ts'

/** The button of an action; its value routes the click, and proves nothing. */
export function actionButton(action: Action, release: Release): Button {
  const { label, ...words } = wordsOf(action, release)
  return button({
    action: `${actionPrefix}${action}`,
    label,
    spoken: `${label}: ${release.service} ${release.environment}`,
    value: buttonValue(release),
    ...words,
  })
}

/** Routes the click: the release, and which approval round the card showed. */
function buttonValue({ id, round }: Release): string {
  return `${id}:${round}`
}

type Words = Pick<ButtonWords, 'label' | 'style' | 'confirm'>

function wordsOf(action: Action, release: Release): Words {
  const where = `${release.service} in ${release.environment}`
  switch (action) {
    case 'approve':
      return { label: 'Approve', style: 'primary' }
    case 'withdraw':
      return { label: 'Withdraw approval' }
    case 'reject':
      return { label: 'Reject' }
    case 'cancel':
      return { label: 'Cancel', confirm: cancelConfirm(release, where) }
    case 'roll-back':
      return {
        label: 'Roll back',
        style: 'danger',
        confirm: {
          title: `Roll ${where} back?`,
          text: `This requests a rollback of ${where} to ${rollbackRevision(release) ?? 'the revision before'}, with its own approvals. Migrations are not undone.`,
          yes: 'Request it',
        },
      }
    case 'retry':
      return { label: 'Retry' }
    case 'lock':
      return {
        label: 'Lock',
        confirm: {
          title: `Lock ${where}?`,
          text: `Blocks deploys of ${release.service} to ${release.environment} until somebody unlocks it. Rollbacks stay possible.`,
          yes: 'Lock it',
        },
      }
    case 'look-again':
      return { label: 'Look again' }
    case 'acknowledge':
      return { label: 'Acknowledge', style: 'primary' }
    case 'settle':
      return {
        label: 'Settle',
        confirm: {
          title: `Settle ${where}?`,
          text: settleText(release, where),
          yes: 'Nothing is running',
        },
      }
  }
}

function settleText({ stage, tracks }: Release, where: string): string {
  if (stage.at !== 'underway')
    return `Confirm that nothing from this release is still running in ${where}. The next release can then start.`
  const settled = tracks.run?.endedAt == null ? 'run' : 'migration'
  return `Confirm that the ${settled} for ${where} does nothing more. twokey no longer waits for it; this release ends by what ECS shows. The next release can start once nothing else of this one is still in progress.`
}

function cancelConfirm({ stage }: Release, where: string): ButtonWords['confirm'] {
  const isSent = stage.at === 'sending' || stage.at === 'underway' || stage.at === 'ended'
  return {
    title: stage.at === 'ended' ? `Cancel the run for ${where}?` : `Cancel the release of ${where}?`,
    text: isSent
      ? `GitHub is asked to cancel the run for ${where}. What has been rolled out stays.`
      : `The release of ${where} ends here. Nothing of it has been sent.`,
    yes: stage.at === 'ended' ? 'Cancel the run' : 'Cancel the release',
  }
}
