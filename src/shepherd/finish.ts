import { type Refusal, refuse } from '../release/refusal.ts'
import type { Store, Transaction } from '../store/store.ts'
import type { InboxItem } from './asked.ts'
import { type Outside, troubleOf } from './observe.ts'
import type { Checkpoint, Clock, Forms } from './ports.ts'
import type { Reply } from './reply.ts'
import type { Settings } from './settings.ts'

export type AnswerNeeds = {
  readonly store: Store
  readonly outside: Outside
  readonly settings: Settings
  readonly clock: Clock
  readonly newId: () => string
  readonly checkpoint: Checkpoint
  readonly forms: Forms
  /** Something was written: releases may be due, and there is something to send. */
  readonly onCommitted: () => void
}

/** Finishes the item with its answer in one transaction; a redelivered item that is done changes nothing. */
export async function within(
  needs: AnswerNeeds,
  item: InboxItem,
  work: (tx: Transaction, now: number) => Promise<Reply | null>,
): Promise<void> {
  await needs.store.transact(async (tx) => {
    const now = needs.clock()
    if (!(await tx.finish(item.id, now))) return
    const reply = await work(tx, now)
    if (reply) await tx.reply(item.from, reply, now)
  })
}

export async function replied(needs: AnswerNeeds, item: InboxItem, reply: Reply): Promise<void> {
  await needs.checkpoint('before reply committed')
  await within(needs, item, async () => reply)
  await needs.checkpoint('reply committed')
}

export function refused(needs: AnswerNeeds, item: InboxItem, refusal: Refusal): Promise<void> {
  return replied(needs, item, { reply: 'refusal', refusal })
}

/** There is none of this id. */
export function unknownRelease(): Refusal {
  return refuse('release_unknown', 'There is no such release.', '`/deploy status` shows what is in flight.')
    .refused
}

/** Trouble outside while something was asked for: nothing was done, and why. */
export function cannotSee(error: unknown): Refusal {
  const { kind, reason } = troubleOf(error)
  return refuse(
    'cannot_see',
    `Nothing was done: ${reason}.`,
    kind === 'terminal'
      ? 'Whoever runs twokey has to mend that; `twokey check` and its log tell more.'
      : 'Try again in a minute.',
  ).refused
}
