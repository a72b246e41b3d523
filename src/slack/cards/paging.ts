import type { KnownBlock } from '@slack/types'
import type { HistoryAsked, StatusAsked } from '../../messages/intent.ts'
import { type CardPlace, cardAddress } from '../../messages/places.ts'
import type { Pages } from '../../messages/reply.ts'
import { actions, button, turnPage } from '../blocks.ts'
import { isWebAddress, link } from '../mrkdwn.ts'

/** Buttons to the pages before and after this one. Their values route the click and prove nothing. */
export function pageButtons({ previous, next }: Pages<StatusAsked | HistoryAsked>): readonly KnownBlock[] {
  const buttons = [
    previous && button({ ...pageText('previous'), value: JSON.stringify(previous) }),
    next && button({ ...pageText('next'), value: JSON.stringify(next) }),
  ].filter((each) => each !== null)
  return buttons.length > 0 ? [actions(buttons)] : []
}

function pageText(way: 'previous' | 'next') {
  const label = way === 'next' ? 'Next' : 'Previous'
  return { action: turnPage[way], label, spoken: `${label} page` }
}

/** A link to a card that is posted, if the workspace's address is known. */
export function cardLink(
  place: CardPlace | undefined,
  workspace: string | undefined,
  label = 'card',
): string | null {
  if (!place || workspace === undefined || !isWebAddress(workspace)) return null
  return link(cardAddress(place, workspace), label)
}
