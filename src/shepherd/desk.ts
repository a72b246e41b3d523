import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import { answer } from './answer.ts'
import type { InboxItem } from './asked.ts'
import type { AnswerNeeds } from './finish.ts'
import { Lull, type Pressure } from './lull.ts'

export type DeskNeeds = AnswerNeeds & {
  readonly store: Store
  readonly log: Logger
  /** Something was written: releases may be due, and there is something to send. */
  readonly onCommitted: () => void
}

/** Works on what people asked, after it was stored and acknowledged. */
export type Desk = { poke(): void; stop(): Promise<void> }

/** How many items are worked on at the same moment. */
const atOnce = 50

/** After an error of our own an item waits this long, ms. */
const afterBugMs = 5_000

/** Starts with what an earlier process left undone. */
export function startDesk(needs: DeskNeeds): Desk {
  const { store, log } = needs
  const inHand = new Map<string, Promise<void>>()
  const putOff = new Set<string>()
  const lull = new Lull(look)
  let stopped = false
  let isMore = false
  let again: NodeJS.Timeout | null = null

  /** Those in hand and those put off are not done: that many more are read, so that they keep nobody waiting. */
  async function round(pressure: Pressure): Promise<void> {
    if (stopped) return
    const limit = atOnce + putOff.size
    const items = await store.undone(limit)
    const waiting = items.filter(({ id }) => !inHand.has(id) && !putOff.has(id))
    const room = Math.max(0, atOnce - inHand.size)
    const taken = waiting.slice(0, pressure === 'rush' ? Math.min(1, room) : room)
    isMore = items.length === limit || taken.length < waiting.length
    for (const item of taken) take(item)
  }

  function take(item: InboxItem): void {
    const work = workOn(item).finally(() => {
      inHand.delete(item.id)
      if (isMore && inHand.size <= atOnce / 2) lull.soon()
    })
    inHand.set(item.id, work)
  }

  async function workOn(item: InboxItem): Promise<void> {
    try {
      await answer(needs, item)
      needs.onCommitted()
    } catch (error) {
      log.error(
        { err: error, inbox: item.id, asked: item.asked.ask },
        'a request could not be worked on; trying again',
      )
      putOff.add(item.id)
      later()
    }
  }

  function later(): void {
    if (again || stopped) return
    again = setTimeout(() => {
      again = null
      putOff.clear()
      lull.soon()
    }, afterBugMs)
  }

  function look(pressure: Pressure): void {
    round(pressure).catch((error: unknown) => {
      log.error({ err: error }, 'the store did not answer')
      later()
    })
  }

  look('lull')
  return {
    poke: () => lull.came(),
    async stop() {
      stopped = true
      lull.stop()
      if (again) clearTimeout(again)
      await Promise.all(inHand.values())
    },
  }
}
