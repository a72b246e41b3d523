import { isSamePerson } from '../release/approval.ts'
import type { Stopping } from '../release/decide.ts'
import type { Release } from '../release/release.ts'
import { isInTimeToWithdraw } from '../release/steps/approval.ts'
import type { InboxItem, LockAsked } from './asked.ts'

/**
 * Whether somebody pressed or typed what may stop this release, and it is written down, acknowledged and not worked on yet:
 * it came before whatever is sent from now on. Whoever was told in this round that they may not stop it holds nothing.
 */
export function stopping(release: Release, undone: readonly InboxItem[]): Stopping {
  return undone.some((item) => mayStop(release, item)) ? 'somebody' : 'nobody'
}

/** As `stopping`, of a dispatch that is marked and waits its turn: Cancel alone stops it still. A marked update is not cancelled. */
export function cancelling(release: Release, undone: readonly InboxItem[]): Stopping {
  return release.subject.kind === 'deploy' && undone.some((item) => mayCancel(release, item))
    ? 'somebody'
    : 'nobody'
}

function mayCancel({ id, requester, mayNotStop }: Release, { asked, from: { user } }: InboxItem): boolean {
  if (asked.ask === 'cancel') return user === requester
  return (
    asked.ask === 'action' &&
    asked.action === 'cancel' &&
    asked.releaseId === id &&
    !mayNotStop.includes(user)
  )
}

function mayStop(release: Release, item: InboxItem): boolean {
  const {
    asked,
    from: { user },
    receivedAt,
  } = item
  const { id, approvals, policy, mayNotStop } = release
  if (mayCancel(release, item)) return true
  if (asked.ask === 'lock') return locks(asked, release) && !mayNotStop.includes(user)
  if (asked.ask !== 'action' || asked.releaseId !== id) return false
  switch (asked.action) {
    case 'reject':
      return !mayNotStop.includes(user)
    case 'withdraw':
      return (
        isInTimeToWithdraw(release, receivedAt) && approvals.some(({ by }) => isSamePerson(policy, by, user))
      )
    default:
      return false
  }
}

/** Whether the lock would keep the release out. */
function locks(
  { environment, service }: LockAsked,
  { subject, ...release }: Pick<Release, 'subject' | 'environment' | 'service'>,
): boolean {
  return (
    subject.kind === 'deploy' &&
    environment === release.environment &&
    (service === null || service === release.service)
  )
}
