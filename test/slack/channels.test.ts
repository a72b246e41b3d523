import { WebClient } from '@slack/web-api'
import { describe, expect, it } from 'vitest'
import type { Channel } from '../../sandbox/slack/entities.ts'
import type { SlackSandbox } from '../../sandbox/slack/slack.ts'
import { slackChannels } from '../../src/slack/channels.ts'
import { slackLogger } from '../../src/slack/log.ts'
import { channel, log, openSlack } from './harness.ts'

function channelsOf(slack: SlackSandbox, now?: () => number) {
  const web = new WebClient(slack.env.SLACK_BOT_TOKEN, {
    slackApiUrl: slack.env.SLACK_API_URL,
    retryConfig: { retries: 0 },
    logger: slackLogger(log),
  })
  return slackChannels(web, now)
}

describe('with whom a channel is shared', () => {
  it.each<readonly [string, Partial<Channel>, string]>([
    ['nobody', {}, 'inside'],
    ['another organization', { external: true }, 'outside'],
    ['another organization that has yet to accept', { invited: true }, 'outside'],
    ['other workspaces of the same organization', { organizationWide: true }, 'inside'],
  ])('reports a channel shared with %s', async (_, part, sharing) => {
    const slack = await openSlack()
    Object.assign(slack.workspace.channels.get(channel)!, part)
    expect(await channelsOf(slack).sharing(channel)).toBe(sharing)
  })

  it('a private channel without twokey, or one that does not exist, cannot be read', async () => {
    const slack = await openSlack()
    const secret = {
      id: 'C0SECRET',
      name: 'secret',
      kind: 'private',
      archived: false,
      external: true,
    } as const
    slack.workspace.channels.set('C0SECRET', { ...secret, members: new Set(['U0ANA']) })
    expect(await channelsOf(slack).sharing('C0SECRET')).toBe('hidden')
    expect(await channelsOf(slack).sharing('C0NONE')).toBe('hidden')
  })

  it('needs no lookup for direct messages, which need scopes of their own', async () => {
    const slack = await openSlack()
    expect(await channelsOf(slack).sharing('D0ANA')).toBe('inside')
    expect(slack.log.of('conversations.info')).toEqual([])
  })

  it('caches a channel for one minute, and then reads it again', async () => {
    const slack = await openSlack()
    let now = 0
    const channels = channelsOf(slack, () => now)
    expect(await channels.sharing(channel)).toBe('inside')
    slack.workspace.channels.get(channel)!.external = true
    now = 59_999
    expect(await channels.sharing(channel)).toBe('inside')
    now = 60_000
    expect(await channels.sharing(channel)).toBe('outside')
  })

  it('reads a channel anew for callers that allow one second, once for all within it', async () => {
    const slack = await openSlack()
    let now = 0
    const channels = channelsOf(slack, () => now)
    expect(await channels.sharing(channel)).toBe('inside')
    slack.workspace.channels.get(channel)!.external = true
    const atOnce = () => Promise.all(Array.from({ length: 50 }, () => channels.sharing(channel, 'second')))
    expect(new Set(await atOnce())).toEqual(new Set(['outside']))
    now = 999
    await atOnce()
    expect(slack.log.of('conversations.info')).toHaveLength(2)
    now = 1_000
    await atOnce()
    expect(slack.log.of('conversations.info')).toHaveLength(3)
  })

  it('names the missing scope', async () => {
    const slack = await openSlack({ app: { scopes: ['channels:read'] } })
    slack.workspace.channels.get(channel)!.members.add(slack.workspace.app.userId)
    const team = { id: 'C0TEAM', name: 'team', kind: 'private', archived: false, external: false } as const
    slack.workspace.channels.set('C0TEAM', { ...team, members: new Set([slack.workspace.app.userId]) })
    const trouble = { kind: 'terminal', message: expect.stringContaining('groups:read') }
    await expect(channelsOf(slack).sharing('C0TEAM')).rejects.toMatchObject(trouble)
  })

  it.each([
    ['500', { kind: 'answer', status: 500 }],
    ['an answer of another shape', { kind: 'answer', status: 200, body: { ok: true, channel: 'deploys' } }],
    ['an answer that says nothing', { kind: 'answer', status: 200, body: { ok: true } }],
  ] as const)('reports an error instead of a result: %s', async (_, fault) => {
    const slack = await openSlack()
    slack.faults.queue('conversations.info', fault)
    const channels = channelsOf(slack)
    await expect(channels.sharing(channel)).rejects.toMatchObject({ name: 'Trouble', kind: 'passing' })
    expect(await channels.sharing(channel)).toBe('inside')
  })

  it('a stand-in for Slack without the method shares no channel', async () => {
    const slack = await openSlack()
    const body = { ok: false, error: 'unknown_method', req_method: 'conversations.info' }
    slack.faults.queue('conversations.info', { kind: 'answer', status: 200, body })
    expect(await channelsOf(slack).sharing(channel)).toBe('inside')
  })
})
