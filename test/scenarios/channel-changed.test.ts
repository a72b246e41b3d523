import { describe, expect, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import type { Channel, Thread } from '../../sandbox/slack/entities.ts'
import { auditOf } from './chains.ts'
import { channel, configText, type Harness, scenario } from './harness.ts'

const other = 'C0RELEASES'
const edited = configText.replace(channel, other)

/** Another channel, with the same people and the bot. */
function opens({ sandbox }: Harness, differs: Partial<Channel> = {}): void {
  const { channels } = sandbox.slack.workspace
  const old = channels.get(channel)!
  channels.set(other, { ...old, id: other, name: 'releases', members: new Set(old.members), ...differs })
}

const cardsThere = ({ sandbox }: Harness) =>
  sandbox.slack.workspace.messages(other).filter(({ metadata }) => metadata?.event_type === 'twokey_release')

const shows = (harness: Harness, words: string): Promise<Thread> =>
  harness.sandbox.slack.until(() => cardsThere(harness).find(({ text }) => text.includes(words)))

const clicks = (harness: Harness, user: string, action: string, { ts }: Thread) =>
  harness.sandbox.slack.as(user).clicks({ channel: other, ts, actionId: `twokey:${action}` })

/** Ana requests, Ben approves, and then twokey.yml names the other channel. */
async function moved(harness: Harness): Promise<readonly [old: Thread, current: Thread]> {
  await harness.types('U0ANA', '/deploy prod')
  await harness.shows('awaiting approval')
  await harness.clicks('U0BEN', 'approve')
  await harness.sandbox.slack.until(() => harness.cards()[0]!.text.includes('1 of 2'))
  await harness.restarts(edited)
  return [harness.cards()[0]!, await shows(harness, '1 of 2')]
}

describe.concurrent('twokey.yml names another channel while a release is in progress', () => {
  scenario(
    'posts the card of a release in progress in the new channel, and its approvals still count',
    async ({ harness }) => {
      opens(harness)
      const [old, current] = await moved(harness)
      await clicks(harness, 'U0CHLOE', 'approve', current)
      await shows(harness, 'blog-api prod: succeeded')
      const link = `/archives/${other}/p${current.ts.replace('.', '')}`
      await harness.sandbox.slack.until(() => JSON.stringify(harness.cards()[0]!.replies).includes(link))
      await harness.clicks('U0CHLOE', 'approve', old)
      expect(await harness.ephemeral('U0CHLOE', /card_mismatch/)).toContain(link)
      expect(cardsThere(harness)).toHaveLength(1)
      expect(harness.cards()).toHaveLength(1)
      expect(harness.dispatches()).toBe(1)
      const rows = await auditOf(harness.folder)
      expect(rows.find(({ what }) => what === 'channel changed')?.detail).toEqual({
        from: channel,
        to: other,
      })
    },
  )

  scenario(
    'posts a release whose channel was archived in the new channel, so that a person can settle it',
    async ({ harness }) => {
      const { slack, github } = harness.sandbox
      opens(harness)
      github.faults.queue('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
        kind: 'reset',
      })
      await harness.approved()
      await harness.shows('unknown')
      await harness.threadPost(/unknown/)
      slack.workspace.channels.get(channel)!.archived = true
      await harness.restarts(edited)
      const card = await shows(harness, 'blog-api prod: unknown')
      await clicks(harness, 'U0CHLOE', 'settle', card)
      await slack.until(() => JSON.stringify(cardsThere(harness)[0]!.replies).includes('settled'))
    },
  )

  scenario(
    'counts no approval in a new channel that is shared with another organization',
    async ({ harness }) => {
      opens(harness, { external: true })
      const [, current] = await moved(harness)
      await clicks(harness, 'U0CHLOE', 'approve', current)
      await vi.waitUntil(
        async () => (await auditOf(harness.folder)).some(({ what }) => what === 'approve refused'),
        {
          timeout: patience,
        },
      )
      expect(cardsThere(harness)[0]!.text).toContain('1 of 2')
      expect(harness.dispatches()).toBe(0)
    },
  )

  scenario('posts a notice that could not be posted in the new channel', async ({ harness }) => {
    opens(harness)
    const { slack } = harness.sandbox
    slack.workspace.channels.get(channel)!.archived = true
    await harness.types('U0ANA', '/deploy lock prod an incident')
    await vi.waitUntil(() => slack.log.of('chat.postMessage').length > 0, { timeout: patience })
    await harness.restarts(edited)
    await slack.until((workspace) =>
      workspace.messages(other).some(({ text }) => text.includes('an incident')),
    )
  })

  scenario('leaves ended releases that need nobody in the old channel', async ({ harness }) => {
    opens(harness)
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.types('U0ANA', '/deploy cancel')
    await harness.shows('cancelled')
    await harness.restarts(edited)
    await harness.answerTo('U0ELI', '/deploy help')
    expect(cardsThere(harness)).toEqual([])
  })
})
