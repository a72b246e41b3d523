import type { Checkpoint } from '../ports/ports.ts'
import type { Time } from '../release/names.ts'
import { holdsLane } from '../release/release.ts'
import { Loop } from '../runtime/loop.ts'
import { SetBack } from '../runtime/set-back.ts'
import { asideMs, type DueCard, type DuePost, type SetAside } from '../store/store.ts'
import { Budget } from './budget.ts'
import { drawing, Undrawn } from './drawing.ts'
import { byNeed, byUrgency, queueOf } from './outbox-order.ts'
import { type CardDeps, type DrawnCard, drawn, isShown, sendCard, urgencyKey } from './send-card.ts'
import { sendNotice } from './send-notice.ts'
import { type ReplyDeps, sendReply } from './send-reply.ts'
import { type StoryDeps, sendThreadPost } from './send-thread-post.ts'
import { sendUnposted } from './send-unposted.ts'
import { troubleOf } from './trouble.ts'

export type OutboxDeps = Omit<CardDeps & StoryDeps & ReplyDeps, 'budget' | 'checkpoint'> & {
  /** Where tests stop it. */
  readonly checkpoint?: Checkpoint
}

/** Brings to Slack what is written in the outbox, within what Slack takes. */
export type RunningOutbox = {
  /** Something may be due: look now. */
  wake(): void
  /** Resolves once what is being sent is sent and written down, or put off. */
  idle(): Promise<void>
  /** Begins nothing more, and waits for what is being sent. */
  stop(): Promise<void>
}

/** A card is edited at most this often while it only makes progress, ms. */
const progressMs = 2_000

/** How long progress is not shown where Slack refused to edit a card that was posted again before, ms. */
const leftMs = 600_000

/** How much is on its way at the same moment. */
const atOnce = 20

/** How long to sleep at most, ms: another process may have written. */
const longestSleepMs = 5_000

/** After trouble, ms: doubled each time up to the longest. */
const backoff = {
  passing: { first: 2_000, longest: 60_000 },
  terminal: { first: 60_000, longest: 300_000 },
} as const

/**
 * How often a post is tried before it is stepped over: what Slack refuses of this one alone is soon given way, what may
 * be Slack's own trouble, or the channel's, is waited for, since the next one would fare no better.
 */
const mostTries = { refused: 3, passing: 30, terminal: 30 } as const

/** Something on its way to Slack. */
type Work = {
  /** Of all with one key, one is sent at a time. */
  readonly key: string
  readonly aside: Pick<SetAside, 'what' | 'id'>
  send(): Promise<void>
  putOff(until: Time): Promise<void>
}

/** Starts the loop. */
export function startOutbox(given: OutboxDeps): RunningOutbox {
  const needs = { checkpoint: () => {}, ...given, budget: new Budget() }
  const { outbox, clock, log, budget, onSetAside } = needs
  const loop = new Loop({
    round,
    onError: { message: 'the outbox could not be read', backOffMs: 1_000 },
    log,
  })
  const inHand = new Map<string, Promise<void>>()
  const notBefore = new Map<string, Time>()
  const failures = new Map<string, number>()
  const lastSent = new Map<string, { readonly at: Time; readonly key: string }>()
  const leftUntil = new Map<string, Time>()
  const setBack = new SetBack(clock)

  async function round(): Promise<number> {
    if (setBack.noticed() > 0) await waitNoLonger()
    const now = clock()
    const again = Math.min(await cardsDue(now), await postsDue(now))
    const next = await outbox.nextDue()
    const due = next !== null && next > now ? next : Number.POSITIVE_INFINITY
    return Math.min(again, due, now + longestSleepMs) - now
  }

  /** What was to go by the clock as it was goes now. */
  async function waitNoLonger(): Promise<void> {
    for (const waits of [notBefore, lastSent, leftUntil]) waits.clear()
    budget.reset()
    await outbox.wake(clock())
  }

  /** Begins what may go now; tells when the first of the rest may. */
  async function cardsDue(now: Time): Promise<Time> {
    let again = Number.POSITIVE_INFINITY
    const cards = (await outbox.dueCards(now, 100)).flatMap(
      (due) => ofCard(due, () => ({ due, urgency: urgencyOf(due) })) ?? [],
    )
    for (const { due, urgency } of cards.toSorted(byUrgency)) {
      const key = keyOf(due)
      if (inHand.has(key) || isFull()) continue
      const card = ofCard(due, () => drawn(due))
      if (card === null) continue
      const at = isShown(card) ? null : (held(key, due, urgency, now) ?? spendCard(due, urgency, now))
      if (at === null) begin(cardWork(due, () => bring(card, urgency)))
      else again = Math.min(again, at)
    }
    return again
  }

  /** What this makes of a card. Null: it cannot be drawn, and this card alone is set aside. */
  function ofCard<T extends object>(due: DueCard, make: () => T): T | null {
    try {
      return drawing(make)
    } catch (error) {
      if (!inHand.has(keyOf(due))) begin(cardWork(due, () => Promise.reject(error)))
      return null
    }
  }

  function cardWork(due: DueCard, send: () => Promise<void>): Work {
    const { id } = due.release
    return {
      key: keyOf(due),
      aside: { what: 'card', id },
      send,
      putOff: (later) => outbox.cardLater(id, later),
    }
  }

  function held(key: string, due: DueCard, urgency: 'now' | 'progress', now: Time): Time | null {
    const wait = notBefore.get(key) ?? 0
    const { id } = due.release
    const last = (lastSent.get(id)?.at ?? 0) + progressMs
    const at = urgency === 'now' ? wait : Math.max(wait, last, leftUntil.get(id) ?? 0)
    return at > now ? at : null
  }

  function spendCard({ ts, channel }: DueCard, urgency: 'now' | 'progress', now: Time): Time | null {
    return budget.spend(ts === null ? { spend: 'post', channel } : { spend: 'edit', urgency }, now)
  }

  function urgencyOf({ release }: DueCard): 'now' | 'progress' {
    return lastSent.get(release.id)?.key === urgencyKey(release) ? 'progress' : 'now'
  }

  async function bring(card: DrawnCard, urgency: 'now' | 'progress'): Promise<void> {
    const { due, shown } = card
    const { release, version, ts } = due
    if (isShown(card) && ts !== null) return outbox.cardSent(release.id, { ts, version, shown })
    const sent = await sendCard(needs, card, urgency).catch(async (error: unknown) => {
      if (ts === null && !failures.has(keyOf(due))) await sendUnposted(needs, due, error)
      throw error
    })
    const isOver = !holdsLane(release)
    if (sent === 'left' && !isOver) leftUntil.set(release.id, clock() + leftMs)
    else leftUntil.delete(release.id)
    if (isOver) lastSent.delete(release.id)
    else if (sent === 'shown') lastSent.set(release.id, { at: clock(), key: urgencyKey(release) })
  }

  /** Stories of a release and notices of a channel one after the other, answers as they come. */
  async function postsDue(now: Time): Promise<Time> {
    let again = Number.POSITIVE_INFINITY
    const waiting = new Set<string>()
    const posts = await outbox.duePosts(now, 100)
    for (const due of posts.toSorted(byNeed)) {
      const key = queueOf(due)
      if (inHand.has(key) || waiting.has(key) || isFull()) continue
      waiting.add(key)
      const wait = notBefore.get(key) ?? 0
      const at = wait > now ? wait : spendPost(due, now)
      if (at === null)
        begin({
          key,
          aside: { what: 'post', id: String(due.id) },
          send: () => tell(due),
          putOff: (later) => outbox.postLater(due.id, later),
        })
      else again = Math.min(again, at)
    }
    return again
  }

  function spendPost({ what }: DuePost, now: Time): Time | null {
    switch (what.kind) {
      case 'reply':
        return null
      case 'notice':
        return budget.spend({ spend: 'post', channel: what.channel }, now)
      case 'story':
        return budget.spend({ spend: 'post', channel: what.thread.channel }, now)
    }
  }

  function tell({ what, ...due }: DuePost): Promise<void> {
    switch (what.kind) {
      case 'reply':
        return sendReply(needs, { ...due, what })
      case 'notice':
        return sendNotice(needs, { ...due, what })
      case 'story':
        return sendThreadPost(needs, { ...due, what })
    }
  }

  /** Does it beside the loop; what did not go is put off. */
  function begin(work: Work): void {
    const { key } = work
    const sending = work
      .send()
      .then(() => {
        failures.delete(key)
        notBefore.delete(key)
      })
      .catch((error: unknown) => later(work, error))
      .finally(() => {
        inHand.delete(key)
        loop.wake()
      })
    inHand.set(key, sending)
  }

  function isFull(): boolean {
    return loop.isStopped || inHand.size >= atOnce
  }

  async function later(work: Work, error: unknown): Promise<void> {
    const { key } = work
    if (error instanceof Undrawn) return aside(work, error.cause)
    const trouble = troubleOf(error)
    // The budget knows until when; what is newest then goes.
    if (trouble.kind === 'limited') return
    const count = (failures.get(key) ?? 0) + 1
    if (work.aside.what === 'post' && count >= mostTries[trouble.kind]) return aside(work, error)
    failures.set(key, count)
    const { first, longest } = trouble.kind === 'passing' ? backoff.passing : backoff.terminal
    const until = clock() + Math.min(longest, first * 2 ** (count - 1))
    notBefore.set(key, until)
    if (trouble.kind === 'passing')
      log.warn({ what: key, reason: trouble.sentence, count }, 'a message to Slack failed; trying again')
    else log.error({ what: key, count, ...trouble }, 'Slack refused a message; an operator has to fix it')
    await written(work, until)
  }

  /** Left out for a while, so that what waits behind it in its channel or thread goes on. */
  async function aside(work: Work, error: unknown): Promise<void> {
    failures.delete(work.key)
    notBefore.delete(work.key)
    onSetAside({ ...work.aside, error })
    await written(work, clock() + asideMs)
  }

  async function written({ key, putOff }: Work, until: Time): Promise<void> {
    await putOff(until).catch((second: unknown) =>
      log.error({ err: second, what: key }, 'the outbox could not be written'),
    )
  }

  loop.wake()
  return {
    wake: () => loop.wake(),
    async idle() {
      while (inHand.size > 0) await Promise.all(inHand.values())
    },
    async stop() {
      await loop.stop()
      await Promise.all(inHand.values())
    },
  }
}

function keyOf({ release }: DueCard): string {
  return `card ${release.id}`
}
