import { describe, expect, vi } from 'vitest'
import { patience } from '../../src/sandbox/pace.ts'
import { channel, story, type Town } from './harness.ts'

/** What Slack said of people so far is forgotten, and it is slow to say it anew, once. */
async function slowToTellOfPeople(town: Town): Promise<void> {
  const { slack } = town.sandbox
  await town.restarts()
  await vi.waitUntil(() => slack.sockets.open === 2, { timeout: patience })
  slack.faults.queue('users.info', { kind: 'delay', ms: 3_000 })
}

/** Waits until twokey has asked Slack about this person. */
async function isLookedUp({ sandbox: { slack } }: Town, user: string): Promise<void> {
  const lookups = () => JSON.stringify(slack.log.of('users.info').map(({ body }) => body))
  await vi.waitUntil(() => lookups().includes(user), { timeout: patience })
}

describe('an approver locks the service, then the last approval is clicked, while Slack is slow to say who locks', () => {
  story.for(['by the button after a rollback', 'by the command'] as const)('%s', async (how, { town }) => {
    const { slack } = town.sandbox
    await town.says('U0ANA', '/rollback blog-api 42')
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    const rollback = await town.shows('succeeded')
    await town.says('U0ANA', '/deploy prod')
    await slack.until(() => town.cards().length === 2)
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    await slack.until(() => town.cards()[1]?.text.includes('1 of 2'))
    await slowToTellOfPeople(town)
    if (how === 'by the command')
      await town.says('U0APPROVER', '/deploy lock prod blog-api rolled back, keep it')
    else await town.presses('U0APPROVER', 'lock', rollback)
    await isLookedUp(town, 'U0APPROVER')
    await town.presses('U0CHLOE', 'approve')
    expect(await town.ends()).toBe('cancelled')
    expect(town.dispatches()).toBe(0)
  })
})

story(
  'a guest who presses Reject on an outdated card all the time holds nothing, and delays nobody',
  async ({ town }) => {
    const { slack } = town.sandbox
    await town.says('U0ANA', '/deploy prod')
    const card = await town.shows('awaiting approval')
    // A card that was posted twice, since the answer to the first post was lost.
    const twin = slack.workspace.post({
      channel,
      user: slack.workspace.app.userId,
      text: card.text,
      blocks: card.blocks,
    })
    await town.presses('U0BEN', 'approve', card)
    await slack.until(() => town.cards()[0]?.text.includes('1 of 2'))
    let isPressing = true
    const guest = (async () => {
      while (isPressing) {
        await slack.as('U0GUS').clicks({ channel, ts: twin.ts, actionId: 'twokey:reject' })
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    try {
      await town.whispers('U0GUS', /card_mismatch/)
      await town.presses('U0CHLOE', 'approve', card)
      await vi.waitUntil(() => town.dispatches() === 1, { timeout: patience })
      await town.asks('U0ELI', '/deploy help')
    } finally {
      isPressing = false
      await guest
    }
    expect(await town.ends()).toBe('succeeded')
  },
)
