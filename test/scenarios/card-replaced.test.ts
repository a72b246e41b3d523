import { describe, expect } from 'vitest'
import type { Thread } from '../../src/sandbox/slack/entities.ts'
import { actorsOf, auditOf } from './chains.ts'
import { channel, stateOf, story, type Town } from './harness.ts'

type Makes = (town: Town) => unknown

/** What keeps twokey from editing the cards that are there. */
const uneditable: readonly (readonly [string, Makes])[] = [
  ['the app was installed anew', ({ sandbox }) => sandbox.slack.workspace.installAnew()],
  ['the workspace lets nothing be edited', ({ sandbox }) => (sandbox.slack.workspace.editWindowMs = -1)],
]

const linkOf = ({ ts }: Thread) => `/archives/${channel}/p${ts.replace('.', '')}`
const idOf = (card: Thread) => String(card.metadata?.event_payload.release_id)

/** Ana asks, the card there is not edited any more, and Ben approves: his key is shown on a new card. */
async function replaced(town: Town, happens: Makes): Promise<readonly [old: Thread, current: Thread]> {
  await town.says('U0ANA', '/deploy prod')
  await town.shows('awaiting approval')
  await happens(town)
  await town.presses('U0BEN', 'approve')
  await town.sandbox.slack.until(() => town.cards().at(-1)!.text.includes('1 of 2'))
  const [old, current] = town.cards()
  return [old!, current!]
}

describe.concurrent('a card that twokey cannot edit any more', () => {
  story.for(uneditable)(
    'is posted again, and the deploy goes on there: %s',
    async ([, happens], { town }) => {
      const [old, current] = await replaced(town, happens)
      expect(idOf(current)).toBe(idOf(old))
      expect(stateOf(old)).toMatch(/0 of 2/)
      await town.presses('U0CHLOE', 'approve', current)
      expect(await town.ends()).toBe('succeeded')
      await town.tells(/Serving now/)
      await town.tells(/no longer lets twokey edit the earlier/)
      await town.sandbox.slack.until(() => {
        const [first, ...later] = town.cards()
        return later.some((card) => JSON.stringify(first!.replies).includes(linkOf(card)))
      })
      expect(town.dispatches()).toBe(1)
      expect(actorsOf(await auditOf(town.folder), idOf(old), 'approved')).toEqual(['U0BEN', 'U0CHLOE'])
    },
  )

  story.for<readonly [string, 'approve' | 'reject']>([
    ['Approve', 'approve'],
    ['Reject', 'reject'],
  ])('%s on the old card counts for nothing, and links the new one', async ([, action], { town }) => {
    const [old, current] = await replaced(town, ({ sandbox }) => sandbox.slack.workspace.installAnew())
    await town.presses('U0CHLOE', action, old)
    expect(await town.whispers('U0CHLOE', /card_mismatch/)).toContain(linkOf(current))
    expect(town.cards().at(-1)!.text).toContain('1 of 2')
    expect(town.dispatches()).toBe(0)
  })

  story('Cancel on the old card cancels', async ({ town }) => {
    const [old] = await replaced(town, ({ sandbox }) => sandbox.slack.workspace.installAnew())
    await town.presses('U0ANA', 'cancel', old)
    await town.shows('cancelled')
    expect(town.dispatches()).toBe(0)
  })

  story('is posted again where a restarted bot shows how it ended', async ({ town }) => {
    await town.says('U0ANA', '/deploy prod')
    await town.shows('awaiting approval')
    town.sandbox.slack.workspace.installAnew()
    await town.restarts()
    await town.says('U0ANA', '/deploy cancel')
    await town.shows('cancelled')
    expect(town.cards()).toHaveLength(2)
  })

  story(
    'was deleted before its thread goes on: the end is told under the card that is posted again',
    async ({ town }) => {
      await town.says('U0ANA', '/deploy prod')
      const card = await town.shows('awaiting approval')
      await town.tells(/asked for/)
      const { workspace } = town.sandbox.slack
      workspace.remove(workspace.message(channel, card.ts)!)
      await town.says('U0ANA', '/deploy cancel')
      await town.shows('cancelled')
      await town.tells(/earlier card of this release is gone/)
      await town.tells(/cancelled/)
      expect(town.cards()).toHaveLength(1)
      const elsewhere = workspace
        .messages(channel)
        .filter(({ metadata }) => metadata?.event_type === 'twokey_story')
      expect(elsewhere).toEqual([])
    },
  )
})
