import type { CardPlace } from '../messages/places.ts'
import { isSameCard, wasPostedAfter } from '../messages/reply.ts'
import { type Action, onlyStops } from '../release/actions/actions.ts'
import type { Time } from '../release/names.ts'

/**
 * Whether a click was made on the card of its release. A card may be posted again, or moved to another channel, between a
 * click and its handling: a click that only stops something then counts all the same, because the message may have been the
 * card. Any other click is refused with a link to the card as it is now.
 */
export function isOnCard(
  card: CardPlace,
  click: { readonly action: Action; readonly card: CardPlace; readonly receivedAt: Time },
): boolean {
  return isSameCard(card, click.card) || (onlyStops(click.action) && wasPostedAfter(card, click.receivedAt))
}
