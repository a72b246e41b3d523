import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SlackSandbox, startSlack } from '../../sandbox/slack/slack.ts'
import { card, channel, clientOf, codeOf } from './slack-app.ts'

const scopes = [
  'chat:write',
  'users:read',
  'usergroups:read',
  'channels:history',
  'channels:read',
  'im:write',
  'files:write',
]

let slack: SlackSandbox
beforeEach(async () => {
  slack = await startSlack({ rates: 'off', app: { scopes } })
})
afterEach(() => slack.close())

const post = (more: object = {}) => clientOf(slack).chat.postMessage({ channel, text: 'hello', ...more })

describe('authentication', () => {
  test('auth.test returns the identity of the bot', async () => {
    expect(await clientOf(slack).auth.test()).toMatchObject({
      user_id: 'U0TWOKEY',
      bot_id: 'B0TWOKEY',
      team_id: 'T0TEAM',
    })
  })

  test.each([
    ['no token', undefined, 'not_authed'],
    ['another token', 'xoxb-other', 'invalid_auth'],
    ['the app token', 'xapp-sandbox', 'not_allowed_token_type'],
  ])('a request with %s is refused', async (_, token, code) => {
    expect(await codeOf(clientOf(slack, token ?? '').auth.test())).toBe(code)
  })

  test('the bot token cannot open a socket', async () => {
    expect(await codeOf(clientOf(slack).apps.connections.open())).toBe('not_allowed_token_type')
  })

  test('a missing scope is named', async () => {
    const poor = await startSlack({ app: { scopes: ['commands', 'chat:write'] } })
    const refused = await clientOf(poor)
      .users.info({ user: 'U0ANA' })
      .catch((error) => error.data)
    expect(refused).toMatchObject({
      error: 'missing_scope',
      needed: 'users:read',
      provided: 'commands,chat:write',
    })
    expect(await codeOf(clientOf(poor).conversations.history({ channel }))).toBe('missing_scope')
    await poor.close()
  })

  test('an unsupported method answers unknown_method', async () => {
    expect(await codeOf(clientOf(slack).apiCall('chat.postMesage'))).toBe('unknown_method')
  })

  test('JSON bodies and forms are equivalent', async () => {
    const answer = await fetch(`${slack.env.SLACK_API_URL}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.env.SLACK_BOT_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel, text: 'as JSON', blocks: card }),
    })
    expect(await answer.json()).toMatchObject({ ok: true, channel })
  })

  test('a body that is not JSON answers invalid_json', async () => {
    const answer = await fetch(`${slack.env.SLACK_API_URL}auth.test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    })
    expect(await answer.json()).toEqual({ ok: false, error: 'invalid_json' })
  })
})

describe('posting', () => {
  test('a message has its metadata, and a thread its replies', async () => {
    const metadata = { event_type: 'twokey_release', event_payload: { release_id: 'r1' } }
    const { ts } = await post({ metadata, blocks: card, unfurl_links: false })
    await post({ thread_ts: ts, text: 'in the thread' })
    await post({ thread_ts: ts, text: 'and in the channel', reply_broadcast: true })

    const [thread] = slack.workspace.messages(channel)
    expect(thread).toMatchObject({ ts, text: 'hello', metadata, edits: 0 })
    expect(thread?.replies.map(({ text, broadcast }) => [text, broadcast])).toEqual([
      ['in the thread', false],
      ['and in the channel', true],
    ])
  })

  test.each<[string, object, string]>([
    ['an unknown channel', { channel: 'C0NONE' }, 'channel_not_found'],
    ['no channel', { channel: undefined }, 'invalid_arguments'],
    ['nothing to say', { text: '' }, 'no_text'],
    ['blocks that are not JSON', { blocks: '[{' }, 'invalid_blocks_format'],
    [
      'a block that is wrong',
      { blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] },
      'invalid_blocks',
    ],
    ['51 blocks', { blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }, 'invalid_blocks'],
    [
      'blocks of 13,200 characters',
      {
        blocks: Array.from({ length: 5 }, () => ({
          type: 'section',
          text: { type: 'mrkdwn', text: 'x'.repeat(2700) },
        })),
      },
      'msg_blocks_too_long',
    ],
    ['a text of 40,001 characters', { text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['metadata without a payload', { metadata: { event_type: 'a' } }, 'invalid_metadata_format'],
    ['an unknown thread', { thread_ts: '1.000001' }, 'thread_not_found'],
    ['the bot itself', { channel: 'U0TWOKEY' }, 'cannot_dm_bot'],
    ['somebody who has left', { channel: 'U0DORA' }, 'channel_not_found'],
  ])('a post is refused: %s', async (_, args, code) => {
    expect(await codeOf(post(args))).toBe(code)
  })

  test('invalid blocks are reported with a JSON pointer', async () => {
    const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }]
    const refused = await post({ blocks }).catch((error) => error.data)
    expect(refused.response_metadata.messages).toEqual([
      '[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ])
  })

  test('the bot cannot post to a channel without it, and cannot see a private one', async () => {
    const ch = slack.workspace.channels.get(channel)!
    ch.members.delete('U0TWOKEY')
    expect(await codeOf(post())).toBe('not_in_channel')
    slack.workspace.channels.set('C0SECRET', { ...ch, id: 'C0SECRET', kind: 'private' })
    expect(await codeOf(post({ channel: 'C0SECRET' }))).toBe('channel_not_found')
  })

  test('a message to a person opens their direct messages', async () => {
    const { channel: dm } = await post({ channel: 'U0ANA' })
    expect(dm).toMatch(/^D/)
    expect(slack.workspace.notifications('U0ANA')).toMatchObject([{ channel: dm, why: 'direct' }])
  })

  test('an app without a Messages tab cannot write to a person, and can still post in channels', async () => {
    const quiet = await startSlack({ app: { messagesTab: false } })
    const { chat } = clientOf(quiet)
    const to = (id: string) => codeOf(chat.postMessage({ channel: id, text: 'hello' }))
    const dm = quiet.workspace.dm('U0ANA').id
    expect([await to('U0ANA'), await to(dm)]).toEqual(['messages_tab_disabled', 'messages_tab_disabled'])
    expect(await chat.postMessage({ channel, text: 'hello' })).toMatchObject({ ok: true })
    await quiet.close()
  })

  test('a new post notifies the people it mentions, an edit notifies nobody', async () => {
    const blocks = [
      { type: 'section', text: { type: 'mrkdwn', text: '<@U0ANA> and <!subteam^S0DEPLOYERS>' } },
    ]
    const { ts = '' } = await post({ text: '<@U0ELI>', blocks })
    await clientOf(slack).chat.update({ channel, ts, text: '<@U0APPROVER>' })
    const notified = [...slack.workspace.users.keys()].filter(
      (id) => slack.workspace.notifications(id).length > 0,
    )
    expect(notified.sort()).toEqual(['U0ANA', 'U0BEN', 'U0CHLOE', 'U0GUS'])
  })
})

describe('editing', () => {
  const update = (ts: string, more: object) => clientOf(slack).chat.update({ channel, ts, text: '', ...more })

  test('an edit by text removes the blocks, and metadata stays until it is replaced', async () => {
    const metadata = { event_type: 'twokey_release', event_payload: { release_id: 'r1' } }
    const { ts = '' } = await post({ blocks: card, metadata })
    await update(ts, { text: 'rejected' })
    expect(slack.workspace.message(channel, ts)).toMatchObject({
      text: 'rejected',
      blocks: [],
      metadata,
      edits: 1,
    })
    await update(ts, { blocks: card, text: 'again' })
    expect(slack.workspace.message(channel, ts)?.blocks).toHaveLength(2)
  })

  test('the answer to every edit, also of blocks, has its author and time', async () => {
    const { ts = '' } = await post({ blocks: card })
    for (const change of [{ blocks: card }, { text: 'rejected' }]) {
      const { message } = await update(ts, change)
      const edited = { user: slack.workspace.app.userId, ts: expect.stringMatching(/^\d+\.\d{6}$/) }
      expect(message).toMatchObject({ edited })
    }
  })

  test.each<[string, object, string]>([
    ['an unknown message', { ts: '1.000001', text: 'x' }, 'message_not_found'],
    ['nothing', { text: '' }, 'no_text'],
    ['a text of 4,001 characters', { text: 'x'.repeat(4001) }, 'msg_too_long'],
    ['a channel by a person', { channel: 'U0ANA', text: 'x' }, 'channel_not_found'],
  ])('an edit is refused: %s', async (_, args, code) => {
    const { ts = '' } = await post()
    expect(await codeOf(update(ts, args))).toBe(code)
  })

  test('the bot cannot edit a message of a person', async () => {
    await slack.as('U0ANA').types(channel, 'mine')
    const [theirs] = slack.workspace.messages(channel)
    expect(await codeOf(update(theirs!.ts, { text: 'x' }))).toBe('cant_update_message')
    expect(await codeOf(clientOf(slack).chat.delete({ channel, ts: theirs!.ts }))).toBe('cant_delete_message')
  })

  test.each<[string, () => void, string]>([
    [
      'what it posted before it was installed anew',
      () => slack.workspace.installAnew(),
      'cant_update_message',
    ],
    [
      'what is older than the workspace lets edit',
      () => (slack.workspace.editWindowMs = -1),
      'edit_window_closed',
    ],
    [
      'what is in an archived channel',
      () => (slack.workspace.channels.get(channel)!.archived = true),
      'is_inactive',
    ],
  ])('the app cannot edit %s', async (_, happens, code) => {
    const { ts = '' } = await post()
    happens()
    expect(await codeOf(update(ts, { text: 'x' }))).toBe(code)
  })

  test('the app can edit what it posted after a reinstallation, within the edit window', async () => {
    slack.workspace.installAnew()
    slack.workspace.editWindowMs = 60_000
    const { ts = '' } = await post()
    expect((await update(ts, { text: 'x' })).ok).toBe(true)
  })

  test('a deleted message no longer exists', async () => {
    const { ts = '' } = await post()
    await clientOf(slack).chat.delete({ channel, ts })
    expect(slack.workspace.messages(channel)).toEqual([])
  })
})

describe('ephemerals', () => {
  const whisper = (user: string) => clientOf(slack).chat.postEphemeral({ channel, user, text: 'only you' })

  test('an ephemeral message is visible to one person', async () => {
    await whisper('U0ANA')
    expect(slack.workspace.ephemerals('U0ANA')).toMatchObject([{ text: 'only you', channel }])
    expect(slack.workspace.ephemerals('U0BEN')).toEqual([])
  })

  test('an ephemeral message cannot be edited', async () => {
    const { message_ts = '' } = await whisper('U0ANA')
    expect(await codeOf(clientOf(slack).chat.update({ channel, ts: message_ts, text: 'x' }))).toBe(
      'message_not_found',
    )
  })

  test('an ephemeral message needs a person who is a member of the channel', async () => {
    slack.workspace.channels.get(channel)?.members.delete('U0ELI')
    expect(await codeOf(whisper('U0ELI'))).toBe('user_not_in_channel')
    expect(await codeOf(whisper('U0NONE'))).toBe('user_not_found')
  })
})

describe('reading', () => {
  test('the history is listed newest first, in pages, with metadata on request', async () => {
    const metadata = { event_type: 'twokey_release', event_payload: { release_id: 'r1' } }
    for (const text of ['one', 'two', 'three']) await post({ text, metadata })
    const client = clientOf(slack)
    const first = await client.conversations.history({ channel, limit: 2, include_all_metadata: true })
    expect(first.messages?.map(({ text }) => text)).toEqual(['three', 'two'])
    expect(first.messages?.[0]?.metadata).toEqual(metadata)
    const rest = await client.conversations.history({ channel, cursor: first.response_metadata?.next_cursor })
    expect(rest).toMatchObject({ messages: [{ text: 'one' }], has_more: false })
    expect(rest.messages?.[0]?.metadata).toBeUndefined()
  })

  test('oldest and latest limit the history and are excluded', async () => {
    const sent = [await post({ text: 'one' }), await post({ text: 'two' }), await post({ text: 'three' })]
    const [oldest, latest] = [sent[0]?.ts, sent[2]?.ts]
    const client = clientOf(slack)
    const between = await client.conversations.history({ channel, oldest, latest })
    const inclusive = await client.conversations.history({ channel, oldest, latest, inclusive: true })
    expect(between.messages?.map(({ text }) => text)).toEqual(['two'])
    expect(inclusive.messages).toHaveLength(3)
  })

  test('a thread is listed oldest first, after its parent', async () => {
    const { ts = '' } = await post({ text: 'card' })
    await post({ thread_ts: ts, text: 'reply' })
    const { messages } = await clientOf(slack).conversations.replies({ channel, ts })
    expect(messages).toMatchObject([
      { text: 'card', reply_count: 1 },
      { text: 'reply', thread_ts: ts },
    ])
  })

  test('a permalink contains the channel and the ts of the message', async () => {
    const { ts = '' } = await post()
    const { permalink } = await clientOf(slack).chat.getPermalink({ channel, message_ts: ts })
    expect(permalink).toMatch(new RegExp(`/archives/${channel}/p${ts.replace('.', '')}$`))
  })

  test('direct messages with a person are opened only once', async () => {
    const open = () => clientOf(slack).conversations.open({ users: 'U0ANA' })
    const [first, second] = [await open(), await open()]
    expect(second).toMatchObject({ channel: { id: first.channel?.id }, already_open: true })
    expect(await codeOf(clientOf(slack).conversations.open({ users: 'U0DORA' }))).toBe('user_disabled')
  })

  test.each([
    [
      'nobody',
      {},
      { is_shared: false, is_ext_shared: false, is_pending_ext_shared: false, is_org_shared: false },
    ],
    ['another company', { external: true }, { is_shared: true, is_ext_shared: true, is_org_shared: false }],
    ['one that has yet to accept', { invited: true }, { is_ext_shared: false, is_pending_ext_shared: true }],
    [
      'the organization',
      { organizationWide: true },
      { is_shared: true, is_ext_shared: false, is_org_shared: true },
    ],
  ])('a channel has the flags of its sharing: %s', async (_, part, flags) => {
    Object.assign(slack.workspace.channels.get(channel)!, part)
    const { channel: shown } = await clientOf(slack).conversations.info({ channel })
    expect(shown).toMatchObject({ id: channel, is_member: true, ...flags })
  })

  test('a channel has its purpose and creator, and on request the number of its members', async () => {
    const info = async (more: object = {}) =>
      (await clientOf(slack).conversations.info({ channel, ...more })).channel
    const unset = { value: '', creator: '', last_set: 0 }
    expect(await info()).toMatchObject({
      created: expect.any(Number),
      creator: 'U0ANA',
      topic: unset,
      purpose: unset,
    })
    expect(await info()).not.toHaveProperty('num_members')
    Object.assign(slack.workspace.channels.get(channel)!, { topic: 'Releases', creator: 'U0BEN' })
    expect(await info({ include_num_members: true })).toMatchObject({
      topic: { value: 'Releases', creator: 'U0BEN' },
      num_members: slack.workspace.channels.get(channel)!.members.size,
    })
  })

  test('a private channel is visible only to its members, with a separate scope', async () => {
    const { app, channels } = slack.workspace
    const members = new Set(['U0ANA'])
    channels.set('C0SECRET', {
      id: 'C0SECRET',
      name: 'secret',
      kind: 'private',
      members,
      archived: false,
      external: false,
    })
    const look = (id: string) => codeOf(clientOf(slack).conversations.info({ channel: id }))
    expect(await look('C0SECRET')).toBe('channel_not_found')
    members.add(app.userId)
    expect(await look('C0SECRET')).toBe('missing_scope')
    expect(await look(slack.workspace.dm('U0ANA').id)).toBe('missing_scope')
    expect(await look('C0NONE')).toBe('channel_not_found')
  })
})

describe('people and groups', () => {
  test.each<[string, object]>([
    ['U0ANA', { deleted: false, is_bot: false, is_restricted: false, team_id: 'T0TEAM' }],
    ['U0GUS', { is_restricted: true, is_ultra_restricted: false }],
    ['U0DORA', { deleted: true }],
    ['U0TWOKEY', { is_bot: true }],
    ['U0XENA', { team_id: 'T0OTHER', is_stranger: false }],
  ])('an account has the fields of its kind: %s', async (user, facts) => {
    expect((await clientOf(slack).users.info({ user })).user).toMatchObject(facts)
  })

  test('an account has its kind, and on request its language', async () => {
    const client = clientOf(slack)
    const kinds = { is_invited_user: false, is_workflow_bot: false, is_connector_bot: false }
    const { user: ana } = await client.users.info({ user: 'U0ANA' })
    expect(ana).toMatchObject(kinds)
    expect(ana).not.toHaveProperty('locale')
    Object.assign(slack.workspace.users.get('U0ANA')!, { invited: true, locale: 'de-DE' })
    expect((await client.users.info({ user: 'U0ANA', include_locale: true })).user).toMatchObject({
      ...kinds,
      is_invited_user: true,
      locale: 'de-DE',
    })
    slack.workspace.users.get('U0BEN')!.kind = 'connector bot'
    expect((await client.users.info({ user: 'U0BEN' })).user).toMatchObject({
      is_bot: true,
      is_connector_bot: true,
    })
    slack.workspace.users.get('U0BEN')!.kind = 'workflow bot'
    expect((await client.users.info({ user: 'U0BEN' })).user).toMatchObject({
      is_bot: true,
      is_workflow_bot: true,
    })
  })

  test('on Enterprise Grid the app and each account have their organization', async () => {
    slack.workspace.enterprise = 'E0ORG'
    slack.workspace.users.get('U0ANA')!.enterprise = 'E0ORG'
    const client = clientOf(slack)
    expect(await client.auth.test()).toMatchObject({ team_id: 'T0TEAM', enterprise_id: 'E0ORG' })
    const enterprise_user = { id: 'U0ANA', enterprise_id: 'E0ORG', teams: ['T0TEAM'] }
    expect((await client.users.info({ user: 'U0ANA' })).user).toMatchObject({ enterprise_user })
    expect((await client.users.info({ user: 'U0BEN' })).user).not.toHaveProperty('enterprise_user')
    slack.workspace.users.get('U0ANA')!.teams = ['T0THIRD', 'T0TEAM']
    expect((await client.users.info({ user: 'U0ANA' })).user?.enterprise_user?.teams).toEqual([
      'T0THIRD',
      'T0TEAM',
    ])
  })

  test('ids of Enterprise Grid accounts are accepted', async () => {
    slack.workspace.users.set('W0NOR', {
      id: 'W0NOR',
      name: 'Nora',
      team: 'T0TEAM',
      kind: 'member',
      deleted: false,
      stranger: false,
    })
    expect((await clientOf(slack).users.info({ user: 'W0NOR' })).user?.id).toBe('W0NOR')
  })

  test('user groups are listed with their members', async () => {
    const client = clientOf(slack)
    expect((await client.usergroups.users.list({ usergroup: 'S0ONCALL' })).users).toEqual(['U0CHLOE'])
    expect((await client.usergroups.list({ include_users: true })).usergroups).toMatchObject([
      { id: 'S0DEPLOYERS', handle: 'deployers' },
      { id: 'S0ONCALL', users: ['U0CHLOE'] },
    ])
    expect(await codeOf(client.usergroups.users.list({ usergroup: 'S0NONE' }))).toBe('no_such_subteam')
    expect(await codeOf(client.users.info({ user: 'U0NONE' }))).toBe('user_not_found')
  })
})

test('a file can be uploaded and shared in a thread', async () => {
  const { ts = '' } = await post()
  await clientOf(slack).filesUploadV2({
    channel_id: channel,
    thread_ts: ts,
    filename: 'log.txt',
    content: 'line 1\nline 2',
  })
  const [reply] = slack.workspace.messages(channel)[0]!.replies
  const upload = slack.workspace.uploads.get(reply?.files[0] ?? '')
  expect(Buffer.from(upload?.content ?? []).toString()).toBe('line 1\nline 2')
})
