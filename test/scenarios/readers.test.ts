import { afterEach, describe, expect, it } from 'vitest'
import { slack as seed } from '../../sandbox/seed.ts'
import { turnPage } from '../../src/slack/blocks.ts'
import { channel, configText, type Harness, openHarness } from './harness.ts'

const readersAre = (who: string, config = configText) =>
  config.replace('slack: {', `slack: { readers: ${who},`)

let harness: Harness
afterEach(() => harness.close())

/** A harness in which a release awaits its approvals, prod is locked, and a channel is shared with Xena's organization. */
async function busyHarness(config: string): Promise<Harness> {
  harness = await openHarness({ config })
  await harness.types('U0ANA', '/deploy prod')
  await harness.shows('awaiting approval')
  await harness.types('U0BEN', '/deploy lock dev an incident in the database')
  const { slack } = harness.sandbox
  await slack.until(() => slack.workspace.messages(channel).some(({ text }) => text.includes('an incident')))
  return harness
}

/** Facts of this world, none of which a person without read access may see. */
const secrets = /blog-api|blog-cluster|3f2c1ab|an incident|awaiting approval|"prod"|\bprod\b.*\bdev\b|U0ANA/

const lines = [
  '/deploy status',
  '/deploy status prod',
  '/deploy history',
  '/deploy history blog-api prod',
  '/rollback blog-api',
  '/rollback blog-api prod',
  '/deploy',
  '/deploy prd',
  '/deploy statsu',
  '/rollback blog-apj 42',
  '/rollback nothing 42 prod',
  '/deploy unlock dev',
  '/deploy lock nowhere because',
]

/**
 * A person types a command and gets an answer alone. Slack offers no commands to people of another organization, so theirs
 * arrives in a way that Slack would not send.
 */
async function asks(who: string, line: string): Promise<string> {
  if (who !== 'U0XENA') return harness.answerTo(who, line)
  const { slack } = harness.sandbox
  const told = () =>
    slack.log.of('chat.postEphemeral').filter(({ body }) => JSON.stringify(body).includes(who))
  const before = told().length
  const [command, ...text] = line.split(' ')
  await slack.as(who).forges({
    type: 'slash_commands',
    payload: {
      command,
      text: text.join(' '),
      trigger_id: `of-xena-${before}-${line}`,
      user_id: who,
      team_id: 'T0OTHER',
      channel_id: channel,
    },
  })
  return JSON.stringify(await slack.until(() => told()[before]?.body))
}

const opened = () => harness.sandbox.slack.log.of('views.open')

describe('readers: members, the default', () => {
  it.each([
    ['a guest', 'U0GUS', /guest/],
    ['somebody of another organization', 'U0XENA', /other organizations/],
  ])('answers %s only that they may not read, whatever they type', async (_, who, why) => {
    await busyHarness(configText)
    for (const line of lines) {
      const answer = await asks(who, line)
      expect(answer, line).toContain('not_a_member')
      expect(answer, line).toMatch(why)
      expect(answer.replaceAll(/\\?"type.*?,/g, ''), line).not.toMatch(secrets)
    }
    expect(opened()).toEqual([])
    const help = await asks(who, '/deploy help')
    expect(help).toContain('/deploy status')
    expect(help).not.toMatch(/blog-api|prod\b/)
  })

  it('a guest cannot turn a page of status', async () => {
    await busyHarness(configText)
    const page = { ask: 'status', service: null, environment: null, page: 0 }
    const gus = harness.sandbox.slack.as('U0GUS')
    const user = { id: 'U0GUS', team_id: seed.team }
    await gus.forges({
      type: 'interactive',
      payload: {
        type: 'block_actions',
        trigger_id: 'turned',
        user,
        channel: { id: channel },
        message: { ts: '1.1' },
        actions: [{ type: 'button', action_id: turnPage.next, block_id: 'b', value: JSON.stringify(page) }],
      },
    })
    expect(await harness.ephemeral('U0GUS', /./)).toContain('not_a_member')
  })

  it('a member reads status, history and forms', async () => {
    await busyHarness(configText)
    expect(await harness.answerTo('U0ELI', '/deploy status')).toContain('awaiting approval')
    expect(await harness.answerTo('U0ELI', '/deploy history')).toContain('blog-api')
    await harness.types('U0ELI', '/deploy')
    await harness.sandbox.slack.until(({ views }) =>
      /Runs now/.test(JSON.stringify(views.open('U0ELI').at(-1)?.sent)),
    )
  })

  it('shows nothing and says to try again while Slack does not identify the person', async () => {
    await busyHarness(configText)
    const body = { ok: false, error: 'internal_error' }
    harness.sandbox.slack.faults.queue('users.info', { kind: 'answer', status: 200, body }, { times: 40 })
    for (const line of ['/deploy status', '/deploy', '/rollback blog-api']) {
      const answer = await harness.answerTo('U0ELI', line)
      expect(answer).toContain('identity_unknown')
      expect(answer).toMatch(/Try again in a minute/)
    }
    expect(opened()).toEqual([])
  })
})

describe('readers: everyone', () => {
  it('a guest reads status, history and forms, and can request nothing', async () => {
    await busyHarness(readersAre('everyone'))
    expect(await harness.answerTo('U0GUS', '/deploy status')).toContain('awaiting approval')
    expect(await harness.answerTo('U0GUS', '/deploy history')).toContain('blog-api')
    expect(await harness.answerTo('U0GUS', '/deploy statsu')).toContain('Did you mean')
    await harness.types('U0GUS', '/rollback blog-api')
    await harness.sandbox.slack.until(({ views }) =>
      /blog-api:42/.test(JSON.stringify(views.open('U0GUS').at(-1)?.sent)),
    )
    expect(await harness.answerTo('U0GUS', '/deploy dev')).toContain('not_a_member')
  })

  it('people of another organization read only environments with externalChannels', async () => {
    const shared = readersAre('everyone').replace(
      'dev: { branch: develop,',
      'dev: { branch: develop, externalChannels: true,',
    )
    await busyHarness(shared)
    for (const line of [
      '/deploy status',
      '/deploy status prod',
      '/deploy history',
      '/rollback blog-api',
      '/deploy',
    ])
      expect(await asks('U0XENA', line), line).toContain('not_a_member')
    expect(await asks('U0XENA', '/deploy status dev')).toContain('blog-api:43')
    expect(opened()).toEqual([])
  })
})
