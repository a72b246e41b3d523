import type { Asked, InboxItem } from './asked.ts'
import { decideWithin } from './commit.ts'
import { type AnswerNeeds, unknownRelease, within } from './finish.ts'

type Explanation = InboxItem & { readonly asked: Extract<Asked, { ask: 'reason' }> }

/** Adds to a rejection why; the rejection itself has long been counted. */
export async function explain(needs: AnswerNeeds, { asked, ...item }: Explanation): Promise<void> {
  await within(needs, { ...item, asked }, async (tx, now) => {
    const release = await tx.lock(asked.releaseId)
    if (release === null) return { reply: 'refusal', refusal: unknownRelease() }
    const input = { on: 'explain', by: { id: item.from.user }, why: asked.reason } as const
    const committed = await decideWithin(tx, { release, input, settings: needs.settings, now })
    return 'refused' in committed ? { reply: 'refusal', refusal: committed.refused } : null
  })
  await needs.checkpoint('reason committed')
}
