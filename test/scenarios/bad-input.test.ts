import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { permissions } from '../../sandbox/github/access.ts'
import { token } from '../../sandbox/github/default-world.ts'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { patience } from '../../sandbox/pace.ts'
import { developCommits, mainCommits } from '../../sandbox/seed.ts'
import { formattedWords } from '../slack/markup.ts'
import { channel, configText, type Harness, openHarness } from './harness.ts'
import { straysSent } from './sent.ts'

const older = mainCommits[4]!

/** One harness for many requests, none of which may start anything. */
function sharedHarness(): { readonly harness: Harness } {
  const shared: { harness?: Harness } = {}
  beforeAll(async () => {
    shared.harness = await openHarness()
  })
  afterEach(() => {
    expect(shared.harness?.cards()).toEqual([])
    expect(shared.harness?.dispatches()).toBe(0)
    expect(shared.harness?.sandbox.aws.log.of('UpdateService')).toEqual([])
    expect(shared.harness?.sandbox.github.world.violations).toEqual([])
  })
  afterAll(() => shared.harness?.close())
  return {
    get harness() {
      if (!shared.harness) throw new Error('the harness is not open yet')
      return shared.harness
    },
  }
}

describe('a command that is not understood', () => {
  const shared = sharedHarness()

  it.each([
    ['an unknown environment', '/deploy staging', /staging.*Environments:\* dev, prod/s],
    ['a mistyped service', '/deploy prod blog-apo', /Did you mean.*\/deploy prod blog-api/],
    ['a mistyped service to roll back', '/rollback blog-apy 42', /Did you mean.*\/rollback blog-api 42/],
    ['two environments', '/deploy prod dev', /two environments/],
    ['a command that is not supported yet', '/deploy stats', /not_supported_yet/],
    ['a flag that is not supported yet', '/deploy prod --plan', /not_supported_yet/],
    ['a mistyped subcommand', '/deploy statsu', /Did you mean.*\/deploy status/],
    ['words after a subcommand', '/deploy cancel prod', /takes no arguments/],
    ['a rollback by the wrong command', '/deploy blog-api:42', /\/rollback blog-api 42/],
    ['a word in place of a revision', '/rollback blog-api 42x', /not understood/],
    ['a negative number', '/rollback blog-api -1', /not understood/],
    ['a rollback without a revision', '/rollback blog-api 0', /not understood/],
    ['a revision with too many digits', `/rollback blog-api ${'9'.repeat(40)}`, /not understood/],
    ['20 kB of text', `/deploy prod ${'x'.repeat(20_000)}`, /too long/],
    ['20 kB of words', `/deploy ${'prod '.repeat(4_000)}`, /too long/],
    ['controls and right-to-left marks', '/deploy \u202Edorp\u0007 \u200Bblog', /not understood/],
    ['a mention of everyone', '/deploy <!channel>', /not understood/],
    ['a mention and a fake link', '/deploy <@U0BEN> <http://evil|click>', /not understood/],
  ])('suggests the nearest command and does nothing: %s', async (_, line, words) => {
    const answer = await shared.harness.answerTo('U0ANA', line)
    expect(answer).toMatch(words)
    expect(answer.length).toBeLessThan(4_000)
    expect(answer).not.toMatch(/[\u202A-\u202E\u0000-\u0008\u200B]|<!channel>|<http/)
  })
})

describe('a request for something that does not exist', () => {
  const shared = sharedHarness()

  it.each([
    ['a tag', '/deploy prod blog-api v9.9.9', 'ref_unknown'],
    ['a commit', '/deploy prod blog-api deadbeef', 'ref_unknown'],
    ['a short commit', '/deploy prod blog-api 3f2', 'ref_unknown'],
    ['a person as a ref', '/deploy prod blog-api <@U0BEN>', 'ref_unknown'],
    ['a commit of another branch', `/deploy prod blog-api ${developCommits[0]!.sha}`, 'not_on_branch'],
    ['another branch', '/deploy prod blog-api develop', 'not_on_branch'],
    ['a revision', '/rollback blog-api 999', 'revision_unknown'],
    ['a revision of another family', '/rollback blog-api 7', 'revision_unknown'],
    ['a revision that is INACTIVE', '/rollback blog-api 40', 'revision_inactive'],
    ['a revision that serves', '/rollback blog-api 43', 'already_serving'],
    ['a commit that serves', `/deploy prod blog-api ${mainCommits[3]!.sha}`, 'nothing_to_deploy'],
    ['a release to cancel', '/deploy cancel', 'nothing_in_flight'],
  ])('refuses the request before approvals are requested: %s', async (_, line, code) => {
    expect(await shared.harness.answerTo('U0ANA', line)).toContain(code)
  })

  it('refuses a rollback to a revision that was registered and never ran in this service', async () => {
    const { taskDefinition } = await shared.harness.ecs.describeTaskDefinition({
      taskDefinition: 'blog-api:43',
    })
    const { family, containerDefinitions } = taskDefinition!
    await shared.harness.ecs.registerTaskDefinition({ family, containerDefinitions })
    expect(await shared.harness.answerTo('U0ANA', '/rollback blog-api 44')).toContain('revision_never_ran')
  })
})

describe('a workflow that cannot be used', () => {
  const shared = sharedHarness()
  const whole = deployWorkflow({ on: ['workflow_dispatch'] })
  const pushes = (branch: string, text: string | null) =>
    shared.harness.sandbox.github.world.push(branch, {
      message: 'Change the workflow',
      files: { [deployPath]: text },
    })
  const without = (...inputs: ('environment' | 'sha' | 'release_id')[]) =>
    deployWorkflow({ on: ['workflow_dispatch'], inputs })

  it.each([
    ['has no trigger', whole.replace('workflow_dispatch:', 'workflow_call:'), 'workflow_without_trigger'],
    ['does not distinguish the environments', without('sha', 'release_id'), 'input_missing'],
    [
      'requires an input that twokey does not know',
      whole.replace('inputs:', 'inputs:\n      ticket:\n        type: string\n        required: true'),
      'input_missing',
    ],
    ['is not YAML', 'on: [workflow_dispatch\njobs: {', 'workflow_unreadable'],
    ['is empty', '', 'workflow_unreadable'],
    ['is gone', null, 'workflow_unreadable'],
  ])('refuses the request and says what to change: the workflow %s', async (_, text, code) => {
    pushes('main', text)
    expect(await shared.harness.answerTo('U0ANA', '/deploy prod')).toContain(code)
  })

  it('refuses a deploy by a workflow that is disabled on GitHub', async () => {
    pushes('main', whole)
    shared.harness.sandbox.github.world.disableWorkflow('deploy.yml')
    expect(await shared.harness.answerTo('U0ANA', '/deploy prod')).toContain('workflow_disabled')
    shared.harness.sandbox.github.world.repository().workflow('deploy.yml')!.state = 'active'
  })

  it('ships only the tip if the workflow has no input for a commit', async () => {
    pushes('main', without('environment', 'release_id'))
    expect(await shared.harness.answerTo('U0ANA', `/deploy prod blog-api ${older.sha}`)).toContain(
      'input_missing',
    )
  })

  it('refuses a deploy whose workflow is missing on the branch that ships', async () => {
    pushes('main', whole)
    pushes('develop', null)
    expect(await shared.harness.answerTo('U0ANA', '/deploy dev')).toContain('workflow_unreadable')
  })
})

describe('a request that GitHub or AWS refuses', () => {
  const shared = sharedHarness()
  const github = () => shared.harness.sandbox.github.world
  const aws = () => shared.harness.sandbox.aws.world
  const account = () => github().tokens.get(token)!

  it.each([
    ['the token was revoked', () => github().tokens.delete(token), /401.*GITHUB_TOKEN/],
    [
      'the token may not read the contents',
      () => github().tokens.set(token, { ...account(), permissions: { ...permissions, contents: 'none' } }),
      /403.*contents: read/,
    ],
    [
      'the token may not read the workflows',
      () => github().tokens.set(token, { ...account(), permissions: { ...permissions, actions: 'none' } }),
      /403.*actions: read/,
    ],
    [
      'the primary rate limit is used up',
      () => (github().rate.used = github().rate.limit),
      /rate limit holds until/,
    ],
    [
      'the secondary rate limit applies',
      () => (github().secondary = { status: 429, retryAfterSeconds: 60 }),
      /rate limit holds until/,
    ],
  ])('tells the requester what GitHub refused and what to do: %s', async (_, breaks, words) => {
    const before = { access: account(), used: github().rate.used }
    breaks()
    const answer = await shared.harness.answerTo('U0ANA', '/deploy prod')
    github().tokens.set(token, before.access)
    github().rate.used = before.used
    github().secondary = undefined
    expect(answer).toContain('cannot_see')
    expect(answer).toMatch(words)
  })

  it.each([
    ['/deploy prod', 'DescribeServices'],
    ['/deploy prod', 'DescribeTaskDefinition'],
    ['/rollback blog-api 42', 'DescribeServices'],
    ['/rollback blog-api 41', 'ListServiceDeployments'],
    ['/rollback blog-api 41', 'DescribeServiceRevisions'],
    ['/rollback blog-api', 'ListServiceDeployments'],
  ])('tells the requester of %s which permission is missing: ecs:%s', async (line, action) => {
    await shared.harness.restarts()
    aws().deny(`ecs:${action}`)
    const answer = await shared.harness.answerTo('U0ANA', line)
    aws().allow(`ecs:${action}`)
    expect(answer).toContain('cannot_see')
    expect(answer).toContain(`grant ecs:${action}`)
  })

  it('tells the requester that the AWS credentials have expired', async () => {
    aws().token = 'expired'
    const answer = await shared.harness.answerTo('U0ANA', '/deploy prod')
    aws().token = 'valid'
    expect(answer).toMatch(/cannot_see/)
    expect(answer).toMatch(/renew the AWS credentials/)
  })

  it('tells the requester that the ECS service does not exist', async () => {
    aws().service('blog-cluster-prod', 'blog-api')!.status = 'INACTIVE'
    const answer = await shared.harness.answerTo('U0ANA', '/deploy prod')
    aws().service('blog-cluster-prod', 'blog-api')!.status = 'ACTIVE'
    expect(answer).toContain('service_not_found')
  })
})

describe('a repository, cluster or branch that twokey.yml names wrongly', () => {
  it.each([
    ['repository: myorg/blog-api', 'repository: myorg/other', /404/],
    ['branch: main', 'branch: master', /branch_unknown/],
    ['cluster: blog-cluster-prod', 'cluster: blog-cluster-live', /check the cluster and the region/],
    ['blog-cluster-prod, service: blog-api', 'blog-cluster-prod, service: blog', /service_not_found/],
    ['S0DEPLOYERS, U0APPROVER', 'S0NOBODY, U0APPROVER', /policy_unsatisfiable/],
  ])('refuses the request and names the wrong setting: %s → %s', async (right, wrong, words) => {
    const harness = await openHarness({ config: configText.replaceAll(right, wrong) })
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toMatch(words)
    expect(harness.cards()).toEqual([])
    await harness.close()
  })
})

describe('a scope that the Slack app lacks', () => {
  const all = ['commands', 'chat:write', 'users:read', 'usergroups:read', 'channels:history', 'channels:read']
  let harness: Harness
  const without = async (scope: string) => {
    harness = await openHarness({ app: { scopes: all.filter((each) => each !== scope) } })
  }
  afterEach(() => harness.close())

  it.each([
    ['users:read', 'identity_unknown'],
    ['usergroups:read', 'cannot_see'],
    ['channels:read', 'cannot_see'],
  ])('refuses the request and names the missing scope: %s', async (scope, code) => {
    await without(scope)
    const answer = await harness.answerTo('U0ANA', '/deploy prod')
    expect(answer).toContain(code)
    expect(answer).toContain(scope)
    expect(harness.cards()).toEqual([])
  })

  it('works without channels:history while Slack answers', async () => {
    await without('channels:history')
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
  })

  it('answers requests that need no card without chat:write', async () => {
    await without('chat:write')
    await harness.types('U0ANA', '/deploy prod')
    await vi.waitUntil(() => harness.sandbox.slack.log.of('chat.postMessage').length > 0, {
      timeout: patience,
    })
    expect(await harness.answerTo('U0ANA', '/deploy status')).toContain('awaiting approval')
    await harness.types('U0ANA', '/deploy cancel')
    expect(harness.cards()).toEqual([])
  })
})

describe('a channel in which the app cannot post', () => {
  let harness: Harness
  beforeEach(async () => {
    harness = await openHarness()
  })
  afterEach(() => harness.close())

  it('tells the requester to invite the app to the channel', async () => {
    const { app, channels } = harness.sandbox.slack.workspace
    channels.get(channel)!.members.delete(app.userId)
    await harness.types('U0ANA', '/deploy prod')
    const [told] = await harness.sandbox.slack.until((workspace) => {
      const direct = workspace.messages(workspace.dm('U0ANA').id)
      return direct.length > 0 ? direct : undefined
    })
    expect(told?.text).toMatch(/card_not_posted/)
    expect(told?.text).toMatch(/not_in_channel.*\/invite/s)
    expect(harness.cards()).toEqual([])
  })
})

/** The texts that Slack parses; texts of rich text are shown as they are. */
function parsed(blocks: unknown): readonly string[] {
  if (typeof blocks !== 'object' || blocks === null) return []
  if ('type' in blocks && blocks.type === 'mrkdwn' && 'text' in blocks) return [String(blocks.text)]
  return Object.values(blocks).flatMap(parsed)
}

describe('text from outside', () => {
  let harness: Harness
  beforeEach(async () => {
    harness = await openHarness()
  })
  afterEach(() => harness.close())

  const evil =
    '<!channel> <@U0ELI> <!subteam^S0ONCALL> <http://evil|click> [click](http://evil) :white_check_mark: `*blog-api prod: succeeded*` \u202Edeliaf'

  it('shows commits, authors, logs and AWS’s reasons as text that cannot mention, link or fake a status', async () => {
    const { github, aws, slack } = harness.sandbox
    github.world.push('main', {
      message: evil,
      author: { name: '<!here> <@U0ELI>', email: 'x@example.com', login: null },
      files: { [deployPath]: deployWorkflow({ on: ['workflow_dispatch'] }) },
    })
    aws.world.migrations.next({ kind: 'exits', code: 1, log: [evil, 'password=hunter2hunter2'] })
    await harness.approved()
    expect(await harness.ends()).toBe('failed')
    await harness.threadPost(/exited 1|exit code 1/)
    const [card] = harness.cards()
    for (const message of [card!, ...card!.replies]) {
      const all = JSON.stringify([message.text, message.blocks])
      expect(all).not.toMatch(/"type":"(user|usergroup|broadcast)"|\u202E/)
      for (const [, url] of all.matchAll(/"type":"link","url":"([^"]*)"/g))
        expect(url).toMatch(/^https:\/\/github\.com\/myorg\/blog-api\//)
      expect([message.text, ...parsed(message.blocks)].join()).not.toMatch(
        /<!(channel|here|everyone)|<http:\/\/evil/,
      )
      expect(all).not.toContain('hunter2')
      expect(message.text).not.toMatch(/:white_check_mark: (?!\*?Approvals)/)
    }
    expect(slack.workspace.notifications('U0ELI')).toEqual([])
  })

  it('shows people’s own words everywhere as text that cannot format or mention', async () => {
    const words = `${formattedWords} ${evil}`
    const typed = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    const { slack } = harness.sandbox
    await harness.answerTo('U0ANA', `/deploy ${typed}`)
    await harness.answerTo('U0ANA', `/deploy prod blog-api ${typed.split(' ')[1]}`)
    await harness.answerTo('U0ANA', '/deploy help')
    await harness.types('U0ANA', `/deploy lock dev ${typed}`)
    expect(await harness.answerTo('U0ANA', '/deploy dev')).toContain('∗FAKE∗')
    expect(await harness.answerTo('U0ANA', '/deploy status')).toContain('∗FAKE∗')
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'reject')
    const form = await slack.until((workspace) => workspace.views.open('U0BEN').at(-1))
    await slack.as('U0BEN').submits(form.id, { reason: words })
    await harness.threadPost(/∗FAKE∗/)
    expect(straysSent(slack.log.exchanges)).toEqual([])
    expect(slack.workspace.notifications('U0ELI')).toEqual([])
  })
})

describe('payloads that no Slack client sends', () => {
  let harness: Harness
  beforeEach(async () => {
    harness = await openHarness()
  })
  afterEach(() => harness.close())

  const asked = async () => {
    await harness.types('U0ANA', '/deploy prod')
    const { ts, metadata } = await harness.shows('awaiting approval')
    return { ts, id: String(metadata?.event_payload.release_id) }
  }
  const click = (
    user: object,
    { ts, id, action = 'approve' }: { ts: string; id: string; action?: string },
  ) => ({
    type: 'interactive' as const,
    payload: {
      type: 'block_actions',
      user,
      team: { id: 'T0TEAM' },
      channel: { id: channel },
      container: { type: 'message', message_ts: ts, channel_id: channel },
      message: { ts },
      trigger_id: `forged-${Math.random()}`,
      actions: [{ type: 'button', action_id: `twokey:${action}`, block_id: 'b', value: id }],
    },
  })
  const stillAlive = async () => {
    expect(await harness.answerTo('U0ELI', '/deploy help')).toContain('/rollback')
    expect(harness.dispatches()).toBe(0)
  }

  it('ignores payloads with missing or wrong fields, and handles the next one', async () => {
    await asked()
    const as = harness.sandbox.slack.as('U0BEN')
    const nonsense = [null, 1, 'x', [], {}]
    await Promise.all([
      as.forges({ type: 'interactive', payload: {} }),
      as.forges({ type: 'slash_commands', payload: {} }),
      as.forges({ type: 'slash_commands', payload: { command: '/deploy' } }),
      as.forges({ type: 'slash_commands', payload: { command: '/deploy', text: { not: 'text' } } }),
      as.forges({ type: 'events_api', payload: {} }),
      as.forges({ type: 'events_api', payload: { event: {} } }),
      as.forges({ type: 'interactive', payload: { type: 'block_actions' } }),
      as.forges({ type: 'interactive', payload: { type: 'view_submission' } }),
      ...nonsense.map((actions) =>
        as.forges({ type: 'interactive', payload: { type: 'block_actions', actions } }),
      ),
      ...nonsense.map((user) =>
        as.forges({
          type: 'interactive',
          payload: { ...click({}, { ts: '1.1', id: 'x' }).payload, user },
        }),
      ),
    ])
    await stillAlive()
    await harness.shows('awaiting approval')
  })

  it.each([
    [
      'on the card of another release',
      'U0BEN',
      (card: Card) => ({ ...card, ts: '1.000001' }),
      'card_mismatch',
    ],
    [
      'that names a release which does not exist',
      'U0BEN',
      (card: Card) => ({ ...card, id: 'r-nothing' }),
      'release_unknown',
    ],
    ['that names no release', 'U0BEN', (card: Card) => ({ ...card, id: '' }), 'release_unknown'],
    [
      'with 20 kB in place of a release',
      'U0BEN',
      (card: Card) => ({ ...card, id: 'x'.repeat(20_000) }),
      'release_unknown',
    ],
    ['by somebody of another company', 'U0XENA', (card: Card) => card, 'not_a_member'],
    ['by somebody who has left', 'U0DORA', (card: Card) => card, 'not_a_member'],
    ['by the bot itself', 'U0TWOKEY', (card: Card) => card, 'not_a_member'],
    ['by an account that Slack does not know', 'U0NOBODY', (card: Card) => card, 'identity_unknown'],
    [
      'on a button that the card does not offer',
      'U0BEN',
      (card: Card) => ({ ...card, action: 'settle' }),
      'already_ended|not_cancellable',
    ],
  ])('counts no approval from a click %s', async (_, user, forged, code) => {
    const card = await asked()
    const answered = () =>
      harness.sandbox.slack.log.of('chat.postEphemeral').map(({ body }) => JSON.stringify(body))
    await harness.sandbox.slack.as('U0BEN').forges(click({ id: user, team_id: 'T0TEAM' }, forged(card)))
    await vi.waitUntil(() => answered().some((body) => new RegExp(code).test(body)), { timeout: patience })
    await harness.clicks('U0CHLOE', 'approve')
    await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('1 of 2'))
    await stillAlive()
  })

  it('ignores a command from another company', async () => {
    await harness.sandbox.slack.as('U0XENA').forges({
      type: 'slash_commands',
      payload: {
        command: '/deploy',
        text: 'prod',
        user_id: 'U0XENA',
        team_id: 'T0OTHER',
        channel_id: channel,
        trigger_id: 'forged',
      },
    })
    await harness.ephemeral('U0XENA', /not_a_member/)
    expect(harness.cards()).toEqual([])
  })
})

type Card = { readonly ts: string; readonly id: string }
