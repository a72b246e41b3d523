import { isSamePerson, type Person } from '../release/approval.ts'
import { answer } from './answer.ts'
import type { InboxItem } from './asked.ts'
import type { AnswerNeeds } from './finish.ts'
import { Lull } from './lull.ts'
import { accountsOf } from './settings.ts'

/** Works on what people asked, after it was stored and acknowledged. */
export type Desk = { poke(): void; stop(): Promise<void> }

/** After an error of our own an item waits this long, ms. */
const afterBugMs = 5_000

/** Starts with what an earlier process left undone. */
export function startDesk(needs: AnswerNeeds): Desk {
  const { store, log } = needs
  const people = accountsOf(needs.settings)
  const inHand = new Map<string, { readonly item: InboxItem; readonly work: Promise<void> }>()
  const putOff = new Set<string>()
  const lull = new Lull(look)
  let stopped = false
  let again: NodeJS.Timeout | null = null

  /** Takes one item. Those in hand and those put off are not done either, so that many more are read. */
  async function takeNext(): Promise<void> {
    if (stopped) return
    const limit = inHand.size + putOff.size + 1
    const items = await store.undone(limit)
    if (stopped) return
    const next = items.find(({ id }) => !inHand.has(id) && !putOff.has(id))
    if (next) take(next)
    if (items.length === limit) lull.more()
  }

  function take(item: InboxItem): void {
    const before = [...inHand.values()].findLast((other) => isOfSamePresses(other.item, item, people))
    const work = (before ? before.work.then(() => workOn(item)) : workOn(item)).finally(() =>
      inHand.delete(item.id),
    )
    inHand.set(item.id, { item, work })
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
      lull.more()
    }, afterBugMs)
  }

  function look(): void {
    takeNext().catch((error: unknown) => {
      log.error({ err: error }, 'the store did not answer')
      later()
    })
  }

  look()
  return {
    poke: () => lull.came(),
    async stop() {
      stopped = true
      lull.stop()
      if (again) clearTimeout(again)
      await Promise.all([...inHand.values()].map(({ work }) => work))
    },
  }
}

/**
 * One person's presses on one release are worked on as they came, whichever of their accounts they use: what was taken back
 * at once is not counted after it.
 */
function isOfSamePresses(one: InboxItem, other: InboxItem, people: readonly Person[]): boolean {
  return (
    one.asked.ask === 'action' &&
    other.asked.ask === 'action' &&
    one.asked.releaseId === other.asked.releaseId &&
    isSamePerson({ people }, one.from.user, other.from.user)
  )
}
