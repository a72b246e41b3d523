import { describe, expect, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { channel, type Harness, scenario } from './harness.ts'

/** Clears what twokey has cached of people, and makes Slack's next lookup slow, once. */
async function delayNextPersonLookup(harness: Harness): Promise<void> {
  const { slack } = harness.sandbox
  await harness.restarts()
  await vi.waitUntil(() => slack.sockets.open === 2, { timeout: patience })
  slack.faults.queue('users.info', { kind: 'delay', ms: 3_000 })
}

/** Waits until twokey has requested this person from Slack. */
async function isLookedUp({ sandbox: { slack } }: Harness, user: string): Promise<void> {
  const lookups = () => JSON.stringify(slack.log.of('users.info').map(({ body }) => body))
  await vi.waitUntil(() => lookups().includes(user), { timeout: patience })
}

describe('a lock before the last approval, while Slack is slow to identify people', () => {
  scenario.for(['by the button Lock after a rollback', 'by the command'] as const)(
    'ends the deploy cancelled and dispatches nothing: locked %s',
    async (how, { harness }) => {
      const { slack } = harness.sandbox
      await harness.types('U0ANA', '/rollback blog-api 42')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      const rollback = await harness.shows('succeeded')
      await harness.types('U0ANA', '/deploy prod')
      await slack.until(() => harness.cards().length === 2)
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await slack.until(() => harness.cards()[1]?.text.includes('1 of 2'))
      await delayNextPersonLookup(harness)
      if (how === 'by the command')
        await harness.types('U0APPROVER', '/deploy lock prod blog-api rolled back, keep it')
      else await harness.clicks('U0APPROVER', 'lock', rollback)
      await isLookedUp(harness, 'U0APPROVER')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('cancelled')
      expect(harness.dispatches()).toBe(0)
    },
  )
})

scenario(
  'a guest who keeps clicking Reject on an outdated card blocks and delays nobody',
  async ({ harness }) => {
    const { slack } = harness.sandbox
    await harness.types('U0ANA', '/deploy prod')
    const card = await harness.shows('awaiting approval')
    // A card that was posted twice, because the answer to the first post was lost.
    const twin = slack.workspace.post({
      channel,
      user: slack.workspace.app.userId,
      text: card.text,
      blocks: card.blocks,
    })
    await harness.clicks('U0BEN', 'approve', card)
    await slack.until(() => harness.cards()[0]?.text.includes('1 of 2'))
    let isPressing = true
    const guest = (async () => {
      while (isPressing) {
        await slack.as('U0GUS').clicks({ channel, ts: twin.ts, actionId: 'twokey:reject' })
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    try {
      await harness.ephemeral('U0GUS', /card_mismatch/)
      await harness.clicks('U0CHLOE', 'approve', card)
      await vi.waitUntil(() => harness.dispatches() === 1, { timeout: patience })
      await harness.answerTo('U0ELI', '/deploy help')
    } finally {
      isPressing = false
      await guest
    }
    expect(await harness.ends()).toBe('succeeded')
  },
)
