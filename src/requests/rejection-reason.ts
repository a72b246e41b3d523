import { decideWithin } from '../engine/commit.ts'
import type { Asked, InboxItem } from '../messages/intent.ts'
import { releaseUnknown } from '../release/refusals/trouble.ts'
import { auditRefusal } from './audit-refusal.ts'
import { type AnswerDeps, within } from './complete.ts'

type Explanation = InboxItem & { readonly asked: Extract<Asked, { ask: 'reason' }> }

/** Adds to a rejection why; the rejection itself has long been counted. */
export async function explain(needs: AnswerDeps, item: Explanation): Promise<void> {
  const { asked } = item
  const standing = await needs.outside.people.requester(item.from, 'everyone')
  await needs.checkpoint('before reason committed')
  await within(needs, item, async (tx, now) => {
    const release = await tx.releaseForUpdate(asked.releaseId)
    if (release === null) {
      const refusal = releaseUnknown()
      await auditRefusal(tx, { item, refusal, settings: needs.settings }, now)
      return { reply: 'refusal', refusal }
    }
    const input = { on: 'explain', by: { id: item.from.user, standing }, why: asked.reason } as const
    const committed = await decideWithin(tx, { release, input, settings: needs.settings, now })
    return 'refused' in committed ? { reply: 'refusal', refusal: committed.refused } : null
  })
  await needs.checkpoint('reason committed')
}
