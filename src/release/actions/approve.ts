import { approve as countApproval } from '../policy/approval-round.ts'
import type { DecidingButton } from './action.ts'

export const approve: DecidingButton = {
  label: 'Approve',
  style: 'primary',
  isOffered: ({ stage }) => stage.at === 'approval',
  whoMay: 'approver in the channel',
  decide: (draft, { by, round, pressedAt }, { lock }) => countApproval(draft, { by, round, pressedAt, lock }),
}
