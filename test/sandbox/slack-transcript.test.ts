import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mrkdwnText } from '../../sandbox/slack/mrkdwn.ts'
import { type SlackSandbox, startSlack } from '../../sandbox/slack/slack.ts'
import { card, channel, clientOf } from './slack-app.ts'

const names = {
  user: (id: string) => (id === 'U0ANA' ? 'Ana' : id),
  group: (id: string) => (id === 'S0DEPLOYERS' ? 'deployers' : id),
  channel: (id: string) => (id === channel ? 'deploys' : id),
}

test.each([
  ['<@U0ANA> and <@U0NEW>', '@Ana and @U0NEW'],
  ['<!subteam^S0DEPLOYERS> in <#C0DEPLOYS>', '@deployers in #deploys'],
  ['<!channel>', '@channel'],
  ['<https://a.test/run|run 7> at <https://a.test>', 'run 7 at https://a.test'],
  ['*bold*, _italic_ and ~struck~', 'bold, italic and struck'],
  ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
  ['`*code*` stays', '`*code*` stays'],
  ['&lt;script&gt; &amp;amp;', '<script> &amp;'],
  [':white_check_mark: ✅', ':white_check_mark: ✅'],
  ['<!date^1790000000^{date_num} {time}|then>', '2026-09-21 14:13 UTC'],
  ['<!date^soon^{time}|then>', 'then'],
])('mrkdwn %s is shown as %s', (mrkdwn, text) => {
  expect(mrkdwnText(mrkdwn, names)).toBe(text)
})

describe('the transcript of a workspace', () => {
  let slack: SlackSandbox
  beforeEach(async () => {
    slack = await startSlack()
  })
  afterEach(() => slack.close())

  test('the transcript shows a channel from top to bottom', async () => {
    const client = clientOf(slack)
    const log = { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'line 1\nline 2' }] }
    const { ts = '' } = await client.chat.postMessage({
      channel,
      text: 'blog-api prod: failed',
      blocks: card,
    })
    await client.chat.update({ channel, ts, text: 'blog-api prod: failed', blocks: card })
    await client.chat.postMessage({ channel, thread_ts: ts, text: '<@U0ANA> asked' })
    await client.chat.postMessage({
      channel,
      thread_ts: ts,
      text: 'the log',
      blocks: [{ type: 'rich_text', elements: [log] }] as never,
    })
    await client.chat.postEphemeral({ channel, user: 'U0ELI', text: 'You may not approve.' })
    expect(slack.transcript(channel)).toBe(
      [
        '#deploys',
        '',
        'twokey (edited): blog-api prod: failed',
        '  blog-api to prod',
        '  [Approve] [Reject]',
        '  ↳ twokey: @Ana asked',
        '  ↳ twokey: the log',
        '      │ line 1',
        '      │ line 2',
        '',
        '(only Eli sees) the app: You may not approve.',
      ].join('\n'),
    )
  })

  test('until() that times out shows the content of the channels', async () => {
    await slack.as('U0ANA').types(channel, 'good morning')
    await expect(slack.until(() => false, { ms: 10 })).rejects.toThrow('Ana: good morning')
  })

  test('until() waits until its condition is true', async () => {
    const found = slack.until((workspace) => workspace.messages(channel)[0]?.text)
    await slack.as('U0ANA').types(channel, 'good morning')
    expect(await found).toBe('good morning')
  })

  test('until() fails at once if its condition throws', async () => {
    const broken = () => {
      throw new Error('broken')
    }
    await expect(slack.until(broken)).rejects.toThrow('broken')
  })
})

test('text in angle brackets that is not a mention is a link without its brackets, also in code', () => {
  const names = { user: (id: string) => id, group: (id: string) => id, channel: (id: string) => id }
  expect(mrkdwnText('`lock prod <reason>` <foo|bar> &lt;kept&gt;', names)).toBe(
    '`lock prod reason` bar <kept>',
  )
})
