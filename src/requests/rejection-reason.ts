import { decideWithin } from '../engine/commit.ts'
import type { Asked, InboxItem } from '../messages/intent.ts'
import { releaseUnknown } from '../release/refusals/trouble.ts'
import { auditRefusal } from './audit-refusal.ts'
import { type AnswerDeps, completeInTransaction } from './complete.ts'

type Explanation = InboxItem & { readonly asked: Extract<Asked, { ask: 'reason' }> }

/** Adds the reason to a rejection, which was counted long before. */
export async function explain(deps: AnswerDeps, item: Explanation): Promise<void> {
  const { asked } = item
  const standing = await deps.outside.people.requester(item.from, 'everyone')
  await deps.checkpoint('before reason committed')
  await completeInTransaction(deps, item, async (tx, now) => {
    const release = await tx.releaseForUpdate(asked.releaseId)
    if (release === null) {
      const refusal = releaseUnknown()
      await auditRefusal(tx, { item, refusal, settings: deps.settings }, now)
      return { reply: 'refusal', refusal }
    }
    const input = { on: 'explain', by: { id: item.from.user, standing }, why: asked.reason } as const
    const committed = await decideWithin(tx, { release, input, settings: deps.settings, now })
    return 'refused' in committed ? { reply: 'refusal', refusal: committed.refused } : null
  })
  await deps.checkpoint('reason committed')
}
