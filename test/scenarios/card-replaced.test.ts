import { describe, expect } from 'vitest'
import type { Thread } from '../../sandbox/slack/entities.ts'
import { actorsOf, auditOf } from './chains.ts'
import { channel, type Harness, scenario, stateOf } from './harness.ts'

type Makes = (harness: Harness) => unknown

/** Makes Slack refuse edits of the existing cards. */
const uneditable: readonly (readonly [string, Makes])[] = [
  ['the app was installed again', ({ sandbox }) => sandbox.slack.workspace.installAnew()],
  ['the workspace does not allow edits', ({ sandbox }) => (sandbox.slack.workspace.editWindowMs = -1)],
]

const linkOf = ({ ts }: Thread) => `/archives/${channel}/p${ts.replace('.', '')}`
const idOf = (card: Thread) => String(card.metadata?.event_payload.release_id)

/** Ana requests a deploy, her card can no longer be edited, and Ben approves: a new card shows his approval. */
async function replaced(harness: Harness, happens: Makes): Promise<readonly [old: Thread, current: Thread]> {
  await harness.types('U0ANA', '/deploy prod')
  await harness.shows('awaiting approval')
  await happens(harness)
  await harness.clicks('U0BEN', 'approve')
  await harness.sandbox.slack.until(() => harness.cards().at(-1)!.text.includes('1 of 2'))
  const [old, current] = harness.cards()
  return [old!, current!]
}

describe.concurrent('a card that twokey can no longer edit', () => {
  scenario.for(uneditable)(
    'posts an uneditable card again, and the deploy goes on there: %s',
    async ([, happens], { harness }) => {
      const [old, current] = await replaced(harness, happens)
      expect(idOf(current)).toBe(idOf(old))
      expect(stateOf(old)).toMatch(/0 of 2/)
      await harness.clicks('U0CHLOE', 'approve', current)
      expect(await harness.ends()).toBe('succeeded')
      await harness.threadPost(/Serving now/)
      await harness.threadPost(/no longer lets twokey edit the earlier/)
      await harness.sandbox.slack.until(() => {
        const [first, ...later] = harness.cards()
        return later.some((card) => JSON.stringify(first!.replies).includes(linkOf(card)))
      })
      expect(harness.dispatches()).toBe(1)
      expect(actorsOf(await auditOf(harness.folder), idOf(old), 'approved')).toEqual(['U0BEN', 'U0CHLOE'])
    },
  )

  scenario.for<readonly [string, 'approve' | 'reject' | 'cancel', string]>([
    ['Approve', 'approve', 'U0CHLOE'],
    ['Reject', 'reject', 'U0CHLOE'],
    ['Cancel', 'cancel', 'U0ANA'],
  ])('ignores %s on the old card and links the new one', async ([, action, user], { harness }) => {
    const [old, current] = await replaced(harness, ({ sandbox }) => sandbox.slack.workspace.installAnew())
    await harness.clicks(user, action, old)
    expect(await harness.ephemeral(user, /card_mismatch/)).toContain(linkOf(current))
    expect(harness.cards().at(-1)!.text).toContain('1 of 2')
    expect(harness.dispatches()).toBe(0)
  })

  scenario(
    'posts an uneditable card again if a restarted bot must show how the release ended',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      harness.sandbox.slack.workspace.installAnew()
      await harness.restarts()
      await harness.types('U0ANA', '/deploy cancel')
      await harness.shows('cancelled')
      expect(harness.cards()).toHaveLength(2)
    },
  )

  scenario('posts a deleted card again and the end in its new thread', async ({ harness }) => {
    await harness.types('U0ANA', '/deploy prod')
    const card = await harness.shows('awaiting approval')
    await harness.threadPost(/requested/)
    const { workspace } = harness.sandbox.slack
    workspace.remove(workspace.message(channel, card.ts)!)
    await harness.types('U0ANA', '/deploy cancel')
    await harness.shows('cancelled')
    await harness.threadPost(/earlier card of this release is gone/)
    await harness.threadPost(/cancelled/)
    expect(harness.cards()).toHaveLength(1)
    const elsewhere = workspace
      .messages(channel)
      .filter(({ metadata }) => metadata?.event_type === 'twokey_story')
    expect(elsewhere).toEqual([])
  })
})
