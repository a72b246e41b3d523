import { WebClient } from '@slack/web-api'
import { describe, expect, it } from 'vitest'
import type { SlackSandbox } from '../../src/sandbox/slack/slack.ts'
import { slackPeople } from '../../src/slack/identity.ts'
import { slackLogger } from '../../src/slack/log.ts'
import { log, openSlack } from './room.ts'

const approvers = ['S0DEPLOYERS', 'U0APPROVER']

function peopleOf(slack: SlackSandbox, now?: () => number) {
  const web = new WebClient(slack.env.SLACK_BOT_TOKEN, {
    slackApiUrl: slack.env.SLACK_API_URL,
    retryConfig: { retries: 0 },
    logger: slackLogger(log),
  })
  return slackPeople({ web, team: slack.workspace.team, now })
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
    ['nobody', '', { eligible: false, why: 'identity_unknown' }],
    ['an id that there is not', 'U0NOBODY', { eligible: false, why: 'identity_unknown' }],
  ])('%s', async (_, id, standing) => {
    const people = peopleOf(await openSlack())
    expect(await people.standing(id, [approvers])).toMatchObject(standing)
  })

  it('must be admitted by each list', async () => {
    const people = peopleOf(await openSlack())
    expect(await people.standing('U0BEN', [approvers, ['S0ONCALL']])).toMatchObject({ eligible: false })
    expect(await people.standing('U0CHLOE', [approvers, ['S0ONCALL']])).toMatchObject({ eligible: true })
    expect(await people.standing('U0BEN', [approvers, []])).toMatchObject({ eligible: false })
    expect(await people.standing('U0BEN', [])).toMatchObject({ eligible: false })
  })

  it('is nobody of a group that was disabled', async () => {
    const slack = await openSlack()
    slack.workspace.groups.get('S0DEPLOYERS')!.disabled = true
    const people = peopleOf(slack)
    expect(await people.standing('U0BEN', [approvers])).toMatchObject({ why: 'not_an_approver' })
    expect(await people.standing('U0APPROVER', [approvers])).toMatchObject({ eligible: true })
  })

  it.each(['users.info', 'usergroups.users.list'])('is nobody while %s does not answer', async (method) => {
    const slack = await openSlack()
    slack.faults.queue(method, { kind: 'answer', status: 503 })
    const people = peopleOf(slack)
    expect(await people.standing('U0BEN', [approvers])).toMatchObject({ why: 'identity_unknown' })
    expect(await people.standing('U0BEN', [approvers])).toMatchObject({ eligible: true })
  })

  it('is believed for a minute, and asked again then', async () => {
    const slack = await openSlack()
    let now = 0
    const people = peopleOf(slack, () => now)
    expect(await people.standing('U0BEN', [approvers])).toMatchObject({ eligible: true })
    slack.workspace.groups.get('S0DEPLOYERS')!.members = []
    now = 59_999
    expect(await people.standing('U0BEN', [approvers])).toMatchObject({ eligible: true })
    now = 60_000
    expect(await people.standing('U0BEN', [approvers])).toMatchObject({ why: 'not_an_approver' })
    expect(slack.log.of('users.info')).toHaveLength(2)
  })
})

describe('who may ask', () => {
  it('is every member, where everyone may', async () => {
    const people = peopleOf(await openSlack())
    expect(await people.requester('U0ELI', 'everyone')).toMatchObject({ eligible: true })
    expect(await people.requester('U0GUS', 'everyone')).toMatchObject({ why: 'not_a_member' })
    expect(await people.requester('U0ELI', ['S0DEPLOYERS'])).toMatchObject({ eligible: false })
  })
})

describe('how many may approve', () => {
  it('counts each eligible person once, without those who may not, up to what is needed', async () => {
    const people = peopleOf(await openSlack())
    const list = [...approvers, 'S0ONCALL', 'U0BEN', 'U0NOBODY']
    expect(await people.count(list, { except: [], atMost: 9 })).toBe(3)
    expect(await people.count(list, { except: ['U0BEN'], atMost: 9 })).toBe(2)
    expect(await people.count(list, { except: [], atMost: 1 })).toBe(1)
    expect(await people.count([], { except: [], atMost: 9 })).toBe(0)
  })

  it('says which scope is missing', async () => {
    const people = peopleOf(await openSlack({ app: { scopes: ['users:read'] } }))
    await expect(people.count(approvers, { except: [], atMost: 2 })).rejects.toMatchObject({
      name: 'Trouble',
      kind: 'terminal',
      message: expect.stringContaining('usergroups:read'),
    })
  })

  it('does not guess where a group cannot be read', async () => {
    const slack = await openSlack()
    slack.faults.queue('usergroups.users.list', { kind: 'answer', status: 503 })
    await expect(peopleOf(slack).count(approvers, { except: [], atMost: 2 })).rejects.toMatchObject({
      kind: 'passing',
    })
  })
})
