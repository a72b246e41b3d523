import { Trouble } from '../ports/ports.ts'
import type { PersonId } from '../release/names.ts'
import { isAwaitingApprovals, personToAsk } from '../release/policy/asked-approvers.ts'
import type { Release } from '../release/release.ts'
import type { DirectMessages, DuePost, Outbox } from '../store/store.ts'
import { directMessage } from './cards/direct.ts'
import { drawing } from './drawing.ts'
import { post, type SendDeps } from './send.ts'
import { sayError, troubleOf, wasNotSent } from './trouble.ts'

export type DirectDeps = SendDeps & {
  readonly outbox: Outbox
  readonly direct: Pick<DirectMessages, 'addressed'>
  /** Whom to ask for an approval of a release by direct message. Throws `Trouble`. */
  readonly approversToAsk: (release: Release) => Promise<readonly PersonId[]>
  /** The workspace's own address, for links to cards; without it nothing is linked. */
  readonly workspace?: string
}

export type DueDirect = DuePost & { readonly what: Extract<DuePost['what'], { kind: 'direct' }> }

/**
 * Sends a direct message at most once. twokey may not read direct messages, so it cannot look whether a post arrived whose
 * answer was lost, and gives that message up. It is also given up when it is of no use any more, and when Slack refuses it:
 * the card says all of it. Throws errors after which it is certain that nothing was sent.
 */
export async function sendDirect(deps: DirectDeps, due: DueDirect): Promise<void> {
  const { outbox, slackTime, checkpoint, workspace, log } = deps
  const { release, message, thread: card } = due.what
  if (message.direct === 'approvers') return addressApprovers(deps, due)
  const { to } = message
  const useless = message.direct === 'approval' ? whyNotAsked(release, to) : null
  if (useless !== null) return outbox.postDropped(due.id, useless)
  if (due.sendingSince !== null) return giveUp('twokey stopped while it was being sent')
  const drawn = drawing(() => directMessage(release, message, { card, workspace }))
  await checkpoint('before direct marked')
  await outbox.postSending(due.id, slackTime())
  await checkpoint('direct marked')
  let ts: string
  try {
    ts = await post(deps, { channel: to }, drawn)
  } catch (error) {
    if (!wasNotSent(error))
      return giveUp(unreachable(error) ?? sayError(error), unreachable(error) ? 'info' : 'warn')
    await outbox.postNotSent(due.id)
    throw error
  }
  await checkpoint('direct posted')
  await outbox.postSent(due.id, ts)
  await checkpoint('direct post written')

  async function giveUp(why: string, level: 'info' | 'warn' = 'warn'): Promise<void> {
    log[level]({ release: release.id, user: to, why }, 'a direct message was given up')
    await outbox.postDropped(due.id, why)
  }
}

/** Looks up whom to ask, and writes a message to each. */
async function addressApprovers(deps: DirectDeps, { id, what: { release } }: DueDirect): Promise<void> {
  const { outbox, direct, approversToAsk, clock, checkpoint, log } = deps
  if (!isAwaitingApprovals(release)) return outbox.postDropped(id, notAwaited)
  try {
    const people = await approversToAsk(release)
    await checkpoint('before approvers addressed')
    await direct.addressed(id, people, clock())
    await checkpoint('approvers addressed')
  } catch (error) {
    if (!(error instanceof Trouble) || error.kind === 'passing') throw error
    log.warn({ release: release.id, why: error.message }, 'no approvers were asked by direct message')
    await outbox.postDropped(id, error.message)
  }
}

/** Slack's refusals of a message to one person: they have left, or can get none. Source: docs.slack.dev, chat.postMessage. */
const personal: ReadonlySet<string> = new Set([
  'cannot_dm_bot',
  'channel_not_found',
  'user_disabled',
  'user_not_found',
  'user_not_visible',
])

/** Why this person can get no direct message; null for any other error. */
function unreachable(error: unknown): string | null {
  const trouble = troubleOf(error)
  return 'code' in trouble && personal.has(trouble.code) ? `Slack answered ${trouble.code}` : null
}

const notAwaited = 'no approvals are missing any more'

/** Why asking this person is of no use any more; null if it is. */
function whyNotAsked(release: Release, to: PersonId): string | null {
  if (!isAwaitingApprovals(release)) return notAwaited
  return personToAsk(release, to) === null ? 'this approval is not missing any more' : null
}
