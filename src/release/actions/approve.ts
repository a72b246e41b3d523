import { approve as countApproval } from '../policy/approval-round.ts'
import type { Release } from '../release.ts'
import { type Confirm, type DecidingButton, serviceEnvironmentText } from './action.ts'

export const approve: DecidingButton = {
  label: 'Approve',
  style: 'primary',
  confirm,
  isOffered: ({ stage }) => stage.at === 'approval',
  whoMay: 'approver in the channel',
  decide: (draft, { by, round, pressedAt }, { lock }) => countApproval(draft, { by, round, pressedAt, lock }),
}

/** A run that waits may be older than what serves: nobody chose that commit, so the approver is asked once more. */
function confirm(release: Release): Confirm | null {
  const { subject } = release
  if (subject.kind !== 'gate' || !subject.changes.known || subject.changes.direction === 'forward')
    return null
  return {
    title: 'Deploy an older commit?',
    text: `${subject.commit.sha.slice(0, 7)} does not contain all that ${serviceEnvironmentText(release)} runs now. Approving it removes commits.`,
    yes: 'Approve',
  }
}
