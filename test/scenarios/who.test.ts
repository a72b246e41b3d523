import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import type { Channel, User } from '../../sandbox/slack/entities.ts'
import { pickRevision } from '../../src/slack/blocks.ts'
import { formPrefix } from '../../src/slack/form-parts.ts'
import { channel, configText, type Harness, openHarness } from './harness.ts'

const team = 'T0TEAM'
const approvers = 'S0DEPLOYERS, U0APPROVER'
const withWait = configText.replace('notify: [S0ONCALL]', 'wait: 2s')

let harness: Harness

/** A new person in the release channel. */
function arrives(id: string, part: Partial<User> = {}): void {
  const { users, channels } = harness.sandbox.slack.workspace
  users.set(id, { id, name: id, team, kind: 'member', deleted: false, stranger: false, ...part })
  channels.get(channel)!.members.add(id)
}

function channelNamed(id: string, part: Partial<Channel> = {}): void {
  const { app, channels } = harness.sandbox.slack.workspace
  const members = new Set(['U0ANA', app.userId])
  channels.set(id, { id, name: id, kind: 'public', members, archived: false, external: false, ...part })
}

/** The answer to a person whose action only they may see. */
async function answered(user: string, does: () => Promise<unknown>): Promise<string> {
  const shown = () => harness.sandbox.slack.workspace.ephemerals(user)
  const before = shown().length
  await does()
  const { text, blocks } = await harness.sandbox.slack.until(() => shown()[before])
  return `${text} ${JSON.stringify(blocks)}`
}

function asksIn(place: string, line: string): Promise<string> {
  return answered('U0ANA', () => harness.sandbox.slack.as('U0ANA').types(place, line))
}

/** All answers to single people, also to people whom Slack does not show them. */
function sent(): readonly string[] {
  return ['chat.postEphemeral', 'chat.postMessage', 'response_url'].flatMap((method) =>
    harness.sandbox.slack.log.of(method).map(({ body }) => JSON.stringify(body)),
  )
}

/** Does something, and waits for an answer to a person. */
async function refusedWith(code: string, does: () => Promise<unknown>): Promise<void> {
  const told = () => sent().filter((body) => body.includes(code)).length
  const before = told()
  await does()
  await vi.waitUntil(() => told() > before, { timeout: patience })
}

const forge = (payload: Readonly<Record<string, unknown>>, type: 'interactive' | 'slash_commands') =>
  harness.sandbox.slack
    .as('U0BEN')
    .forges({ type, payload: { trigger_id: `forged-${Math.random()}`, ...payload } })

const command = (from: Readonly<Record<string, unknown>>, line = 'prod') =>
  forge({ command: '/deploy', text: line, channel_id: channel, ...from }, 'slash_commands')

/** A button click by the person that the payload names. */
async function click(payload: Readonly<Record<string, unknown>>, action: object): Promise<void> {
  const ts = harness.cards()[0]?.ts ?? '1.1'
  await forge(
    {
      type: 'block_actions',
      team: { id: team },
      channel: { id: channel },
      container: { type: 'message', message_ts: ts, channel_id: channel },
      message: { ts },
      actions: [{ type: 'button', block_id: 'b', ...action }],
      ...payload,
    },
    'interactive',
  )
}

async function releaseOfCard(): Promise<string> {
  const { metadata } = await harness.shows('awaiting approval')
  return String(metadata?.event_payload.release_id)
}

const identities: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  ['nobody', { user: { id: '', team_id: team } }, 'identity_unknown'],
  ['a payload without an id', { user: {} }, 'identity_unknown'],
  ['an id that Slack does not know', { user: { id: 'U0NOBODY', team_id: team } }, 'identity_unknown'],
  ['a bot', { user: { id: 'U0TWOKEY', team_id: team } }, 'not_a_member'],
  ['a guest', { user: { id: 'U0GUS', team_id: team } }, 'not_a_member'],
  ['an account that left', { user: { id: 'U0DORA', team_id: team } }, 'not_a_member'],
  ['an approver, without a workspace', { user: { id: 'U0BEN' } }, 'identity_unknown'],
  [
    'an approver, with a workspace that is not text',
    { user: { id: 'U0BEN', team_id: 7 } },
    'identity_unknown',
  ],
  ['an approver, of another workspace', { user: { id: 'U0BEN', team_id: 'T0OTHER' } }, 'not_a_member'],
  ['an approver, of another by user_team', { user: { id: 'U0BEN' }, user_team: 'T0OTHER' }, 'not_a_member'],
  ['somebody of another organization', { user: { id: 'U0XENA', team_id: 'T0OTHER' } }, 'not_a_member'],
  [
    'somebody of another organization who claims to be of ours',
    { user: { id: 'U0XENA', team_id: team } },
    'not_a_member',
  ],
  [
    'an Enterprise Grid id of another organization',
    { user: { id: 'W0WEI', team_id: 'T0OTHER' } },
    'not_a_member',
  ],
  ['a bot of a connected service', { user: { id: 'U0RELAY', team_id: team } }, 'not_a_member'],
  ['somebody who was invited and has not joined', { user: { id: 'U0IDA', team_id: team } }, 'not_a_member'],
]

describe('the person that a payload names', () => {
  beforeAll(async () => {
    harness = await openHarness()
    arrives('W0WEI', { team: 'T0OTHER' })
    arrives('U0RELAY', { kind: 'connector bot' })
    arrives('U0IDA', { invited: true })
    harness.sandbox.slack.workspace.groups.get('S0DEPLOYERS')!.members.push('U0RELAY', 'U0IDA')
    await harness.types('U0ANA', '/deploy prod')
  })
  afterAll(() => harness.close())

  it.each(identities)('counts no approval by %s', async (_, payload, code) => {
    const release = await releaseOfCard()
    await refusedWith(code, () => click(payload, { action_id: 'twokey:approve', value: `${release}:0` }))
    expect((await harness.shows('awaiting approval')).text).toContain('0 of 2')
    expect(harness.dispatches()).toBe(0)
  })

  it.each(identities)('ends nothing by a rejection of %s', async (_, payload, code) => {
    const release = await releaseOfCard()
    await refusedWith(code, () => click(payload, { action_id: 'twokey:reject', value: `${release}:0` }))
    await harness.shows('awaiting approval')
  })

  it.each([
    ['a cancel in the name of the requester, from another workspace', 'twokey:cancel'],
    ['a retry', 'twokey:retry'],
  ])('ignores %s', async (_, action) => {
    const release = await releaseOfCard()
    await refusedWith('not_a_member', () =>
      click({ user: { id: 'U0ANA', team_id: 'T0OTHER' } }, { action_id: action, value: `${release}:0` }),
    )
    await harness.shows('awaiting approval')
    expect(harness.cards()).toHaveLength(1)
  })

  it('two genuine approvers can approve after all forged clicks', async () => {
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.dispatches()).toBe(1)
  })
})

describe('requesters', () => {
  beforeAll(async () => {
    harness = await openHarness({
      config: configText.replace('branch: main', 'branch: main\n    requesters: [S0ONCALL]'),
    })
  })
  afterEach(() => {
    expect(harness.cards()).toEqual([])
    expect(harness.dispatches()).toBe(0)
  })
  afterAll(() => harness.close())

  it.each([
    ['a member who is not named', { user_id: 'U0ANA', team_id: team }, 'not_allowed'],
    ['a named member from another workspace', { user_id: 'U0CHLOE', team_id: 'T0OTHER' }, 'not_a_member'],
    ['a named member without a workspace', { user_id: 'U0CHLOE' }, 'identity_unknown'],
    ['nobody', { user_id: '', team_id: team }, 'identity_unknown'],
    ['a bot', { user_id: 'U0TWOKEY', team_id: team }, 'not_a_member'],
    ['somebody of another organization', { user_id: 'U0XENA', team_id: team }, 'not_a_member'],
  ])('refuses a command from %s', async (_, from, code) => {
    await refusedWith(code, () => command(from))
  })

  it.each([
    ['a member who is not named', { id: 'U0ANA', team_id: team }, 'not_allowed'],
    ['a named member from another workspace', { id: 'U0CHLOE', team_id: 'T0OTHER' }, 'not_a_member'],
    ['a named member without a workspace', { id: 'U0CHLOE' }, 'identity_unknown'],
    ['a guest', { id: 'U0GUS', team_id: team }, 'not_a_member'],
  ])('refuses a picked revision and a form from %s', async (_, user, code) => {
    const value = JSON.stringify({ service: 'blog-api', environment: 'prod', revision: 42 })
    await refusedWith(code, () => click({ user }, { action_id: pickRevision, value }))
    const chosen = (name: string, option: string) => ({
      [name]: { [`${formPrefix}${name}`]: { selected_option: { value: option } } },
    })
    const view = {
      id: `V${Math.random()}`,
      hash: '1',
      callback_id: `${formPrefix}deploy`,
      private_metadata: JSON.stringify({ channel }),
      state: {
        values: {
          ...chosen('service', 'blog-api'),
          ...chosen('environment', 'prod'),
          ...chosen('ref', '^newest of main'),
        },
      },
    }
    await refusedWith(code, () => forge({ type: 'view_submission', user, view }, 'interactive'))
  })

  it('refuses everybody while Slack cannot say who is in the group', async () => {
    await harness.restarts()
    const body = { ok: false, error: 'internal_error' }
    harness.sandbox.slack.faults.queue('usergroups.users.list', { kind: 'answer', status: 200, body })
    expect(await harness.answerTo('U0CHLOE', '/deploy prod')).toMatch(/S0ONCALL.*group_unknown/s)
  })
})

describe('Enterprise Grid', () => {
  beforeEach(async () => {
    harness = await openHarness({
      config: configText
        .replace(`channel: ${channel}`, `channel: ${channel}, workspaces: [T0SISTER]`)
        .replace(approvers, 'U0BEN, W0NOR, W0TOM'),
    })
    harness.sandbox.slack.workspace.enterprise = 'E0ORG'
    arrives('W0NOR', { team: 'T0SISTER', enterprise: 'E0ORG' })
    arrives('W0TOM', { team: 'T0THIRD', enterprise: 'E0ORG' })
    await harness.restarts()
  })
  afterEach(() => harness.close())

  it('counts an approver of a listed workspace of the organization, and none of another workspace', async () => {
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    expect(await answered('W0TOM', () => harness.clicks('W0TOM', 'approve'))).toContain('not_a_member')
    await harness.clicks('W0NOR', 'approve')
    await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('1 of 2'))
    await harness.clicks('U0BEN', 'approve')
    expect(await harness.ends()).toBe('succeeded')
  })
})

describe('an identity lookup that fails', () => {
  const fails = { kind: 'answer', status: 200, body: { ok: false, error: 'internal_error' } } as const

  it.each([
    ['users.info', 'identity_unknown'],
    ['usergroups.users.list', 'group_unknown'],
    ['conversations.info', 'channel_unknown'],
  ])('does not count a click while %s fails, and counts a later one', async (method, code) => {
    harness = await openHarness()
    const { faults } = harness.sandbox.slack
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.restarts()
    faults.queue(method, fails, { times: 1_000 })
    expect(await answered('U0BEN', () => harness.clicks('U0BEN', 'approve'))).toContain(code)
    faults.clear()
    await harness.clicks('U0BEN', 'approve')
    await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('1 of 2'))
    await harness.close()
  })

  it.each(['users.info', 'usergroups.users.list', 'conversations.info'])(
    'ends with nothing sent if %s keeps failing before the dispatch',
    async (method) => {
      harness = await openHarness({ config: withWait })
      await harness.approved()
      await harness.shows('waiting')
      harness.sandbox.slack.faults.queue(method, fails, { times: 1_000 })
      await harness.restarts()
      expect(await harness.ends()).toBe('failed')
      expect(JSON.stringify(harness.cards()[0])).toContain('internal_error')
      expect(harness.dispatches()).toBe(0)
      await harness.close()
    },
  )
})

describe('a requester who changed before the last approval', () => {
  afterEach(() => harness.close())

  it.each([
    [
      'left the workspace',
      () => Object.assign(harness.sandbox.slack.workspace.users.get('U0ANA')!, { deleted: true }),
    ],
    [
      'may no longer request there',
      () => harness.sandbox.slack.workspace.groups.get('S0ONCALL')!.members.splice(0),
    ],
  ])('sends nothing: the requester %s', async (_, happens) => {
    harness = await openHarness({
      config: configText.replace('notify: [S0ONCALL]', 'requesters: [S0ONCALL]'),
    })
    harness.sandbox.slack.workspace.groups.get('S0ONCALL')!.members = ['U0ANA']
    await harness.restarts()
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    happens()
    await harness.restarts()
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('failed')
    expect(JSON.stringify(harness.cards()[0])).toContain('can no longer request')
    expect(harness.dispatches()).toBe(0)
  })
})

describe('several accounts of one person', () => {
  const people = (accounts: string) => `people: [{ slack: [${accounts}] }]\n${configText}`
  afterEach(() => harness.close())

  it('counts two approvals of one person under two accounts once', async () => {
    harness = await openHarness({ config: people('U0BEN, U0CHLOE') })
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('1 of 2'))
    expect(await answered('U0CHLOE', () => harness.clicks('U0CHLOE', 'approve'))).toContain(
      'already_approved',
    )
    expect(harness.dispatches()).toBe(0)
    await harness.clicks('U0APPROVER', 'approve')
    expect(await harness.ends()).toBe('succeeded')
  })

  it('does not count the requester’s approval under any account', async () => {
    harness = await openHarness({ config: people('U0ANA, U0BEN') })
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    expect(await answered('U0BEN', () => harness.clicks('U0BEN', 'approve'))).toContain('may_not_approve')
    expect((await harness.shows('awaiting approval')).text).toContain('0 of 2')
  })

  it.each([
    ['two approvers who are one person', people('U0BEN, U0CHLOE, U0APPROVER')],
    ['an approver who is the requester', people('U0ANA, U0BEN, U0APPROVER')],
    [
      'approvers whose logins are not named, where authors may not approve',
      `people: [{ slack: [U0ELI], github: eli }, { slack: [U0GUS], github: gus }]
${configText.replace('required: 2', 'required: 2, authorsMayApprove: false')}`,
    ],
  ])('refuses the request before approvals are requested: %s', async (_, config) => {
    harness = await openHarness({ config })
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toContain('policy_unsatisfiable')
    expect(harness.cards()).toEqual([])
  })
})

describe('a policy that nobody can satisfy', () => {
  beforeEach(async () => {
    harness = await openHarness({ config: configText.replace(approvers, 'S0DEPLOYERS') })
  })
  afterEach(async () => {
    expect(harness.cards()).toEqual([])
    await harness.close()
  })

  const group = () => harness.sandbox.slack.workspace.groups.get('S0DEPLOYERS')!
  const fault = (error: string) =>
    harness.sandbox.slack.faults.queue('usergroups.users.list', {
      kind: 'answer',
      status: 200,
      body: { ok: false, error },
    })

  it.each([
    ['the group is empty', () => (group().members = []), /S0DEPLOYERS.*is empty.*policy_unsatisfiable/s],
    [
      'the group is disabled',
      () => (group().disabled = true),
      /no user group S0DEPLOYERS.*policy_unsatisfiable/s,
    ],
    [
      'too few are members',
      () => (group().members = ['U0BEN', 'U0GUS', 'U0DORA', 'U0ANA']),
      /but only 1 of its approvers.*policy_unsatisfiable/s,
    ],
    ['the plan has no groups', () => fault('plan_upgrade_required'), /S0DEPLOYERS.*paid plan.*cannot_see/s],
    ['the group cannot be read', () => fault('internal_error'), /S0DEPLOYERS.*internal_error.*cannot_see/s],
  ])('reports an unsatisfiable policy before approvals are requested: %s', async (_, breaks, words) => {
    breaks()
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toMatch(words)
  })

  it('reports an unsatisfiable policy of 10,000 guests after a hundred of them were looked up', async () => {
    group().members = Array.from({ length: 10_000 }, (_, index) => `U0CROWD${index}`)
    for (const id of group().members)
      harness.sandbox.slack.workspace.users.set(id, {
        id,
        name: id,
        team,
        kind: 'guest',
        deleted: false,
        stranger: false,
      })
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toMatch(
      /10000 accounts, 100.*policy_unsatisfiable/s,
    )
    expect(harness.sandbox.slack.log.of('users.info').length).toBeLessThanOrEqual(101)
  })
})

describe('a channel that is shared with another organization', () => {
  const release = () => harness.sandbox.slack.workspace.channels.get(channel)!
  afterEach(() => harness.close())

  it.each<readonly [string, Partial<Channel>]>([
    ['shared', { external: true }],
    ['about to be shared', { invited: true }],
  ])('refuses requests that need approvals if the release channel is %s', async (_, part) => {
    harness = await openHarness()
    Object.assign(release(), part)
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toContain('channel_shared')
    expect(await harness.answerTo('U0ANA', '/rollback blog-api 42')).toContain('channel_shared')
    expect(harness.cards()).toEqual([])
    await harness.types('U0ANA', '/deploy dev')
    expect(await harness.ends()).toBe('succeeded')
  })

  it('accepts requests in a channel shared within the same organization', async () => {
    harness = await openHarness()
    release().organizationWide = true
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
  })

  it('accepts requests in a shared channel that the environment allows, and outsiders still do not count', async () => {
    harness = await openHarness({
      config: configText.replace('branch: main', 'branch: main\n    externalChannels: true'),
    })
    release().external = true
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    expect(await answered('U0XENA', () => harness.clicks('U0XENA', 'approve'))).toContain('not_a_member')
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
  })

  it('counts no more approvals once the channel is shared, but counts a rejection', async () => {
    harness = await openHarness()
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    release().external = true
    await harness.restarts()
    expect(await answered('U0BEN', () => harness.clicks('U0BEN', 'approve'))).toContain('channel_shared')
    expect(harness.dispatches()).toBe(0)
    await harness.clicks('U0BEN', 'reject')
    expect(await harness.ends()).toBe('rejected')
  })

  it('ends with nothing sent if the channel is shared after the last approval', async () => {
    harness = await openHarness({ config: withWait })
    await harness.approved()
    await harness.shows('waiting')
    release().external = true
    await harness.restarts()
    expect(await harness.ends()).toBe('failed')
    expect(harness.dispatches()).toBe(0)
  })

  it('refuses a command typed in another, shared channel', async () => {
    harness = await openHarness()
    channelNamed('C0SHARED', { external: true })
    channelNamed('C0SECRET', { kind: 'private', members: new Set(['U0ANA']) })
    channelNamed('C0TEAM')
    expect(await asksIn('C0SHARED', '/deploy prod')).toContain('channel_shared')
    expect(await asksIn('C0SECRET', '/deploy prod')).toMatch(/\/invite.*channel_unknown/s)
    expect(await asksIn('C0TEAM', '/rollback blog-api 999')).toContain('revision_unknown')
    expect(harness.cards()).toEqual([])
    const { id } = harness.sandbox.slack.workspace.dm('U0ANA')
    await harness.sandbox.slack.as('U0ANA').types(id, '/deploy prod')
    await harness.shows('awaiting approval')
  })

  it('refuses requests and names the missing scope if the channel cannot be read', async () => {
    harness = await openHarness({
      app: { scopes: ['commands', 'chat:write', 'users:read', 'usergroups:read', 'channels:history'] },
    })
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toMatch(/channels:read.*cannot_see/s)
    expect(harness.cards()).toEqual([])
  })
})
