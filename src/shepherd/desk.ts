import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import { answer } from './answer.ts'
import type { InboxItem } from './asked.ts'
import type { AnswerNeeds } from './finish.ts'

export type DeskNeeds = AnswerNeeds & {
  readonly store: Store
  readonly log: Logger
  /** Something was written: releases may be due, and there is something to send. */
  readonly onCommitted: () => void
}

/** Works on what people asked, after it was stored and acknowledged. */
export type Desk = { poke(): void; stop(): Promise<void> }

/** After an error of our own an item waits this long, ms. */
const afterBugMs = 5_000

/** Starts with what an earlier process left undone. */
export function startDesk(needs: DeskNeeds): Desk {
  const { store, log } = needs
  const inHand = new Map<string, Promise<void>>()
  let stopped = false
  let again: NodeJS.Timeout | null = null

  async function round(): Promise<void> {
    if (stopped) return
    for (const item of await store.undone()) if (!inHand.has(item.id)) take(item)
  }

  function take(item: InboxItem): void {
    const work = workOn(item).finally(() => inHand.delete(item.id))
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
      later()
    }
  }

  function later(): void {
    if (again || stopped) return
    again = setTimeout(() => {
      again = null
      poke()
    }, afterBugMs)
  }

  function poke(): void {
    round().catch((error: unknown) => {
      log.error({ err: error }, 'the store did not answer')
      later()
    })
  }

  poke()
  return {
    poke,
    async stop() {
      stopped = true
      if (again) clearTimeout(again)
      await Promise.all(inHand.values())
    },
  }
}
