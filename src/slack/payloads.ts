import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Asked, InboxItem, Origin } from '../messages/intent.ts'
import { isAction } from '../release/actions/actions.ts'
import { actionPrefix, pickCancel, pickRevision, takeOverLock, turnPage } from './blocks.ts'
import { isDate } from './date.ts'
import { parse } from './parse.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A field that Slack may send or leave out; never an error. */
const text = z.string().catch('')
const id = z.object({ id: text }).catch({ id: '' })

const slash = z.object({
  text,
  trigger_id: text,
  user_id: text,
  team_id: text,
  channel_id: text,
  response_url: text,
})

/** The person who acts. */
export const actor = z.object({
  user: z.object({ id: text, team_id: text }).catch({ id: '', team_id: '' }),
  user_team: text,
})

/**
 * A person's own workspace; empty if the payload does not name it. `team` is that of the channel or of the installation, and in
 * a channel shared with another organization says nothing about the person.
 */
export function ownTeam({ user, user_team }: z.infer<typeof actor>): string {
  return user.team_id || user_team
}

const click = actor.extend({
  type: z.literal('block_actions').nullable().catch(null),
  trigger_id: text,
  channel: id,
  container: z.object({ message_ts: text, channel_id: text }).catch({ message_ts: '', channel_id: '' }),
  message: z.object({ ts: text }).catch({ ts: '' }),
  response_url: text,
  actions: z.array(z.object({ action_id: text, value: text })).catch([]),
})

const picked = z.object({
  service: z.string().max(200),
  environment: z.string().max(200),
  revision: z.number().int().positive(),
})

const name = z.string().max(200).nullable()
/** As in `/deploy history`; a page names each day by its date. */
const day = z.string().refine(isDate)

/** As cards/reply.ts writes it: the requested lock, and the lock that was shown. */
const takeOver = z.strictObject({
  ask: z.literal('lock'),
  environment: z.string().max(200),
  service: name,
  reason: z.string().min(1).max(400),
  until: z
    .union([
      z.strictObject({ afterMs: z.number().int().positive() }),
      z.strictObject({
        day: z.string().regex(/^(?:today|tomorrow|\d{4}-\d\d-\d\d)$/),
        time: z.string().regex(/^\d\d:\d\d$/),
      }),
    ])
    .nullable(),
  as: z.strictObject({
    hold: z.literal('take'),
    shown: z.strictObject({ by: z.string().max(40), since: z.number().int() }),
  }),
})

/** As cards/paging.ts writes it: the request of a list, and the page. */
const page = z.discriminatedUnion('ask', [
  z.strictObject({
    ask: z.literal('status'),
    service: name,
    environment: name,
    page: z.number().int().nonnegative(),
  }),
  z.strictObject({
    ask: z.literal('history'),
    service: name,
    environment: name,
    requester: name,
    as: z.enum(['requester or approver', 'approver']).optional(),
    period: z.strictObject({ since: day.optional(), until: day.optional() }).optional(),
    from: z
      .strictObject({
        go: z.enum(['older', 'newer']),
        requestedAt: z.number().int().nonnegative(),
        id: z.string().max(200),
      })
      .nullable(),
  }),
])

export type Received = {
  readonly payload: unknown
  /** Slack's id of the delivery, for payloads without a trigger. */
  readonly envelopeId: string | undefined
  readonly now: number
}

/** A slash command as the inbox stores it. */
export function commandItem(
  command: '/deploy' | '/rollback',
  { payload, envelopeId, now }: Received,
  vocabulary: Vocabulary,
): InboxItem {
  const read = slash.parse(record(payload))
  return {
    id: itemId(read.trigger_id, envelopeId),
    asked: parse(command, read.text, vocabulary),
    from: {
      user: read.user_id,
      team: read.team_id,
      channel: read.channel_id,
      responseUrl: webAddress(read.response_url),
    },
    receivedAt: now,
  }
}

/**
 * A button click as the inbox stores it; null if the button is not twokey's. The payload only routes the click: whether the
 * person may, and whether the card is the release's, is decided later.
 */
export function clickItem({ payload, envelopeId, now }: Received): InboxItem | null {
  const read = click.parse(record(payload))
  const [action] = read.actions
  const channel = read.channel.id || read.container.channel_id
  const asked =
    read.type && action && askedBy(action, { channel, ts: read.message.ts || read.container.message_ts })
  if (!asked) return null
  const from: Origin = {
    user: read.user.id,
    team: ownTeam(read),
    channel,
    responseUrl: webAddress(read.response_url),
    ...(isPage(action.action_id) && { turned: 'page' }),
  }
  return { id: itemId(read.trigger_id, envelopeId), asked, from, receivedAt: now }
}

function askedBy(
  { action_id, value }: { readonly action_id: string; readonly value: string },
  card: { readonly channel: string; readonly ts: string },
): Asked | null {
  if (action_id === pickRevision) return pickedRevision(value)
  if (action_id === takeOverLock) return takenOver(value)
  if (isPage(action_id)) return askedPage(value)
  if (action_id === pickCancel) return { ask: 'cancel', releaseId: value }
  const name = action_id.slice(actionPrefix.length)
  if (action_id === `${actionPrefix}${name}` && isAction(name))
    return { ask: 'action', action: name, ...routed(value), card }
  const button = action_id.slice(actionPrefix.length, longestButton)
  return { ask: 'unknown-button', button, releaseId: routed(value).releaseId, card }
}

/** The longest stored name of a button that is not twokey's, in characters. */
const longestButton = 80

/** As cards/buttons.ts writes it: `<release>:<round>`. */
function routed(value: string): { readonly releaseId: string; readonly round: number | null } {
  const [releaseId = '', round = ''] = value.split(':')
  return { releaseId, round: /^\d{1,6}$/.test(round) ? Number(round) : null }
}

function pickedRevision(value: string): Asked | null {
  const read = picked.safeParse(json(value))
  return read.success ? { ask: 'rollback', ...read.data } : null
}

function takenOver(value: string): Asked | null {
  const read = takeOver.safeParse(json(value))
  return read.success ? read.data : null
}

function isPage(actionId: string): boolean {
  return actionId === turnPage.previous || actionId === turnPage.next
}

function askedPage(value: string): Asked | null {
  const read = page.safeParse(json(value))
  return read.success ? read.data : null
}

/** The content of a value or of a form's metadata; null if it is not twokey's, so that it routes nowhere. */
export function json(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    // Not JSON, so not twokey's.
    return null
  }
}

/** A payload that can be read, whatever arrived. */
export function record(payload: unknown): object {
  return typeof payload === 'object' && payload !== null ? payload : {}
}

function itemId(trigger: string, envelopeId: string | undefined): string {
  return trigger || envelopeId || randomUUID()
}

function webAddress(url: string): string | null {
  return /^https?:\/\//.test(url) ? url : null
}
