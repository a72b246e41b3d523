import { WebClient } from '@slack/web-api'
import { describe, expect, it } from 'vitest'
import type { User } from '../../sandbox/slack/entities.ts'
import type { SlackSandbox } from '../../sandbox/slack/slack.ts'
import type { Presence } from '../../src/ports/ports.ts'
import type { Home } from '../../src/slack/account.ts'
import { slackPeople } from '../../src/slack/identity.ts'
import { slackLogger } from '../../src/slack/log.ts'
import { log, openSlack } from './harness.ts'

const approvers = ['S0DEPLOYERS', 'U0APPROVER']
const team = 'T0TEAM'

type Differs = Partial<Home> & { readonly now?: () => number; readonly timeout?: number }

function peopleOf(slack: SlackSandbox, { now, timeout = 2_000, ...home }: Differs = {}) {
  const web = new WebClient(slack.env.SLACK_BOT_TOKEN, {
    slackApiUrl: slack.env.SLACK_API_URL,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout,
    logger: slackLogger(log),
  })
  return slackPeople({ web, team, enterprise: null, workspaces: [], ...home, ...(now && { now }) })
}

/** The fields that Slack sends for an ordinary member. */
const plain = { deleted: false, is_bot: false, is_restricted: false, is_ultra_restricted: false }

/** A person as Slack's payload names them. */
function by(user: string, own = team): Presence {
  return { user, team: own }
}

describe('who may approve', () => {
  it.each([
    ['a member of the group', 'U0BEN', { eligible: true, via: 'S0DEPLOYERS' }],
    ['a person by name', 'U0APPROVER', { eligible: true, via: 'U0APPROVER' }],
    ['somebody else', 'U0ELI', { eligible: false, why: 'not_an_approver' }],
    ['a guest in the group', 'U0GUS', { eligible: false, why: 'not_a_member' }],
    ['an account in the group that was deactivated', 'U0DORA', { eligible: false, why: 'not_a_member' }],
    ['a person of another company', 'U0XENA', { eligible: false, why: 'not_a_member' }],
    ['the bot itself', 'U0TWOKEY', { eligible: false, why: 'not_a_member' }],
    ['Slackbot', 'USLACKBOT', { eligible: false, why: 'not_a_member' }],
    ['nobody', '', { eligible: false, why: 'identity_unknown' }],
    ['an id that does not exist', 'U0NOBODY', { eligible: false, why: 'identity_unknown' }],
  ])('decides whether %s may approve', async (_, id, standing) => {
    const slack = await openSlack()
    slack.workspace.users.set('USLACKBOT', account('USLACKBOT'))
    const people = peopleOf(slack)
    expect(await people.standing(by(id), [approvers])).toMatchObject(standing)
    expect(await people.standing({ user: id, team: null }, [approvers])).toMatchObject(standing)
  })

  it.each<readonly [string, Partial<User>]>([
    ['a single-channel guest', { kind: 'single-channel guest' }],
    ['a stranger', { stranger: true }],
    ['a bot', { kind: 'bot' }],
    ['a bot of a workflow', { kind: 'workflow bot' }],
    ['a bot of a connected service', { kind: 'connector bot' }],
    ['invited and has not joined', { invited: true }],
    ['deactivated', { deleted: true }],
  ])('refuses %s, whatever list names them', async (_, part) => {
    const slack = await openSlack()
    Object.assign(slack.workspace.users.get('U0BEN')!, part)
    const people = peopleOf(slack)
    expect(await people.standing(by('U0BEN'), [['U0BEN']])).toMatchObject({ why: 'not_a_member' })
    expect(await people.requester(by('U0BEN'), 'everyone')).toMatchObject({ why: 'not_a_member' })
    expect(await people.requester(by('U0BEN'), ['U0BEN'])).toMatchObject({ why: 'not_a_member' })
  })

  it.each<readonly [string, Partial<User>, string]>([
    ['a member', {}, 'member'],
    ['a guest', { kind: 'guest' }, 'guest'],
    ['a single-channel guest', { kind: 'single-channel guest' }, 'guest'],
    ['of another workspace', { team: 'T0OTHER' }, 'external'],
    ['a guest of another workspace', { team: 'T0OTHER', kind: 'guest' }, 'external'],
    ['a bot', { kind: 'bot' }, 'inactive'],
    ['deactivated', { deleted: true }, 'inactive'],
    ['invited and has not joined', { invited: true }, 'inactive'],
  ])('reports the membership of %s', async (_, part, is) => {
    const slack = await openSlack()
    Object.assign(slack.workspace.users.get('U0BEN')!, part)
    const people = peopleOf(slack)
    expect(await people.membership({ user: 'U0BEN', team })).toMatchObject({ is })
    expect(await people.membership({ user: 'U0BEN', team: 'T0OTHER' })).toMatchObject({ is: 'external' })
    expect(await people.membership({ user: 'U0BEN', team: '' })).toMatchObject({ is: 'unknown' })
    slack.faults.queue('users.info', answers({ ok: false, error: 'internal_error' }), { times: 9 })
    expect(await people.membership({ user: 'U0ELI', team })).toMatchObject({ is: 'unknown' })
  })

  it.each([
    ['a bot of a workflow that Slack calls no bot', { ...plain, is_workflow_bot: true }, 'not_a_member'],
    ['a bot of a service that Slack calls no bot', { ...plain, is_connector_bot: true }, 'not_a_member'],
    ['invited', { ...plain, is_invited_user: true }, 'not_a_member'],
    ['deactivated, with no other fields', { deleted: true }, 'not_a_member'],
    ['without the field for deactivated accounts', without('deleted'), 'identity_unknown'],
    ['without the field for bots', without('is_bot'), 'identity_unknown'],
    ['without the fields for guests', without('is_restricted'), 'identity_unknown'],
    ['without half of these fields', without('is_ultra_restricted'), 'identity_unknown'],
    ['without any of these fields', {}, 'identity_unknown'],
  ])('refuses an account that is %s', async (_, fields, why) => {
    const slack = await openSlack()
    slack.faults.queue('users.info', answers({ ok: true, user: { id: 'U0BEN', team_id: team, ...fields } }))
    expect(await peopleOf(slack).standing(by('U0BEN'), [['U0BEN']])).toMatchObject({ eligible: false, why })
  })

  it('accepts an account that Slack calls no stranger, or of which it does not say so', async () => {
    const slack = await openSlack()
    slack.faults.queue('users.info', answers({ ok: true, user: { id: 'U0BEN', team_id: team, ...plain } }))
    expect(await peopleOf(slack).standing(by('U0BEN'), [['U0BEN']])).toMatchObject({ eligible: true })
  })

  it('requires that each list admits the person', async () => {
    const people = peopleOf(await openSlack())
    const standing = (user: string, ...lists: string[][]) => people.standing(by(user), lists)
    expect(await standing('U0BEN', approvers, ['S0ONCALL'])).toMatchObject({ eligible: false })
    expect(await standing('U0CHLOE', approvers, ['S0ONCALL'])).toMatchObject({
      eligible: true,
      via: 'S0DEPLOYERS',
    })
    expect(await standing('U0BEN', approvers, [])).toMatchObject({ why: 'not_an_approver' })
    expect(await standing('U0BEN')).toMatchObject({ why: 'not_an_approver' })
  })

  it('admits nobody by a group that is disabled or does not exist', async () => {
    const slack = await openSlack()
    slack.workspace.groups.get('S0DEPLOYERS')!.disabled = true
    const people = peopleOf(slack)
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ why: 'not_an_approver' })
    expect(await people.standing(by('U0BEN'), [['S0NONE']])).toMatchObject({ why: 'not_an_approver' })
    expect(await people.standing(by('U0APPROVER'), [approvers])).toMatchObject({ eligible: true })
  })

  it('does not extend the cache of Slack identity when the clock is set back', async () => {
    const slack = await openSlack()
    let now = 3_600_000
    const people = peopleOf(slack, { now: () => now })
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ eligible: true })
    slack.workspace.users.get('U0BEN')!.deleted = true
    now = 0
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ why: 'not_a_member' })
  })

  it('caches Slack identity for one minute', async () => {
    const slack = await openSlack()
    let now = 0
    const people = peopleOf(slack, { now: () => now })
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ eligible: true })
    slack.workspace.groups.get('S0DEPLOYERS')!.members = []
    now = 59_999
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ eligible: true })
    now = 60_000
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ why: 'not_an_approver' })
    expect(slack.log.of('users.info')).toHaveLength(2)
  })

  it('reads Slack identity anew for callers that allow one second, once for all within it', async () => {
    const slack = await openSlack()
    let now = 0
    const people = peopleOf(slack, { now: () => now })
    const reads = () => [slack.log.of('users.info').length, slack.log.of('usergroups.users.list').length]
    const atOnce = () =>
      Promise.all(Array.from({ length: 50 }, () => people.standing(by('U0BEN'), [approvers], 'second')))
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ eligible: true })
    expect(new Set((await atOnce()).map(({ eligible }) => eligible))).toEqual(new Set([true]))
    expect(reads()).toEqual([2, 2])
    slack.workspace.groups.get('S0DEPLOYERS')!.members = []
    now = 999
    expect((await atOnce())[0]).toMatchObject({ eligible: true })
    expect(reads()).toEqual([2, 2])
    now = 1_000
    expect((await atOnce())[49]).toMatchObject({ why: 'not_an_approver' })
    expect(reads()).toEqual([3, 3])
    // Later callers get what was read anew.
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ why: 'not_an_approver' })
    expect(await people.requester(by('U0BEN'), ['S0DEPLOYERS'], 'second')).toMatchObject({ eligible: false })
    expect(reads()).toEqual([3, 3])
  })

  it('does not use what was read for a click for callers that allow one second', async () => {
    const slack = await openSlack()
    const people = peopleOf(slack, { now: () => 5_000 })
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ eligible: true })
    slack.workspace.groups.get('S0DEPLOYERS')!.members = []
    expect(await people.standing(by('U0BEN'), [approvers], 'second')).toMatchObject({
      why: 'not_an_approver',
    })
  })

  it('asks Slack again for the next caller if a lookup failed', async () => {
    const slack = await openSlack()
    const people = peopleOf(slack, { now: () => 5_000 })
    slack.faults.queue('users.info', { kind: 'answer', status: 503 })
    expect(await people.standing(by('U0BEN'), [approvers], 'second')).toMatchObject({
      why: 'identity_unknown',
    })
    expect(await people.standing(by('U0BEN'), [approvers], 'second')).toMatchObject({ eligible: true })
  })

  it('looks up a group of 10,000 with one request', async () => {
    const slack = await openSlack()
    slack.workspace.groups.get('S0DEPLOYERS')!.members = [...crowd(9_999), 'U0BEN']
    expect(await peopleOf(slack).standing(by('U0BEN'), [approvers])).toMatchObject({ eligible: true })
    expect(slack.log.of('users.info')).toHaveLength(1)
    expect(slack.log.of('usergroups.users.list')).toHaveLength(1)
  })
})

describe('an identity lookup that fails', () => {
  const failures = [
    ['500', { kind: 'answer', status: 500 }],
    ['503', { kind: 'answer', status: 503 }],
    ['a rate limit', { kind: 'answer', status: 429, headers: { 'retry-after': '30' } }],
    ['a rate limit in words', answers({ ok: false, error: 'ratelimited' })],
    ['an answer without JSON', { kind: 'answer', status: 200, body: '<html>' }],
    ['an answer of another shape', answers({ ok: true, user: { name: 'ben' }, users: 'everyone' })],
    ['an empty answer', answers({ ok: true })],
    ['a missing scope', answers({ ok: false, error: 'missing_scope', needed: 'users:read', provided: '' })],
    ['a connection that breaks', { kind: 'reset' }],
    ['silence', { kind: 'delay', ms: 1_000 }],
  ] as const

  it.each(failures)('admits nobody if users.info fails: %s', async (_, fault) => {
    const slack = await openSlack()
    const people = peopleOf(slack, { timeout: 300 })
    slack.faults.queue('users.info', fault, { times: 3 })
    expect(await people.standing(by('U0BEN'), [['U0BEN']])).toMatchObject({ why: 'identity_unknown' })
    expect(await people.requester(by('U0BEN'), 'everyone')).toMatchObject({ why: 'identity_unknown' })
    slack.faults.clear()
    expect(await people.standing(by('U0BEN'), [['U0BEN']])).toMatchObject({ eligible: true })
  })

  it.each([
    ...failures,
    ['a plan without groups', answers({ ok: false, error: 'plan_upgrade_required' })],
  ] as const)('admits nobody if usergroups.users.list fails: %s', async (_, fault) => {
    const slack = await openSlack()
    const people = peopleOf(slack, { timeout: 300 })
    slack.faults.queue('usergroups.users.list', fault, { times: 3 })
    const standing = await people.standing(by('U0BEN'), [approvers])
    expect(standing).toMatchObject({ why: 'group_unknown', sentence: expect.stringContaining('S0DEPLOYERS') })
    expect(await people.requester(by('U0BEN'), ['S0DEPLOYERS'])).toMatchObject({ why: 'group_unknown' })
    expect(await people.standing(by('U0APPROVER'), [approvers])).toMatchObject({ eligible: true })
    slack.faults.clear()
    expect(await people.standing(by('U0BEN'), [approvers])).toMatchObject({ eligible: true })
  })

  it('admits a person by a readable group, though other groups cannot be read', async () => {
    const slack = await openSlack()
    slack.faults.queue('usergroups.users.list', { kind: 'answer', status: 503 })
    const people = peopleOf(slack)
    expect(await people.standing(by('U0CHLOE'), [['S0DEPLOYERS', 'S0ONCALL']])).toMatchObject({
      eligible: true,
      via: 'S0ONCALL',
    })
  })
})

describe('the workspace of the payload and that of the account', () => {
  const sister = 'T0SISTER'
  const grid = { enterprise: 'E0ORG', workspaces: [sister] }

  async function on(home: Partial<Home>, payload: string | null, user: Partial<User>) {
    const slack = await openSlack()
    slack.workspace.users.set('W0NOR', account('W0NOR', user))
    return peopleOf(slack, home).standing({ user: 'W0NOR', team: payload }, [['W0NOR']])
  }

  it.each<readonly [string, Partial<Home>, string | null, Partial<User>, object]>([
    ['both are ours', {}, team, {}, { eligible: true, via: 'W0NOR' }],
    ['the payload names no workspace', {}, '', {}, { why: 'identity_unknown' }],
    ['the payload names another workspace', {}, 'T0OTHER', {}, { why: 'not_a_member' }],
    ['the account is of another workspace', {}, team, { team: 'T0OTHER' }, { why: 'not_a_member' }],
    ['both name another workspace', {}, 'T0OTHER', { team: 'T0OTHER' }, { why: 'not_a_member' }],
    [
      'a listed workspace on Enterprise Grid',
      grid,
      sister,
      { team: sister, enterprise: 'E0ORG' },
      { eligible: true },
    ],
    [
      'the same, checked again without a payload',
      grid,
      null,
      { team: sister, enterprise: 'E0ORG' },
      { eligible: true },
    ],
    [
      'a workspace on Grid that is not listed',
      { enterprise: 'E0ORG' },
      sister,
      { team: sister, enterprise: 'E0ORG' },
      { why: 'not_a_member' },
    ],
    [
      'a listed name in another organization',
      grid,
      sister,
      { team: sister, enterprise: 'E0EVIL' },
      { why: 'not_a_member' },
    ],
    ['a listed name in no organization', grid, sister, { team: sister }, { why: 'not_a_member' }],
    [
      'a list without an organization of our own',
      { workspaces: [sister] },
      sister,
      { team: sister, enterprise: 'E0ORG' },
      { why: 'not_a_member' },
    ],
    [
      'our account, clicked in another workspace of the organization',
      grid,
      sister,
      { enterprise: 'E0ORG' },
      { eligible: true },
    ],
    [
      'the payload names the organization alone, the account a listed one',
      grid,
      'E0ORG',
      { team: sister, enterprise: 'E0ORG' },
      { eligible: true },
    ],
    [
      'the payload names the organization alone, the account none of ours',
      grid,
      'E0ORG',
      { team: 'T0THIRD', enterprise: 'E0ORG' },
      { why: 'not_a_member' },
    ],
    [
      'the payload names another organization',
      grid,
      'E0EVIL',
      { enterprise: 'E0ORG' },
      { why: 'not_a_member' },
    ],
    [
      'the account is of an unlisted workspace of the organization, and of ours',
      { enterprise: 'E0ORG' },
      team,
      { team: 'T0THIRD', enterprise: 'E0ORG', teams: ['T0THIRD', team] },
      { eligible: true },
    ],
    [
      'the same, with that workspace in the payload',
      { enterprise: 'E0ORG' },
      'T0THIRD',
      { team: 'T0THIRD', enterprise: 'E0ORG', teams: ['T0THIRD', team] },
      { eligible: true },
    ],
    [
      'the same, with a workspace in the payload to which they do not belong',
      { enterprise: 'E0ORG' },
      'T0FOURTH',
      { team: 'T0THIRD', enterprise: 'E0ORG', teams: ['T0THIRD', team] },
      { why: 'not_a_member' },
    ],
    [
      'an account of another organization names our workspace',
      { enterprise: 'E0ORG' },
      team,
      { team: 'T0THIRD', enterprise: 'E0EVIL', teams: ['T0THIRD', team] },
      { why: 'not_a_member' },
    ],
    [
      'an account names our workspace, which is of no organization',
      {},
      team,
      { team: 'T0THIRD', enterprise: 'E0ORG', teams: ['T0THIRD', team] },
      { why: 'not_a_member' },
    ],
    [
      'a guest who is also of our workspace',
      { enterprise: 'E0ORG' },
      team,
      { team: 'T0THIRD', enterprise: 'E0ORG', teams: [team], kind: 'guest' },
      { why: 'not_a_member' },
    ],
    [
      'a guest of a listed workspace',
      grid,
      sister,
      { team: sister, enterprise: 'E0ORG', kind: 'guest' },
      { why: 'not_a_member' },
    ],
  ])('checks both workspaces: %s', async (_, home, payload, user, standing) => {
    expect(await on(home, payload, user)).toMatchObject(standing)
  })

  it.each([
    [['T0THIRD', sister], true],
    [['T0THIRD'], false],
    [[], false],
  ])('takes the workspaces of an organization’s account from Slack: %s', async (teams, eligible) => {
    const slack = await openSlack()
    const enterprise_user = { id: 'W0NOR', enterprise_id: 'E0ORG', teams }
    slack.faults.queue(
      'users.info',
      answers({ ok: true, user: { id: 'W0NOR', team_id: 'E0ORG', ...plain, enterprise_user } }),
    )
    const people = peopleOf(slack, grid)
    expect(await people.standing(by('W0NOR', sister), [['W0NOR']])).toMatchObject({ eligible })
  })
})

describe('an app that is installed for a whole organization', () => {
  const org: Partial<Home> = { team: 'E0ORG', enterprise: 'E0ORG' }
  const inTeams = (...teams: string[]) =>
    answers({
      ok: true,
      user: {
        id: 'W0NOR',
        team_id: 'E0ORG',
        ...plain,
        enterprise_user: { id: 'W0NOR', enterprise_id: 'E0ORG', teams },
      },
    })

  it.each([
    ['nobody if no workspace is listed', [], { why: 'not_a_member' }],
    ['members of a listed workspace', ['T0SISTER'], { eligible: true }],
    ['nobody by the organization’s own name', ['E0ORG'], { why: 'not_a_member' }],
  ])('admits %s', async (_, workspaces, standing) => {
    const slack = await openSlack()
    slack.faults.queue('users.info', inTeams('T0SISTER'))
    const people = peopleOf(slack, { ...org, workspaces })
    expect(await people.standing(by('W0NOR', 'E0ORG'), [['W0NOR']])).toMatchObject(standing)
  })
})

it('refuses an id that Slack answers with another account, because one person could count twice', async () => {
  const slack = await openSlack()
  const alias = answers({ ok: true, user: { id: 'U0BEN', team_id: team, ...plain } })
  slack.faults.queue('users.info', alias, { times: 2 })
  const people = peopleOf(slack)
  expect(await people.standing(by('W0BEN'), [['W0BEN', 'U0BEN']])).toMatchObject({ why: 'identity_unknown' })
  const voters = { enough: 2, voter: (id: string) => id }
  expect(await peopleOf(slack).eligibleApprovers(['W0BEN', 'U0BEN'], voters)).toMatchObject({
    persons: 1,
    accounts: ['U0BEN'],
  })
})

describe('requesters', () => {
  it('every member may request if everyone may', async () => {
    const people = peopleOf(await openSlack())
    expect(await people.requester(by('U0ELI'), 'everyone')).toMatchObject({ eligible: true })
    expect(await people.requester(by('U0GUS'), 'everyone')).toMatchObject({ why: 'not_a_member' })
    expect(await people.requester(by('U0ELI', 'T0OTHER'), 'everyone')).toMatchObject({ why: 'not_a_member' })
    expect(await people.requester(by('U0ELI', ''), 'everyone')).toMatchObject({ why: 'identity_unknown' })
    expect(await people.requester(by('U0ELI'), ['S0DEPLOYERS'])).toMatchObject({ why: 'not_an_approver' })
    expect(await people.requester(by('U0BEN'), ['S0DEPLOYERS'])).toMatchObject({ eligible: true })
    expect(await people.requester(by('U0BEN'), [])).toMatchObject({ why: 'not_an_approver' })
  })
})

describe('counting the eligible approvers', () => {
  const each = (id: string) => id

  it('counts each person once, without people who may not approve, up to the required number', async () => {
    const people = peopleOf(await openSlack())
    const list = [...approvers, 'S0ONCALL', 'U0BEN', 'U0NOBODY']
    const count = async (enough: number, voter: (id: string) => string | null = each) =>
      (await people.eligibleApprovers(list, { enough, voter })).persons
    expect(await count(9)).toBe(3)
    expect(await count(9, (id) => (id === 'U0BEN' ? null : id))).toBe(2)
    expect(await count(9, (id) => (id === 'U0APPROVER' ? 'U0BEN' : id))).toBe(2)
    expect(await count(1)).toBe(1)
    expect(await people.eligibleApprovers([], { enough: 9, voter: each })).toMatchObject({
      persons: 0,
      groups: [],
    })
  })

  it('reports the size of each group, and which does not exist', async () => {
    const slack = await openSlack()
    slack.workspace.groups.get('S0ONCALL')!.members = []
    const list = ['S0DEPLOYERS', 'S0ONCALL', 'S0NONE']
    expect(await peopleOf(slack).eligibleApprovers(list, { enough: 2, voter: each })).toMatchObject({
      groups: [
        { id: 'S0DEPLOYERS', members: 4 },
        { id: 'S0ONCALL', members: 0 },
        { id: 'S0NONE', members: null },
      ],
    })
  })

  it('looks up no more of 10,000 accounts than are needed', async () => {
    const slack = await openSlack({ rates: 'off' })
    slack.workspace.groups.get('S0DEPLOYERS')!.members = crowd(10_000)
    for (const id of crowd(10_000)) slack.workspace.users.set(id, account(id))
    const eligibleApprovers = await peopleOf(slack).eligibleApprovers(['S0DEPLOYERS'], {
      enough: 2,
      voter: each,
    })
    expect(eligibleApprovers).toMatchObject({ persons: 2, candidates: 10_000 })
    expect(slack.log.of('users.info')).toHaveLength(2)
  })

  it('gives up after a hundred of 10,000 guests, ten at a time', async () => {
    const slack = await openSlack({ rates: 'off' })
    slack.workspace.groups.get('S0DEPLOYERS')!.members = crowd(10_000)
    for (const id of crowd(10_000)) slack.workspace.users.set(id, account(id, { kind: 'guest' }))
    const people = peopleOf(slack)
    const ask = { enough: 2, voter: each }
    const eligibleApprovers = await people.eligibleApprovers(['S0DEPLOYERS'], ask)
    expect(eligibleApprovers).toEqual({
      persons: 0,
      accounts: [],
      groups: [{ id: 'S0DEPLOYERS', members: 10_000 }],
      looked: 100,
      candidates: 10_000,
    })
    expect(await people.eligibleApprovers(['S0DEPLOYERS'], ask)).toEqual(eligibleApprovers)
    expect(slack.log.of('users.info')).toHaveLength(100)
  })

  it('looks up nobody whom the policy excludes', async () => {
    const slack = await openSlack()
    const eligibleApprovers = await peopleOf(slack).eligibleApprovers(approvers, {
      enough: 2,
      voter: () => null,
    })
    expect(eligibleApprovers).toMatchObject({ persons: 0, looked: 0, candidates: 0 })
    expect(slack.log.of('users.info')).toHaveLength(0)
  })

  it('names the missing scope and the group', async () => {
    const people = peopleOf(await openSlack({ app: { scopes: ['users:read'] } }))
    await expect(people.eligibleApprovers(approvers, { enough: 2, voter: each })).rejects.toMatchObject({
      name: 'Trouble',
      kind: 'terminal',
      message: expect.stringMatching(/S0DEPLOYERS.*usergroups:read/),
    })
  })

  it.each(['users.info', 'usergroups.users.list'])(
    'reports an error if %s fails, instead of a count',
    async (method) => {
      const slack = await openSlack()
      slack.faults.queue(method, { kind: 'answer', status: 503 })
      await expect(
        peopleOf(slack).eligibleApprovers(approvers, { enough: 2, voter: each }),
      ).rejects.toMatchObject({
        kind: 'passing',
      })
    },
  )
})

describe('the time zone of a person', () => {
  it('returns the time zone that the person has set', async () => {
    const slack = await openSlack()
    Object.assign(slack.workspace.users.get('U0ANA')!, { tz: 'Asia/Kathmandu' })
    expect(await peopleOf(slack).zone('U0ANA')).toBe('Asia/Kathmandu')
  })

  it.each<readonly [string, string, Parameters<SlackSandbox['faults']['queue']>[1] | null, object]>([
    ['Slack does not answer', 'U0ANA', { kind: 'answer', status: 503 }, { kind: 'passing' }],
    ['the person does not exist', 'U0NOBODY', null, { kind: 'terminal' }],
    [
      'Slack names no zone',
      'U0DORA',
      null,
      { kind: 'terminal', message: expect.stringMatching(/no time zone/) },
    ],
  ])('reports an error instead of a time zone if %s', async (_, id, fault, trouble) => {
    const slack = await openSlack()
    if (fault) slack.faults.queue('users.info', fault)
    await expect(peopleOf(slack).zone(id)).rejects.toMatchObject({ name: 'Trouble', ...trouble })
  })
})

function answers(body: object) {
  return { kind: 'answer', status: 200, body } as const
}

function account(id: string, part: Partial<User> = {}): User {
  return { id, name: id, team, kind: 'member', deleted: false, stranger: false, ...part }
}

function crowd(many: number): string[] {
  return Array.from({ length: many }, (_, index) => `U0CROWD${index}`)
}

/** The fields of an ordinary member, except for one. */
function without(field: keyof typeof plain): Partial<typeof plain> {
  return Object.fromEntries(Object.entries(plain).filter(([name]) => name !== field))
}
