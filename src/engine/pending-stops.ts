import type { InboxItem, LockAsked } from '../messages/intent.ts'
import type { CardPlace } from '../messages/places.ts'
import { isSameCard } from '../messages/reply.ts'
import { isSamePerson } from '../release/approval.ts'
import type { Stopping } from '../release/context.ts'
import type { Release } from '../release/release.ts'
import { isInTimeToWithdraw } from '../release/steps/approval.ts'
import type { Transaction } from '../store/store.ts'
import { lockOffered } from './lock-offered.ts'

/**
 * What was asked and is not worked on yet, as it will be understood: the button Lock is the lock that its card offers. Clicks
 * that will be refused, whoever made them, are left out: on a message that is not the card, which Cancel alone may be on, and on
 * a Lock that is not offered.
 */
export async function unheard(
  tx: Pick<Transaction, 'pendingItems' | 'release' | 'card'>,
): Promise<readonly InboxItem[]> {
  const undone = await tx.pendingItems()
  const cards = new Map<string, CardPlace | null>()
  const locks = new Map<string, LockAsked | null>()
  for (const { asked } of undone) {
    if (asked.ask !== 'action') continue
    const { action, releaseId } = asked
    if (!cards.has(releaseId)) cards.set(releaseId, await tx.card(releaseId))
    if (action !== 'lock' || locks.has(releaseId)) continue
    const release = await tx.release(releaseId)
    locks.set(releaseId, release && lockOffered(release))
  }
  return undone.flatMap((item) => {
    const { asked } = item
    if (asked.ask !== 'action' || asked.action === 'cancel') return [item]
    const card = cards.get(asked.releaseId)
    // Until the card is known, any message may be it.
    if (card && !isSameCard(card, asked.card)) return []
    if (asked.action !== 'lock') return [item]
    const lock = locks.get(asked.releaseId)
    return lock ? [{ ...item, asked: lock }] : []
  })
}

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
