import type { InboxItem } from '../messages/intent.ts'
import { isSamePerson, type Person } from '../release/policy/approval.ts'
import { Loop } from '../runtime/loop.ts'
import { accountsOf } from '../settings/settings.ts'
import { type OnSetAside, Unreadable } from '../store/store.ts'
import { AwaitedCards } from './awaited-cards.ts'
import { type AnswerDeps, completeWithRefusal, nothingDone } from './complete.ts'
import { FairQueue } from './fair-queue.ts'
import { IdleScheduler, moreMs } from './idle-scheduler.ts'
import { RetryLater } from './retry-later.ts'
import { answer } from './route.ts'

/** Handles requests of people, after they were stored and acknowledged. */
export type InboxWorker = {
  /** A request came in. */
  wake(): void
  /** Begins nothing more, and waits for the items in progress. */
  stop(): Promise<void>
}

/** How long an item waits after an internal error, ms. */
const afterBugMs = 5_000

/** How long a click waits before its card is read again, ms. */
const parkedMs = 100

/** How many are read at once. */
const readAtOnce = 100

/** How often an item is tried before it is given up: for two minutes of internal errors. */
const mostTries = 24

export type InboxWorkerDeps = AnswerDeps & { readonly onSetAside: OnSetAside }

/** Starts the worker, first with what an earlier process left pending. */
export function startInboxWorker(deps: InboxWorkerDeps): InboxWorker {
  const { store, log, clock, onSetAside } = deps
  const people = accountsOf(deps.settings)
  const tries = new Map<string, number>()
  const waiting = new FairQueue(people)
  const inProgress = new Map<string, { readonly item: InboxItem; readonly work: Promise<void> }>()
  const retried = new RetryLater(afterBugMs, tryAgain)
  const awaitingCard = new RetryLater(parkedMs, tryAgain)
  const cards = new AwaitedCards(store, clock)
  const idle = new IdleScheduler()
  const loop = new Loop({
    round,
    onError: { message: 'the store did not answer', backOffMs: afterBugMs },
    pace: () => idle.waitMs(),
    log,
  })
  let lastRead = 0
  let isAllRead = false

  /** Reads new items, and takes one. */
  async function round(): Promise<number> {
    if (!isAllRead) await read()
    if (loop.isStopped) return Number.POSITIVE_INFINITY
    const next = waiting.take([...inProgress.values()].map(({ item }) => item))
    if (next) take(next)
    return next || !isAllRead ? moreMs : Number.POSITIVE_INFINITY
  }

  /** Each item is read once, however long it waits. */
  async function read(): Promise<void> {
    // An item received meanwhile sets it to false again.
    isAllRead = true
    const { items, last, isAll } = await store
      .pendingItemsAfter(lastRead, readAtOnce)
      .catch((error: unknown) => {
        isAllRead = false
        throw error
      })
    for (const item of items) waiting.add(item)
    lastRead = last
    if (!isAll) isAllRead = false
  }

  function take(item: InboxItem): void {
    const before = [...inProgress.values()].findLast((other) => isSameClickSequence(other.item, item, people))
    const work = (before ? before.work.then(() => workOn(item)) : workOn(item)).finally(() => {
      inProgress.delete(item.id)
      loop.wakeIn(moreMs)
    })
    inProgress.set(item.id, { item, work })
  }

  async function workOn(item: InboxItem): Promise<void> {
    // If an earlier click of this person on the release waits to be tried again, it still comes first.
    const ahead = [retried, awaitingCard].find((items) =>
      items.some((other) => isSameClickSequence(other, item, people)),
    )
    if (ahead) return ahead.add(item)
    try {
      if (await cards.awaits(item)) return awaitingCard.add(item)
      await answer(deps, item)
      tries.delete(item.id)
    } catch (error) {
      await handleFailure(item, error)
    }
  }

  /**
   * An unreadable item stays unreadable, but an internal error may pass. The person is notified once the item is
   * given up.
   */
  async function handleFailure(item: InboxItem, error: unknown): Promise<void> {
    const count = (tries.get(item.id) ?? 0) + 1
    tries.set(item.id, count)
    if (!(error instanceof Unreadable) && count < mostTries) {
      log.error({ err: error, inbox: item.id, count }, 'a request could not be worked on; trying again')
      return retried.add(item)
    }
    onSetAside({ what: 'request', id: item.id, error })
    try {
      await giveUp(item, error)
      tries.delete(item.id)
    } catch (second) {
      log.error({ err: second, inbox: item.id }, 'a request could not be given up; trying again')
      retried.add(item)
    }
  }

  /** Answers and audits an item that is given up. If its shape allows neither, it is completed anyway. */
  async function giveUp(item: InboxItem, error: unknown): Promise<void> {
    const refusal = nothingDone(deps, item, error)
    try {
      await completeWithRefusal(deps, item, refusal)
    } catch (second) {
      log.error({ err: second, inbox: item.id }, 'a request that is given up could not be answered')
      await store.transact((tx) => tx.finish(item.id, clock()))
    }
  }

  function tryAgain(items: readonly InboxItem[]): void {
    waiting.putBack(items)
    loop.wakeIn(moreMs)
  }

  loop.wake()
  return {
    wake() {
      isAllRead = false
      idle.onRequest()
      loop.wakeIn(idle.waitMs())
    },
    async stop() {
      await loop.stop()
      await Promise.all([...inProgress.values()].map(({ work }) => work))
      retried.stop()
      awaitingCard.stop()
    },
  }
}

/**
 * Clicks of one person on one release are handled in their order, from any of their accounts, even if one has to be
 * tried again. So an approval that was withdrawn at once is not counted after its withdrawal.
 */
function isSameClickSequence(one: InboxItem, other: InboxItem, people: readonly Person[]): boolean {
  return (
    clickedRelease(one) !== null &&
    clickedRelease(one) === clickedRelease(other) &&
    isSamePerson({ people }, one.from.user, other.from.user)
  )
}

/** The release of a click; null: the item is no click on a release. */
function clickedRelease({ asked }: InboxItem): string | null {
  switch (asked.ask) {
    case 'action':
      return asked.releaseId
    case 'cancel':
      return asked.releaseId ?? null
    default:
      return null
  }
}
