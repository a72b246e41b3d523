import type { InboxItem, LockAsked } from '../messages/intent.ts'
import type { CardPlace } from '../messages/places.ts'
import { actions, isAction, isDeciding } from '../release/actions/actions.ts'
import type { Release } from '../release/release.ts'
import type { Transaction } from '../store/store.ts'
import { isOnCard } from './card-clicks.ts'
import { lockOffered } from './lock-offered.ts'

/**
 * Stored requests that are not handled yet, as they will be understood: the button Lock becomes the lock that its
 * card offers. Clicks that will be refused for anybody are left out: those on a message that is not the card, and a
 * Lock that is not offered.
 */
export async function pendingRequests(
  tx: Pick<Transaction, 'pendingItems' | 'release' | 'card'>,
): Promise<readonly InboxItem[]> {
  const pending = await tx.pendingItems()
  const cards = new Map<string, CardPlace | null>()
  const releases = new Map<string, Release | null>()
  for (const { asked } of pending) {
    if (asked.ask !== 'action' || !isAction(asked.action)) continue
    const { action, releaseId } = asked
    if (!cards.has(releaseId)) cards.set(releaseId, await tx.card(releaseId))
    if (!isDeciding(action) && !releases.has(releaseId)) releases.set(releaseId, await tx.release(releaseId))
  }
  return pending.flatMap((item) => {
    const { asked } = item
    if (asked.ask !== 'action') return [item]
    const card = cards.get(asked.releaseId)
    // Of another version of twokey: it is refused when it is handled.
    if (!isAction(asked.action)) return []
    // Until the card is stored, any message may be the card.
    if (card && !isOnCard(card, { ...asked, receivedAt: item.receivedAt })) return []
    if (isDeciding(asked.action)) return [item]
    const release = releases.get(asked.releaseId)
    const lock = release ? lockOffered(asked.action, release) : null
    return lock ? [{ ...item, asked: lock }] : []
  })
}

/**
 * Whether a request that may stop this release is stored, acknowledged and not handled yet. It came before anything
 * that is sent from now on. A person who was refused a stop in this round does not count.
 */
export function hasPendingStop(release: Release, pending: readonly InboxItem[]): boolean {
  return pending.some((item) => mayStop(release, item))
}

/**
 * Like `hasPendingStop`, for a dispatch that is marked and waits in the queue: only Cancel still stops it. A marked update
 * cannot be cancelled.
 */
export function hasPendingCancel(release: Release, pending: readonly InboxItem[]): boolean {
  return release.subject.kind !== 'rollback' && pending.some((item) => mayCancel(release, item))
}

function mayCancel(release: Release, { asked, from: { user } }: InboxItem): boolean {
  if (asked.ask === 'cancel' && asked.releaseId === undefined) return user === release.requester
  const isCancel = asked.ask === 'cancel' || (asked.ask === 'action' && asked.action === 'cancel')
  return isCancel && asked.releaseId === release.id && !release.mayNotStop.includes(user)
}

function mayStop(release: Release, item: InboxItem): boolean {
  const {
    asked,
    from: { user },
    receivedAt,
  } = item
  if (mayCancel(release, item)) return true
  if (asked.ask === 'lock') return wouldLock(asked, release) && !release.mayNotStop.includes(user)
  if (asked.ask !== 'action' || asked.releaseId !== release.id) return false
  const { action } = asked
  return isDeciding(action) && (actions[action].mayStop?.(release, user, receivedAt) ?? false)
}

/** Whether the requested lock would stop the release. */
function wouldLock(
  { environment, service }: LockAsked,
  { subject, ...release }: Pick<Release, 'subject' | 'environment' | 'service'>,
): boolean {
  return (
    subject.kind !== 'rollback' &&
    environment === release.environment &&
    (service === null || service === release.service)
  )
}
