import type { InboxItem, LockAsked } from '../messages/intent.ts'
import type { CardPlace } from '../messages/places.ts'
import { isSameCard } from '../messages/reply.ts'
import { actions, isDeciding } from '../release/actions/actions.ts'
import type { Stopping } from '../release/context.ts'
import type { Release } from '../release/release.ts'
import type { Transaction } from '../store/store.ts'
import { lockOffered } from './lock-offered.ts'

/**
 * What was asked and is not worked on yet, as it will be understood: the button Lock is the lock that its card offers. Clicks
 * that will be refused, whoever made them, are left out: on a message that is not the card, and on a Lock that is not offered.
 */
export async function unheard(
  tx: Pick<Transaction, 'pendingItems' | 'release' | 'card'>,
): Promise<readonly InboxItem[]> {
  const undone = await tx.pendingItems()
  const cards = new Map<string, CardPlace | null>()
  const releases = new Map<string, Release | null>()
  for (const { asked } of undone) {
    if (asked.ask !== 'action') continue
    const { action, releaseId } = asked
    if (!cards.has(releaseId)) cards.set(releaseId, await tx.card(releaseId))
    if (!isDeciding(action) && !releases.has(releaseId)) releases.set(releaseId, await tx.release(releaseId))
  }
  return undone.flatMap((item) => {
    const { asked } = item
    if (asked.ask !== 'action') return [item]
    const card = cards.get(asked.releaseId)
    // Until the card is known, any message may be it.
    if (card && !isSameCard(card, asked.card)) return []
    if (isDeciding(asked.action)) return [item]
    const release = releases.get(asked.releaseId)
    const lock = release ? lockOffered(asked.action, release) : null
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
  if (asked.ask === 'lock') return locks(asked, release) && !release.mayNotStop.includes(user)
  if (asked.ask !== 'action' || asked.releaseId !== release.id) return false
  const { action } = asked
  return isDeciding(action) && (actions[action].mayStop?.(release, user, receivedAt) ?? false)
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
