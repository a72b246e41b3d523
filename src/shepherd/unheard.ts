import type { Stopping } from '../release/decide.ts'
import type { Release } from '../release/release.ts'
import type { InboxItem } from './asked.ts'

/**
 * Whether somebody pressed or typed what may stop this release, and it is written down, acknowledged and not worked on yet:
 * it came before whatever is sent from now on.
 */
export function stopping({ id, requester }: Release, undone: readonly InboxItem[]): Stopping {
  return undone.some(({ asked, from }) => {
    if (asked.ask === 'cancel') return from.user === requester
    return (
      asked.ask === 'action' &&
      asked.releaseId === id &&
      (asked.action === 'reject' || asked.action === 'cancel')
    )
  })
    ? 'somebody'
    : 'nobody'
}
