import { evaluate } from './policy/approval.ts'
import { lockedName } from './policy/lock.ts'
import { rateLimitWait } from './preconditions/age.ts'
import type { Waiting } from './preconditions/precondition.ts'
import type { Release } from './release.ts'

/** What a release waits for until it is sent, from what is stored; null once it was sent, or has ended. */
export function waitingFor(release: Release): Omit<Waiting, 'is'> | null {
  const { stage } = release
  switch (stage.at) {
    case 'approval':
      return { why: approvalsText(release) }
    case 'wait':
      return { why: 'the wait timer', until: stage.until }
    case 'ready':
      return stage.waiting ?? rateLimitWait(stage) ?? { why: 'the final checks' }
    case 'sending':
    case 'underway':
    case 'ended':
      return null
  }
}

/** The words for the approval stage. During a lock no approval counts. */
function approvalsText(release: Release): string {
  const { subject, lock } = release
  const { missing, counted } = evaluate(release)
  const approvals = `${missing}${counted.length > 0 ? ' more' : ''} approval${missing === 1 ? '' : 's'}`
  return lock === null || subject.kind === 'rollback'
    ? approvals
    : `the lock of ${lockedName(lock)} to be removed, and ${approvals}`
}
