import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { actionsOf } from '../release/actions/actions.ts'
import type { Time } from '../release/names.ts'
import type { Release } from '../release/release.ts'
import { stateOf } from '../release/state.ts'
import type { DueCard, LostCard, Outbox } from '../store/store.ts'
import type { Message } from './blocks.ts'
import { card, stamped } from './cards/card.ts'
import { findPosted } from './find.ts'
import { type Edit, edit, post, type SendDeps } from './send.ts'
import { uneditableNow } from './trouble.ts'

export type CardDeps = SendDeps & {
  readonly outbox: Outbox
}

/** A card as it would look now. `shown`: a hash of it without the time of the update, which alone is no change. */
export type DrawnCard = { readonly due: DueCard; readonly message: Message; readonly shown: string }

/** How many drawings are kept: of as many cards as one round of the outbox looks at. */
const keptDrawings = 100

/**
 * Returns a function that draws cards. A card that waits for Slack's rate limit is looked at in every round, so the last
 * drawings are kept: of one version of a card, only the time of the update differs.
 * @param workspace its address, for links to other cards
 */
export function cardDrawer(workspace?: string): (due: DueCard, now: Time) => DrawnCard {
  const kept = new LRUCache<string, Pick<DrawnCard, 'message' | 'shown'>>({ max: keptDrawings })
  return (due, now) => {
    const { release, version } = due
    const key = `${release.id} ${version}`
    const drawing = kept.get(key) ?? draw(release, workspace)
    kept.set(key, drawing)
    return { due, message: stamped(drawing.message, release, now), shown: drawing.shown }
  }
}

function draw(release: Release, workspace: string | undefined): Pick<DrawnCard, 'message' | 'shown'> {
  const message = card(release, workspace)
  return { message, shown: createHash('sha256').update(JSON.stringify(message)).digest('hex') }
}

/** Whether Slack already shows it. */
export function isShown({ due, shown }: DrawnCard): boolean {
  return due.ts !== null && due.sendingSince === null && due.shown === shown
}

/** What people wait for. While it stays the same, a change of the card is only progress. */
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

/** `left`: Slack refuses to edit the card, and the change is not worth another card. */
export type CardResult = 'shown' | 'lost' | 'left'

/**
 * Updates the card: edits it, or posts it if there is none. A post whose answer was lost is first looked for. A card that can
 * never be edited again is given up and posted again: at once the first time, later only if people wait for the change. Throws
 * what Slack answered.
 */
export async function sendCard(
  deps: CardDeps,
  { due, message, shown }: DrawnCard,
  urgency: 'now' | 'progress',
): Promise<CardResult> {
  const { outbox, clock, slackTime, checkpoint, log } = deps
  const { release, channel, version, replaces } = due
  const known = (await foundCard(deps, due, message)) ?? due.ts
  if (known === null) {
    await checkpoint('before card marked')
    await outbox.cardSending(release.id, slackTime())
    await checkpoint('card marked')
    const ts = await post(deps, { channel }, message)
    await checkpoint('card posted')
    await outbox.cardSent(release.id, { ts, version, shown })
    await checkpoint('card post written')
    return 'shown'
  }
  await checkpoint('before card edited')
  const lost = await edited(deps, { channel, ts: known, urgency }, message)
  if (lost === null) {
    await checkpoint('card edited')
    await outbox.cardSent(release.id, { ts: known, version, shown })
    await checkpoint('card edit written')
    return 'shown'
  }
  const { why, error } = lost
  if (why === 'uneditable' && replaces !== null && urgency === 'progress') return 'left'
  log.warn({ err: error, release: release.id, ts: known }, 'the card cannot be edited; posting it again')
  await outbox.cardLost(release.id, { ts: known, why }, clock())
  await checkpoint('card loss written')
  return 'lost'
}

async function foundCard(
  deps: CardDeps,
  { channel, sendingSince, replaces }: DueCard,
  { metadata }: Message,
): Promise<string | null> {
  if (sendingSince === null || metadata === undefined) return null
  const after = replaces === null ? {} : { after: replaces }
  return findPosted(deps, { channel, since: sendingSince, ...after, metadata })
}

/** Null if it was edited; else why it can never be edited again. */
async function edited(
  deps: CardDeps,
  at: Edit,
  message: Message,
): Promise<{ readonly why: LostCard['why']; readonly error: unknown } | null> {
  try {
    await edit(deps, at, message)
    return null
  } catch (error) {
    const why = uneditableNow(error)
    if (why === null) throw error
    return { why, error }
  }
}
