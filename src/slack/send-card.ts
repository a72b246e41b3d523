import { createHash } from 'node:crypto'
import type { Release } from '../release/release.ts'
import { actionsOf, stateOf } from '../release/state.ts'
import type { DueCard, Outbox } from '../store/store.ts'
import type { Message } from './blocks.ts'
import { card } from './cards/card.ts'
import { findPosted } from './find.ts'
import { edit, post, type SendNeeds } from './send.ts'
import { troubleOf } from './trouble.ts'

export type CardNeeds = SendNeeds & {
  readonly outbox: Outbox
}

/** A card as it would look now. */
export type DrawnCard = { readonly due: DueCard; readonly message: Message; readonly shown: string }

export function drawn(due: DueCard): DrawnCard {
  const message = card(due.release)
  const shown = createHash('sha256').update(JSON.stringify(message)).digest('hex')
  return { due, message, shown }
}

/** Whether Slack shows it already. */
export function isShown({ due, shown }: DrawnCard): boolean {
  return due.ts !== null && due.sendingSince === null && due.shown === shown
}

/** What people wait for; while it stays the same, the card only makes progress. */
export function urgencyKey(release: Release): string {
  const settledBy = release.stage.at === 'ended' ? release.stage.settledBy : null
  return [
    stateOf(release),
    release.approvals.length,
    settledBy,
    release.cancelAsked?.at,
    ...actionsOf(release),
  ].join('|')
}

/**
 * Brings the card to what it should show: edited, or posted where there is none. A post whose answer was lost is
 * looked for first; a card that somebody deleted is posted anew. Throws what Slack answered.
 */
export async function sendCard(
  needs: CardNeeds,
  { due, message, shown }: DrawnCard,
  urgency: 'now' | 'progress',
): Promise<void> {
  const { outbox, clock, checkpoint } = needs
  const { release, channel, version } = due
  const lost = due.sendingSince === null ? null : await foundCard(needs, due, message)
  const known = lost ?? due.ts
  if (known !== null) await checkpoint('before card edited')
  if (known !== null && (await edited(needs, { channel, ts: known, urgency }, message))) {
    await checkpoint('card edited')
    await outbox.cardSent(release.id, { ts: known, version, shown })
    await checkpoint('card edit written')
    return
  }
  await checkpoint('before card marked')
  await outbox.cardSending(release.id, clock())
  await checkpoint('card marked')
  const ts = await post(needs, { channel }, message)
  await checkpoint('card posted')
  await outbox.cardSent(release.id, { ts, version, shown })
  await checkpoint('card post written')
}

async function foundCard(
  needs: CardNeeds,
  { channel, sendingSince }: DueCard,
  { metadata }: Message,
): Promise<string | null> {
  if (sendingSince === null || metadata === undefined) return null
  return findPosted(needs, { channel, since: sendingSince, metadata })
}

/** False where there is no such message any more. */
async function edited(needs: CardNeeds, at: Parameters<typeof edit>[1], message: Message): Promise<boolean> {
  try {
    await edit(needs, at, message)
    return true
  } catch (error) {
    const trouble = troubleOf(error)
    if (trouble.kind === 'refused' && trouble.code === 'message_not_found') return false
    throw error
  }
}
