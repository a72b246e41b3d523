import type { Block, InputBlock, KnownBlock } from '@slack/types'
import { describe, expect, it } from 'vitest'
import { checkOptions, checkView } from '../../sandbox/slack/blocks.ts'
import type { DeployForm, Form, FormSource, Named } from '../../src/messages/form.ts'
import type { DatedCommit, PastRevision } from '../../src/ports/ports.ts'
import { foreign } from '../../src/release/foreign.ts'
import { mayNotRead } from '../../src/release/refusals/people.ts'
import { formView } from '../../src/slack/cards/form.ts'
import { isRef } from '../../src/slack/deploy-words.ts'
import { nameOptions, newestOf, refOptions } from '../../src/slack/form-parts.ts'
import { submittedItem } from '../../src/slack/form-payloads.ts'
import { channel, noForms, openListener, until } from './harness.ts'
import { mrkdwnIn, strayMarkup } from './markup.ts'
import { commitOf, extremeWords, plainWords, type Words } from './releases.ts'

const many = Array.from({ length: 300 }, (_, n) => `service-${n}`)
const dated = (words: Words, date = '2026-11-13T10:41:00Z'): DatedCommit => ({ ...commitOf(words), date })

const deploy: DeployForm = {
  form: 'deploy',
  services: ['blog-api', 'shop'],
  environments: ['dev', 'prod'],
  service: null,
  environment: 'prod',
  branch: null,
  serving: { seen: 'open' },
}

function past(number: number, words: Words | null): PastRevision {
  const name = `blog-api:${number}`
  return {
    revision: { name, arn: `arn:${number}`, commit: '3f2c1ab' },
    at: 1,
    difference: { known: true, lines: [], total: 0 },
    commit: words && dated(words),
  }
}

function rollback(revisions: readonly PastRevision[], serving: string | null = 'blog-api:43'): Form {
  const at = { service: 'blog-api', environment: 'prod' }
  return { form: 'rollback', ...at, revisions: { reply: 'revisions', ...at, revisions, serving } }
}

const forms: readonly (readonly [string, Form])[] = [
  ['nothing chosen', deploy],
  ['all chosen', { ...deploy, service: 'shop', serving: { seen: 'looking' } }],
  [
    'what is running, readable',
    {
      ...deploy,
      service: 'shop',
      serving: { seen: 'yes', revision: { name: 'x'.repeat(400), commit: null } },
    },
  ],
  [
    'what is running, unreadable',
    { ...deploy, service: 'shop', serving: { seen: 'no', why: extremeWords.reason } },
  ],
  ['300 services and environments', { ...deploy, services: many, environments: many, service: 'service-7' }],
  ['names of 400 characters', { ...deploy, services: ['s'.repeat(400)], service: 's'.repeat(400) }],
  ['no services', { ...deploy, services: [] }],
  ['a branch of 250 characters', { ...deploy, service: 'shop', branch: 'b'.repeat(250) }],
  ['a branch in extreme words', { ...deploy, service: 'shop', branch: extremeWords.title }],
  ['revisions looked up', { form: 'rollback', service: 'blog-api', environment: 'prod', revisions: null }],
  ['no revision', rollback([])],
  ['revisions', rollback([past(43, plainWords), past(42, plainWords), past(41, null)])],
  ['200 revisions, in extreme words', rollback(Array.from({ length: 200 }, (_, n) => past(n, extremeWords)))],
  ['a reason', { form: 'reason', releaseId: 'r-abc123', service: 's'.repeat(400), environment: 'prod' }],
  [
    'a refusal',
    {
      form: 'refused',
      refusal: {
        code: 'cannot_see',
        sentence: foreign(extremeWords.reason),
        next: foreign(extremeWords.title),
      },
    },
  ],
]

describe('a form', () => {
  it.each(forms)('builds a form that Slack accepts: %s', (_, form) => {
    const view = formView(form, channel)
    expect(checkView(view)).toEqual([])
    expect(JSON.stringify(view)).not.toMatch(/\u202e/)
    for (const words of mrkdwnOf(view)) expect(words).not.toMatch(/<!(channel|here)|<https|<@U0ELI>/)
    expect(mrkdwnIn(view).flatMap(strayMarkup)).toEqual([])
  })

  it('loads names from twokey if a menu cannot hold them', () => {
    const [service] = formView({ ...deploy, services: many }, channel).blocks
    expect(service).toMatchObject({ element: { type: 'external_select' } })
    const [few] = formView(deploy, channel).blocks
    expect(few).toMatchObject({ element: { type: 'static_select' } })
  })

  it('offers every revision but the one that serves, and nothing if no other ran well', () => {
    const offered = (...numbers: readonly number[]) =>
      JSON.stringify(formView(rollback(numbers.map((number) => past(number, plainWords))), channel))
    expect(offered(43, 42)).toMatch(/"value":"42"/)
    expect(offered(43, 42)).not.toMatch(/"value":"43"/)
    expect(offered(43)).not.toContain('submit')
    expect(offered(43)).toContain('blog-api:43')
  })

  it('clears the chosen version when another service environment is chosen', () => {
    const blocks = [formView(deploy, channel), formView({ ...deploy, environment: 'dev' }, channel)].map(
      (view) => view.blocks[2]?.block_id,
    )
    expect(new Set(blocks).size).toBe(2)
  })

  it.each([
    ['main', 'Newest commit of main'],
    [null, 'Newest commit of the branch'],
  ])('preselects the version that is requested if nothing else is chosen, of %s', (branch, text) => {
    const { element, optional } = inputOf(formView({ ...deploy, branch }, channel).blocks[2])
    expect(optional).toBeUndefined()
    expect(element).toMatchObject({ initial_option: { text: { text }, value: newestOf(branch) } })
  })
})

describe('what a menu offers', () => {
  const commit = dated(plainWords)
  const tip = newestOf('main')

  it.each([
    ['the newest commit first, then all, without typed text', '', [tip, commit.sha]],
    ['the typed text first', 'drafts', ['drafts', commit.sha]],
    ['the newest commit after the typed text, if it matches', 'main', ['main', tip]],
    ['never the newest commit for a mistyped word', 'nope-branch', ['nope-branch']],
    ['a commit by its first digits', '3f2c1ab', ['3f2c1ab', commit.sha]],
    ['a commit by its author', 'chlo', ['chlo', commit.sha]],
    ['a commit once', commit.sha, [commit.sha]],
    ['nothing for several words', 'show drafts', [commit.sha]],
    ['a ref that is not in the list', 'v1.4.2', ['v1.4.2']],
    ['nothing that git does not accept', '<!channel> ..', []],
    ['nothing longer than a menu accepts', 'v'.repeat(151), []],
  ])('offers %s', (_, typed, values) => {
    const options = refOptions({ branch: 'main', commits: [commit] }, typed)
    expect(options.map(({ value }) => value)).toEqual(values)
    expect(checkOptions({ options })).toEqual([])
  })

  it.each(['main', null, 'b'.repeat(250)])(
    'uses a value for the newest commit of %s that nobody can have typed',
    (branch) => {
      const [newest] = refOptions({ branch, commits: [commit] }, '')
      expect(newest).toMatchObject({ description: { text: expect.stringContaining(commit.sha.slice(0, 7)) } })
      expect(isRef(newest?.value ?? '')).toBe(false)
      expect(refOptions({ branch, commits: [] }, newest?.value ?? '')).toEqual([])
      expect(checkOptions({ options: [newest] })).toEqual([])
    },
  )

  it.each([
    ['extreme words', dated(extremeWords)],
    ['no words', dated({ title: '', author: '', reason: '' }, '')],
    ['2,000 characters', dated({ title: 'x'.repeat(2_000), author: 'ل'.repeat(2_000), reason: '' })],
  ])('builds an option that Slack accepts, of a commit with %s', (_, extreme) => {
    const commits = Array.from({ length: 200 }, () => extreme)
    const options = refOptions({ branch: 'main', commits }, '')
    expect(options).toHaveLength(100)
    expect(checkOptions({ options })).toEqual([])
  })

  it('offers at most a hundred names that contain the typed text', () => {
    expect(nameOptions(many, 'CE-29').map(({ value }) => value)).toEqual([
      'service-29',
      ...many.slice(290, 300),
    ])
    expect(nameOptions(many, '')).toHaveLength(100)
    expect(checkOptions({ options: nameOptions(many, '') })).toEqual([])
  })
})

describe('a submitted form', () => {
  const answer = (values: Record<string, string | null>, more: object = {}) => ({
    payload: {
      user: { id: 'U0ANA', team_id: 'T0TEAM' },
      view: {
        id: 'V1',
        hash: '1.a',
        callback_id: 'twokey-form:deploy',
        private_metadata: JSON.stringify({
          channel,
          service: 'blog-api',
          environment: 'prod',
          releaseId: 'r-1',
        }),
        state: {
          values: Object.fromEntries(
            Object.entries(values).map(([name, value]) => [
              `block ${name}`,
              { [`twokey-form:${name}`]: { selected_option: value === null ? null : { value }, value } },
            ]),
          ),
        },
        ...more,
      },
    },
    now: 7,
    branchOf: ({ environment }: Named) => ({ prod: 'main', dev: 'develop' })[environment] ?? null,
  })

  it('a submitted form becomes the request that the command would be, identified by form and version', () => {
    expect(submittedItem(answer({ service: 'shop', environment: 'dev', ref: 'v1.4.2' }))).toEqual({
      id: 'view:V1:1.a',
      asked: { ask: 'deploy', service: 'shop', environment: 'dev', ref: 'v1.4.2' },
      from: { user: 'U0ANA', team: 'T0TEAM', channel, responseUrl: null },
      receivedAt: 7,
    })
  })

  const toDev = { service: 'shop', environment: 'dev' }

  it.each([
    ['the branch that deploys there', toDev, newestOf('develop')],
    ['the branch before the form could name it', toDev, newestOf(null)],
    [
      'a branch without a service environment, which is refused later',
      { ...toDev, environment: 'stage' },
      newestOf('main'),
    ],
  ])('requests the newest commit of %s', (_, place, ref) => {
    expect(submittedItem(answer({ ...place, ref }))).toMatchObject({
      asked: { ask: 'deploy', ...place, ref: null },
    })
  })

  const roll = { callback_id: 'twokey-form:rollback' }
  const reason = { callback_id: 'twokey-form:reason' }

  it.each([
    ['no service', { environment: 'dev' }, {}, ['service']],
    ['no environment', { service: 'shop', environment: null }, {}, ['block environment']],
    ['a malformed ref', { ...toDev, ref: 'a..b' }, {}, ['block ref']],
    ['no version, as in older forms', { ...toDev, ref: null }, {}, ['block ref']],
    ['no version field', toDev, {}, ['ref']],
    [
      'the newest commit of another service environment’s branch',
      { ...toDev, ref: newestOf('main') },
      {},
      ['block ref'],
    ],
    ['no revision', { revision: null }, roll, ['block revision']],
    ['a malformed revision', { revision: '-4' }, roll, ['block revision']],
    [
      'a rollback without a service environment',
      { revision: '42' },
      { ...roll, private_metadata: '{' },
      ['block revision'],
    ],
    ['a reason of blanks', { reason: ' \u200b\n ' }, reason, ['block reason']],
  ])('shows an error at once for %s', (_, values, more, blocks) => {
    expect(submittedItem(answer(values, more))).toEqual({ errors: expect.any(Object) })
    const item = submittedItem(answer(values, more))
    expect(Object.keys(item && 'errors' in item ? item.errors : {})).toEqual(blocks)
  })

  it('requests a rollback in the service environment for which it was opened', () => {
    expect(submittedItem(answer({ revision: '42' }, roll))).toMatchObject({
      asked: { ask: 'rollback', service: 'blog-api', environment: 'prod', revision: 42 },
    })
  })

  it('limits a reason to 500 characters', () => {
    const item = submittedItem(answer({ reason: 'x'.repeat(600) }, reason))
    expect(item).toMatchObject({ asked: { ask: 'reason', releaseId: 'r-1', reason: 'x'.repeat(500) } })
  })

  it.each([
    ['nothing', null],
    ['another form', { view: { callback_id: 'theirs' } }],
    ['wrong types', { user: 7, view: { id: {}, callback_id: 7, state: 'x' } }],
  ])('ignores a form that is %s', (_, payload) => {
    expect(submittedItem({ payload, now: 7, branchOf: () => null })).toBeNull()
  })
})

describe('forms in Slack', () => {
  const ask = (trigger: string) => ({ trigger, channel, form: deploy })

  it('sends a form once for a trigger, however often it is requested', async () => {
    const { bot, slack } = await openListener()
    const { id: trigger } = slack.workspace.trigger('U0ANA')
    const both = await Promise.all([bot.forms.open(ask(trigger)), bot.forms.open(ask(trigger))])
    const { id, hash } = slack.workspace.views.open('U0ANA')[0]!
    expect(both).toEqual([1, 2].map(() => ({ opened: true, view: { id, hash } })))
    expect(slack.log.of('views.open')).toHaveLength(1)
  })

  it.each([
    ['an earlier process opened it', 'exchanged_trigger_id', { opened: true, view: null }],
    [
      'the trigger has expired',
      'expired_trigger_id',
      { opened: false, why: expect.stringContaining('3 seconds') },
    ],
    ['a scope is missing', 'missing_scope', { opened: false, why: expect.stringContaining('Add the scope') }],
    ['Slack has no such method', 'unknown_method', { opened: false, why: 'Slack answered unknown_method' }],
  ])('reports why a form was not opened: %s', async (_, error, opened) => {
    const { bot, slack } = await openListener()
    slack.faults.queue('views.open', { kind: 'answer', status: 200, body: { ok: false, error } })
    expect(await bot.forms.open(ask('1.2.3'))).toEqual(opened)
  })

  it('does not replace newer content, or the content of a closed form', async () => {
    const { bot, slack } = await openListener()
    const opened = await bot.forms.open(ask(slack.workspace.trigger('U0ANA').id))
    if (!opened.opened || !opened.view) throw new Error('it did not open')
    const { view } = opened
    const newer = await bot.forms.show(view, { channel, form: deploy })
    expect(newer).toMatchObject({ id: view.id })
    expect(await bot.forms.show(view, { channel, form: deploy })).toBe('gone')
    await slack.as('U0ANA').closes(view.id)
    expect(await bot.forms.show({ ...view, hash: null }, { channel, form: deploy })).toBe('gone')
  })
})

describe('the listener', () => {
  const source: FormSource = {
    ...noForms,
    formFor: ({ ask }) => (ask === 'form' ? { ...deploy, services: many } : null),
    deployForm: (chosen) => ({ ...deploy, services: many, ...chosen, serving: { seen: 'looking' } }),
    serving: async () => ({ seen: 'yes', revision: { name: 'blog-api:43', commit: null } }),
    commits: async () => [dated(plainWords)],
  }

  async function opened(differs: Parameters<typeof openListener>[0] = {}) {
    const vocabulary = { services: many, environments: ['dev', 'prod'] }
    const harness = await openListener({ source, vocabulary, ...differs })
    const ana = harness.slack.as('U0ANA')
    await ana.types(channel, '/deploy')
    const { id } = await harness.slack.until(({ views }) => views.open('U0ANA')[0])
    const front = () => harness.slack.workspace.views.open('U0ANA').at(-1)
    return { ...harness, ana, id, front, service: { view: id, actionId: 'twokey-form:service' } }
  }

  it('opens the form once if Slack sends the command twice', async () => {
    const harness = await openListener({ source })
    harness.slack.sockets.troubles.queue({ kind: 'twice' })
    await harness.slack.as('U0ANA').types(channel, '/deploy')
    await until(() => harness.items.length === 2)
    await harness.slack.until(({ views }) => views.open('U0ANA')[0])
    expect(harness.slack.log.of('views.open')).toHaveLength(1)
    expect(harness.items[0]?.asked).toEqual({ ask: 'form' })
  })

  it('shows what is running in the chosen one of 300 services', async () => {
    const { ana, service, front, slack, id } = await opened()
    const offered = await ana.suggests(service, 'ce-299')
    expect(offered).toMatchObject([{ value: 'service-299' }])
    await ana.selectsView({ ...service, option: 'service-299' })
    await slack.until(() => JSON.stringify(front()?.sent).includes('blog-api:43'))
    const ref = { view: id, actionId: 'twokey-form:ref' }
    expect(await ana.suggests(ref, '')).toMatchObject([
      { value: newestOf(null) },
      { value: dated(plainWords).sha },
    ])
  })

  it('reads a branch’s commits once for letters that are typed within seconds', async () => {
    let asked = 0
    const commits = async () => {
      asked += 1
      return [dated(plainWords)]
    }
    const { ana, service, front, slack, id } = await opened({ source: { ...source, commits } })
    await ana.suggests(service, '299')
    await ana.selectsView({ ...service, option: 'service-299' })
    await slack.until(() => JSON.stringify(front()?.sent).includes('blog-api:43'))
    for (const typed of ['d', 'dr', 'dra'])
      await ana.suggests({ view: id, actionId: 'twokey-form:ref' }, typed)
    expect(asked).toBe(1)
  })

  it('opens, offers and shows nothing to people who may not read it', async () => {
    const refusal = mayNotRead({ is: 'guest', why: 'a guest' })
    const asked: string[] = []
    const closed: FormSource = {
      ...source,
      mayNotRead: async ({ user, team }) => {
        asked.push(`${user} ${team}`)
        return refusal
      },
      serving: () => Promise.reject(new Error('nothing is looked up for them')),
      commits: () => Promise.reject(new Error('nothing is looked up for them')),
    }
    const harness = await openListener({ source: closed })
    const gus = harness.slack.as('U0GUS')
    await gus.types(channel, '/deploy')
    await until(() => asked.length === 1)
    expect(harness.slack.log.of('views.open')).toEqual([])
    const { view } = await harness.bot.web.views.open({
      trigger_id: harness.slack.workspace.trigger('U0GUS').id,
      view: formView({ ...deploy, services: many }, channel),
    })
    const id = view?.id ?? ''
    for (const field of ['service', 'ref'])
      expect(await gus.suggests({ view: id, actionId: `twokey-form:${field}` }, 's')).toEqual([])
    await gus.selectsView({ view: id, actionId: 'twokey-form:environment', option: 'dev' })
    const shown = await harness.slack.until(({ views }) => {
      const front = JSON.stringify(views.open('U0GUS').at(-1)?.sent)
      return front.includes('Nothing was done') ? front : undefined
    })
    expect(shown).toContain(refusal.sentence)
    expect(shown).not.toContain('service-1')
    expect(new Set(asked)).toEqual(new Set(['U0GUS T0TEAM']))
  })

  it('shows in the form that the request could not be stored, and accepts it again', async () => {
    let isFull = true
    const receive = () => (isFull ? Promise.reject(new Error('disk full')) : Promise.resolve('new' as const))
    const harness = await openListener({ source, receive })
    const ana = harness.slack.as('U0ANA')
    const { view } = await harness.bot.web.views.open({
      trigger_id: harness.slack.workspace.trigger('U0ANA').id,
      view: formView({ ...deploy, service: 'shop' }, channel),
    })
    await ana.submits(view?.id ?? '')
    expect(Object.values(harness.slack.workspace.views.open('U0ANA')[0]?.errors ?? {})).toEqual([
      expect.stringMatching(/nothing was done/i),
    ])
    isFull = false
    await ana.submits(view?.id ?? '')
    expect(harness.slack.workspace.views.open('U0ANA')).toEqual([])
  })
})

function inputOf(block: KnownBlock | Block | undefined): InputBlock {
  if (block?.type !== 'input' || !('element' in block)) throw new Error('it is no input')
  return block
}

function mrkdwnOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnOf)
  if (typeof value !== 'object' || value === null) return []
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)]
  return Object.values(value).flatMap(mrkdwnOf)
}
