import type { InboxItem } from '../messages/intent.ts'
import { isSamePerson, type Person } from '../release/approval.ts'
import { accountsOf } from '../settings/settings.ts'
import { type OnSetAside, Unreadable } from '../store/store.ts'
import { type AnswerDeps, nothingDone, refused } from './complete.ts'
import { FairQueue } from './fair-queue.ts'
import { IdleScheduler } from './idle-scheduler.ts'
import { answer } from './route.ts'

/** Works on what people asked, after it was stored and acknowledged. */
export type InboxWorker = { poke(): void; stop(): Promise<void> }

/** After an error of our own an item waits this long, ms. */
const afterBugMs = 5_000

/** How many are read at once. */
const readAtOnce = 100

/** How often an item is tried before it is given up: two minutes of errors of our own. */
const mostTries = 24

export type DeskDeps = AnswerDeps & { readonly onSetAside: OnSetAside }

/** Starts with what an earlier process left undone. */
export function startInboxWorker(needs: DeskDeps): InboxWorker {
  const { store, log, clock, onSetAside } = needs
  const people = accountsOf(needs.settings)
  const tries = new Map<string, number>()
  const waiting = new FairQueue(people)
  const inHand = new Map<string, { readonly item: InboxItem; readonly work: Promise<void> }>()
  const putOff: InboxItem[] = []
  const idle = new IdleScheduler(look)
  let stopped = false
  let again: NodeJS.Timeout | null = null
  let reading: Promise<void> | null = null
  let lastRead = 0
  let isAllRead = false

  /** Reads what came, and takes one item. */
  async function turn(): Promise<void> {
    if (!isAllRead && reading === null)
      reading = read().finally(() => {
        reading = null
      })
    await reading
    if (stopped) return
    const next = waiting.take([...inHand.values()].map(({ item }) => item))
    if (next) take(next)
    if (next || !isAllRead) idle.more()
  }

  /** Each item is read once, however long it waits. */
  async function read(): Promise<void> {
    // What is received meanwhile says so anew.
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
    const before = [...inHand.values()].findLast((other) => isOfSamePresses(other.item, item, people))
    const work = (before ? before.work.then(() => workOn(item)) : workOn(item)).finally(() => {
      inHand.delete(item.id)
      if (!stopped) idle.more()
    })
    inHand.set(item.id, { item, work })
  }

  async function workOn(item: InboxItem): Promise<void> {
    // What this person clicked there before waits to be tried again: it comes first still.
    if (putOff.some((other) => isOfSamePresses(other, item, people))) {
      putOff.push(item)
      return
    }
    try {
      await answer(needs, item)
      needs.onCommitted()
      tries.delete(item.id)
    } catch (error) {
      await failed(item, error)
    }
  }

  /** What cannot be read stays so; an error of our own may pass. Who asked is told once it is given up. */
  async function failed(item: InboxItem, error: unknown): Promise<void> {
    const count = (tries.get(item.id) ?? 0) + 1
    tries.set(item.id, count)
    if (!(error instanceof Unreadable) && count < mostTries) {
      log.error({ err: error, inbox: item.id, count }, 'a request could not be worked on; trying again')
      putOff.push(item)
      return later()
    }
    onSetAside({ what: 'request', id: item.id, error })
    try {
      await givenUp(item, error)
      tries.delete(item.id)
      needs.onCommitted()
    } catch (second) {
      log.error({ err: second, inbox: item.id }, 'a request could not be given up; trying again')
      putOff.push(item)
      later()
    }
  }

  /** Answered and audited; where it is of a shape that neither can be, it is done all the same. */
  async function givenUp(item: InboxItem, error: unknown): Promise<void> {
    const refusal = nothingDone(needs, item, error)
    try {
      await refused(needs, item, refusal)
    } catch (second) {
      log.error({ err: second, inbox: item.id }, 'a request that is given up could not be answered')
      await store.transact((tx) => tx.finish(item.id, clock()))
    }
  }

  function later(): void {
    if (again || stopped) return
    again = setTimeout(() => {
      again = null
      waiting.putBack(putOff.splice(0))
      idle.more()
    }, afterBugMs)
  }

  function look(): void {
    if (stopped) return
    turn().catch((error: unknown) => {
      log.error({ err: error }, 'the store did not answer')
      later()
    })
  }

  look()
  return {
    poke() {
      isAllRead = false
      idle.came()
    },
    async stop() {
      stopped = true
      idle.stop()
      if (again) clearTimeout(again)
      await Promise.all([...inHand.values()].map(({ work }) => work))
    },
  }
}

/**
 * One person's presses on one release are worked on as they came, whichever of their accounts they use, and though one of them
 * has to be tried again: what was taken back at once is not counted after it.
 */
function isOfSamePresses(one: InboxItem, other: InboxItem, people: readonly Person[]): boolean {
  return (
    one.asked.ask === 'action' &&
    other.asked.ask === 'action' &&
    one.asked.releaseId === other.asked.releaseId &&
    isSamePerson({ people }, one.from.user, other.from.user)
  )
}
