import { describe, expect, vi } from 'vitest'
import { patience } from '../../src/sandbox/pace.ts'
import type { Channel, Thread } from '../../src/sandbox/slack/entities.ts'
import { auditOf } from './chains.ts'
import { channel, configText, story, type Town } from './harness.ts'

const other = 'C0RELEASES'
const edited = configText.replace(channel, other)

/** Another channel, with the same people and the bot. */
function opens({ sandbox }: Town, differs: Partial<Channel> = {}): void {
  const { channels } = sandbox.slack.workspace
  const old = channels.get(channel)!
  channels.set(other, { ...old, id: other, name: 'releases', members: new Set(old.members), ...differs })
}

const cardsThere = ({ sandbox }: Town) =>
  sandbox.slack.workspace.messages(other).filter(({ metadata }) => metadata?.event_type === 'twokey_release')

const shows = (town: Town, words: string): Promise<Thread> =>
  town.sandbox.slack.until(() => cardsThere(town).find(({ text }) => text.includes(words)))

const presses = (town: Town, user: string, action: string, { ts }: Thread) =>
  town.sandbox.slack.as(user).clicks({ channel: other, ts, actionId: `twokey:${action}` })

/** Ana asks, Ben approves, and twokey.yml names the other channel from then on. */
async function moved(town: Town): Promise<readonly [old: Thread, current: Thread]> {
  await town.says('U0ANA', '/deploy prod')
  await town.shows('awaiting approval')
  await town.presses('U0BEN', 'approve')
  await town.sandbox.slack.until(() => town.cards()[0]!.text.includes('1 of 2'))
  await town.restarts(edited)
  return [town.cards()[0]!, await shows(town, '1 of 2')]
}

describe.concurrent('twokey.yml names another channel while a release is in progress', () => {
  story('its card is posted there, and the keys that are in count', async ({ town }) => {
    opens(town)
    const [old, current] = await moved(town)
    await presses(town, 'U0CHLOE', 'approve', current)
    await shows(town, 'blog-api prod: succeeded')
    const link = `/archives/${other}/p${current.ts.replace('.', '')}`
    await town.sandbox.slack.until(() => JSON.stringify(town.cards()[0]!.replies).includes(link))
    await town.presses('U0CHLOE', 'approve', old)
    expect(await town.whispers('U0CHLOE', /card_mismatch/)).toContain(link)
    expect(cardsThere(town)).toHaveLength(1)
    expect(town.cards()).toHaveLength(1)
    expect(town.dispatches()).toBe(1)
    const rows = await auditOf(town.folder)
    expect(rows.find(({ what }) => what === 'channel changed')?.detail).toEqual({ from: channel, to: other })
  })

  story('so does one whose channel was archived, and needs somebody to settle it', async ({ town }) => {
    const { slack, github } = town.sandbox
    opens(town)
    github.faults.queue('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
      kind: 'reset',
    })
    await town.approved()
    await town.shows('unknown')
    await town.tells(/unknown/)
    slack.workspace.channels.get(channel)!.archived = true
    await town.restarts(edited)
    const card = await shows(town, 'blog-api prod: unknown')
    await presses(town, 'U0CHLOE', 'settle', card)
    await slack.until(() => JSON.stringify(cardsThere(town)[0]!.replies).includes('settled'))
  })

  story('no key counts there where it is shared with another organization', async ({ town }) => {
    opens(town, { external: true })
    const [, current] = await moved(town)
    await presses(town, 'U0CHLOE', 'approve', current)
    await vi.waitUntil(
      async () => (await auditOf(town.folder)).some(({ what }) => what === 'approve refused'),
      {
        timeout: patience,
      },
    )
    expect(cardsThere(town)[0]!.text).toContain('1 of 2')
    expect(town.dispatches()).toBe(0)
  })

  story('a notice that could not be posted is posted there', async ({ town }) => {
    opens(town)
    const { slack } = town.sandbox
    slack.workspace.channels.get(channel)!.archived = true
    await town.says('U0ANA', '/deploy lock prod an incident')
    await vi.waitUntil(() => slack.log.of('chat.postMessage').length > 0, { timeout: patience })
    await town.restarts(edited)
    await slack.until((workspace) =>
      workspace.messages(other).some(({ text }) => text.includes('an incident')),
    )
  })

  story('what has ended, and needs nobody, stays where it is', async ({ town }) => {
    opens(town)
    await town.says('U0ANA', '/deploy prod')
    await town.shows('awaiting approval')
    await town.says('U0ANA', '/deploy cancel')
    await town.shows('cancelled')
    await town.restarts(edited)
    await town.asks('U0ELI', '/deploy help')
    expect(cardsThere(town)).toEqual([])
  })
})
