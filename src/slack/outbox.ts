import type { Checkpoint } from '../ports/ports.ts'
import type { Time } from '../release/names.ts'
import { Loop } from '../runtime/loop.ts'
import { SetBack } from '../runtime/set-back.ts'
import { asideMs, type DueCard, type DuePost, type SetAside } from '../store/store.ts'
import { DrawError, drawing } from './drawing.ts'
import { byNeed, byUrgency, queueOf } from './outbox-order.ts'
import { OutboxPace, refreshMs, type Urgency } from './outbox-pace.ts'
import { OutboxRetries } from './outbox-retries.ts'
import { type CardDeps, cardDrawer, type DrawnCard, isShown, sendCard } from './send-card.ts'
import { type DirectDeps, sendDirect } from './send-direct.ts'
import { sendNotice } from './send-notice.ts'
import { type ReplyDeps, sendReply } from './send-reply.ts'
import { sendThreadPost, type ThreadPostDeps } from './send-thread-post.ts'
import { sendUnposted } from './send-unposted.ts'
import { troubleOf } from './trouble.ts'

type SendingDeps = CardDeps & ThreadPostDeps & ReplyDeps & DirectDeps

export type OutboxDeps = Omit<SendingDeps, 'budget' | 'checkpoint'> & {
  /** Lets tests stop the process at a named point. */
  readonly checkpoint?: Checkpoint
}

/** Sends what is in the outbox to Slack, within Slack's rate limits. */
export type RunningOutbox = {
  /** Something may be due: look now. */
  wake(): void
  /** Resolves once messages being sent are sent and recorded, or postponed. */
  idle(): Promise<void>
  /** Starts nothing more, and waits for messages being sent. */
  stop(): Promise<void>
}

/** How many messages are sent at the same moment. */
const atOnce = 20

/** The longest pause, ms: another process may have written to the outbox. */
const longestSleepMs = 5_000

/** How often cards that say when they were updated are looked at, ms. */
const sweepMs = refreshMs / 5

/** The pause after an error of the store, ms. */
const backOffMs = 1_000

/** A message that is being sent. */
type Work = {
  /** Of all messages with one key, only one is sent at a time. */
  readonly key: string
  readonly aside: { readonly what: Extract<SetAside['what'], 'card' | 'post'>; readonly id: string }
  send(): Promise<void>
  putOff(until: Time): Promise<void>
}

/** Starts the loop. */
export function startOutbox(deps: OutboxDeps): RunningOutbox {
  const outbox = new SlackOutbox(deps)
  outbox.wake()
  return outbox
}

class SlackOutbox implements RunningOutbox {
  readonly #deps: SendingDeps & Pick<OutboxDeps, 'onSetAside'>
  readonly #loop: Loop
  readonly #inFlight = new Map<string, Promise<void>>()
  readonly #retries = new OutboxRetries()
  readonly #pace = new OutboxPace()
  readonly #setBack: SetBack
  readonly #draw: ReturnType<typeof cardDrawer>
  #refreshedAt: Time = 0

  constructor(deps: OutboxDeps) {
    this.#deps = { checkpoint: () => {}, ...deps, budget: this.#pace.budget }
    this.#setBack = new SetBack(deps.clock)
    this.#draw = cardDrawer(deps.workspace)
    this.#loop = new Loop({
      round: () => this.#round(),
      onError: { message: 'the outbox could not be read', backOffMs },
      log: deps.log,
    })
  }

  wake(): void {
    this.#loop.wake()
  }

  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight.values())
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
    await Promise.all(this.#inFlight.values())
  }

  async #round(): Promise<number> {
    const { outbox, clock } = this.#deps
    if (this.#setBack.noticed() > 0) await this.#waitNoLonger()
    const now = clock()
    await this.#refresh(now)
    const again = Math.min(await this.#beginCards(now), await this.#beginPosts(now))
    const next = await outbox.nextDue()
    const due = next !== null && next > now ? next : Number.POSITIVE_INFINITY
    return Math.min(again, due, now + longestSleepMs) - now
  }

  /** At the start too: what Slack shows may be as old as the process before. */
  async #refresh(now: Time): Promise<void> {
    if (now - this.#refreshedAt < sweepMs) return
    await this.#deps.outbox.cardsAgain()
    this.#refreshedAt = now
  }

  /** After the clock was set back, everything that waited for a time is sent now. */
  async #waitNoLonger(): Promise<void> {
    this.#retries.waitNoLonger()
    this.#pace.waitNoLonger()
    this.#refreshedAt = 0
    await this.#deps.outbox.wake(this.#deps.clock())
  }

  /** Starts what may be sent now; returns when the first of the others may. */
  async #beginCards(now: Time): Promise<Time> {
    let again = Number.POSITIVE_INFINITY
    const cards = (await this.#deps.outbox.dueCards(now, 100)).flatMap(
      (due) => this.#ofCard(due, () => ({ due, urgency: this.#pace.urgencyOf(due) })) ?? [],
    )
    for (const { due, urgency } of cards.toSorted(byUrgency)) {
      const key = keyOf(due)
      if (this.#inFlight.has(key) || this.#isFull()) continue
      const card = this.#ofCard(due, () => this.#draw(due, now))
      if (card === null) continue
      const isRefresh = isShown(card) && this.#pace.isStale(due, now)
      if (isShown(card) && !isRefresh) {
        this.#begin(this.#cardWork(due, () => this.#noteShown(card)))
        continue
      }
      // An update that changes nothing but its time waits for all others.
      const need = isRefresh ? 'progress' : urgency
      const notBefore = this.#retries.notBefore(key)
      const at = this.#pace.cardAt(due, { urgency: need, notBefore }, now)
      if (at === null) this.#begin(this.#cardWork(due, () => this.#bring(card, need)))
      else again = Math.min(again, at)
    }
    return again
  }

  /** Draws a card. Null: it cannot be drawn, and only this card is set aside. */
  #ofCard<T extends object>(due: DueCard, make: () => T): T | null {
    try {
      return drawing(make)
    } catch (error) {
      if (!this.#inFlight.has(keyOf(due))) this.#begin(this.#cardWork(due, () => Promise.reject(error)))
      return null
    }
  }

  #cardWork(due: DueCard, send: () => Promise<void>): Work {
    const { id } = due.release
    return {
      key: keyOf(due),
      aside: { what: 'card', id },
      send,
      putOff: (until) => this.#deps.outbox.cardLater(id, until),
    }
  }

  async #noteShown({ due: { release, version, ts }, shown }: DrawnCard): Promise<void> {
    if (ts !== null) await this.#deps.outbox.cardSent(release.id, { ts, version, shown })
  }

  async #bring(card: DrawnCard, urgency: Urgency): Promise<void> {
    const { due } = card
    const { release, ts } = due
    const sent = await sendCard(this.#deps, card, urgency).catch(async (error: unknown) => {
      if (ts === null && !this.#retries.hasFailed(keyOf(due))) await sendUnposted(this.#deps, due, error)
      throw error
    })
    this.#pace.brought(release, sent, this.#deps.clock())
  }

  /**
   * Sends posts of a release's thread and notices of a channel one after the other, and answers as they come. Returns like
   * `#beginCards`.
   */
  async #beginPosts(now: Time): Promise<Time> {
    let again = Number.POSITIVE_INFINITY
    const waiting = new Set<string>()
    const posts = await this.#deps.outbox.duePosts(now, 100)
    for (const due of posts.toSorted(byNeed)) {
      const key = queueOf(due)
      if (this.#inFlight.has(key) || waiting.has(key) || this.#isFull()) continue
      waiting.add(key)
      const at = this.#pace.postAt(due, this.#retries.notBefore(key), now)
      if (at === null) this.#begin(this.#postWork(due, key))
      else again = Math.min(again, at)
    }
    return again
  }

  #postWork(due: DuePost, key: string): Work {
    return {
      key,
      aside: { what: 'post', id: String(due.id) },
      send: () => this.#post(due),
      putOff: (until) => this.#deps.outbox.postLater(due.id, until),
    }
  }

  #post({ what, ...due }: DuePost): Promise<void> {
    switch (what.kind) {
      case 'reply':
        return sendReply(this.#deps, { ...due, what })
      case 'notice':
        return sendNotice(this.#deps, { ...due, what })
      case 'direct':
        return sendDirect(this.#deps, { ...due, what })
      case 'story':
        return sendThreadPost(this.#deps, { ...due, what })
    }
  }

  #isFull(): boolean {
    return this.#loop.isStopped || this.#inFlight.size >= atOnce
  }

  /** Sends it without blocking the loop; a failed message is postponed. */
  #begin(work: Work): void {
    const { key } = work
    const sending = work
      .send()
      .then(() => this.#retries.done(key))
      .catch((error: unknown) => this.#failed(work, error))
      .finally(() => {
        this.#inFlight.delete(key)
        this.#loop.wake()
      })
    this.#inFlight.set(key, sending)
  }

  async #failed(work: Work, error: unknown): Promise<void> {
    const { clock, log } = this.#deps
    const { key, aside } = work
    if (error instanceof DrawError) return this.#setAside(work, error.cause)
    const trouble = troubleOf(error)
    // The budget knows until when; the newest state is then sent.
    if (trouble.kind === 'limited') return
    const retry = this.#retries.failed({ key, what: aside.what }, trouble, clock())
    if (retry === null) return this.#setAside(work, error)
    const { count, until } = retry
    if (trouble.kind === 'passing')
      log.warn({ what: key, reason: trouble.sentence, count }, 'a message to Slack failed; trying again')
    else log.error({ what: key, count, ...trouble }, 'Slack refused a message; an operator has to fix it')
    await this.#putOff(work, until)
  }

  /** Set aside for a while, so that later posts in its channel or thread are sent. */
  async #setAside(work: Work, error: unknown): Promise<void> {
    this.#retries.done(work.key)
    this.#deps.onSetAside({ ...work.aside, error })
    await this.#putOff(work, this.#deps.clock() + asideMs)
  }

  async #putOff({ key, putOff }: Work, until: Time): Promise<void> {
    await putOff(until).catch((error: unknown) =>
      this.#deps.log.error({ err: error, what: key }, 'the outbox could not be written'),
    )
  }
}

function keyOf({ release }: DueCard): string {
  return `card ${release.id}`
}
