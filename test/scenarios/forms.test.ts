import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mainCommits } from '../../sandbox/seed.ts'
import type { View } from '../../sandbox/slack/entities.ts'
import { inputsOf } from '../../sandbox/slack/inputs.ts'
import { channel, configText, type Harness, openHarness } from './harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(() => harness.close())

const drafts = mainCommits[2]!
const digest = mainCommits[4]!
/** `19 Nov` */
const dayOf = ({ date }: { readonly date: string }) =>
  new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(date))

/** The form on a person's screen, once it shows these words. */
function form(user: string, words: RegExp): Promise<View> {
  return harness.sandbox.slack.until(({ views }) => {
    const view = views.open(user).at(-1)
    return view && words.test(JSON.stringify(view.sent)) ? view : undefined
  })
}

const as = (user: string) => harness.sandbox.slack.as(user)
const isClosed = (user: string) => harness.sandbox.slack.workspace.views.open(user).length === 0
const field = (name: string) => `twokey-form:${name}`
/** Value, label and note of each option. */
const offeredIn = (blocks: View['blocks']) =>
  inputsOf(blocks).flatMap(({ element }) =>
    z
      .array(z.object({ value: z.string(), text: words, description: words }))
      .parse(element.options)
      .map(({ value, text, description }) => [value, text.text, description.text]),
  )
const words = z.object({ text: z.string() })
const cardText = () => JSON.stringify(harness.cards().at(-1)?.blocks)

describe('/deploy opens a form', () => {
  it('a commit picked in the form is requested and ships as if it had been typed', async () => {
    await harness.types('U0ANA', '/deploy')
    const { id } = await form('U0ANA', /Runs now.*blog-api:43/)
    const offered = await as('U0ANA').suggests({ view: id, actionId: field('ref') }, 'digest')
    expect(offered).toMatchObject([
      { text: { text: 'digest' }, value: 'digest' },
      {
        text: { text: `${digest.sha.slice(0, 7)} Send the weekly digest (#117)` },
        description: { text: `Ben · ${dayOf(digest)}` },
        value: digest.sha,
      },
    ])
    await as('U0ANA').submits(id, { [field('ref')]: digest.sha })
    expect(isClosed('U0ANA')).toBe(true)
    const card = await harness.shows('awaiting approval')
    expect(card.text).toContain(digest.sha.slice(0, 7))
    expect(card.text).toContain('<@U0ANA>')
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
  })

  it('the deploy form shows what runs in the chosen environment, and offers the commits of its branch', async () => {
    await harness.types('U0ANA', '/deploy')
    const { id } = await form('U0ANA', /Runs now.*prod/)
    await as('U0ANA').selectsView({ view: id, actionId: field('environment'), option: 'dev' })
    await form('U0ANA', /Runs now.* in dev.*blog-api:43/)
    const offered = await as('U0ANA').suggests({ view: id, actionId: field('ref') }, '')
    const newest = { text: expect.stringContaining('Try the new editor') }
    expect(offered.slice(0, 2)).toMatchObject([
      { text: { text: 'Newest commit of develop' }, description: newest },
      { text: newest },
    ])
    await as('U0ANA').submits(id)
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.cards()[0]?.text).toContain('blog-api dev')
  })

  it('the deploy form shows the newest commit as chosen, and requests it', async () => {
    await harness.types('U0ANA', '/deploy')
    const { id, values } = await form('U0ANA', /Runs now/)
    const [what] = Object.keys(values).filter((block) => block.startsWith('ref:'))
    expect(values[what!]).toMatchObject({
      [field('ref')]: { selected_option: { text: { text: 'Newest commit of main' } } },
    })
    await as('U0ANA').submits(id)
    const card = await harness.shows('awaiting approval')
    expect(card.text).toContain(mainCommits.at(-1)!.sha.slice(0, 7))
  })

  it('the deploy form requests nothing if nothing is chosen, as older forms may be sent, and shows an error beside the field', async () => {
    await harness.types('U0ANA', '/deploy')
    const view = await form('U0ANA', /Runs now/)
    const what = inputsOf(view.blocks).find(({ action }) => action === field('ref'))!.block
    view.blocks = view.blocks.map((block) => (block.block_id === what ? { ...block, optional: true } : block))
    await as('U0ANA').suggests({ view: view.id, actionId: field('ref') }, 'nope-branch')
    await as('U0ANA').submits(view.id, { [field('ref')]: '' })
    expect(harness.sandbox.slack.workspace.views.open('U0ANA').at(-1)?.errors).toEqual({
      [what]: expect.stringContaining('Choose'),
    })
    await harness.answerTo('U0ANA', '/deploy help')
    expect(harness.cards()).toEqual([])
    expect(harness.dispatches()).toBe(0)
  })

  it('the deploy form requests nothing if it names another branch than ships to what was chosen last', async () => {
    await harness.types('U0ANA', '/deploy')
    const { id } = await form('U0ANA', /Runs now.*prod/)
    await as('U0ANA').submits(id, { [field('environment')]: 'dev' })
    expect(isClosed('U0ANA')).toBe(false)
    await harness.answerTo('U0ANA', '/deploy help')
    expect(harness.cards()).toEqual([])
  })

  it('the deploy form accepts a typed branch, tag or commit that it does not offer', async () => {
    await harness.types('U0ANA', '/deploy')
    const { id } = await form('U0ANA', /Runs now/)
    await as('U0ANA').suggests({ view: id, actionId: field('ref') }, 'develop')
    await as('U0ANA').submits(id, { [field('ref')]: 'develop' })
    await harness.ephemeral('U0ANA', /not_on_branch/)
    expect(harness.cards()).toEqual([])
  })

  it('the deploy form answers the requester alone if the lane was taken meanwhile', async () => {
    await harness.types('U0ANA', '/deploy')
    const { id } = await form('U0ANA', /Runs now/)
    await harness.types('U0BEN', '/deploy prod')
    await harness.shows('awaiting approval')
    await as('U0ANA').submits(id)
    await harness.ephemeral('U0ANA', /in_flight/)
    expect(harness.cards()).toHaveLength(1)
  })

  it('the deploy form offers no commits while GitHub does not answer, and accepts typed ones', async () => {
    await harness.types('U0ANA', '/deploy')
    const { id } = await form('U0ANA', /Runs now/)
    const { faults } = harness.sandbox.github
    faults.queue('GET /repos/{owner}/{repo}/commits', { kind: 'answer', status: 404 })
    const ref = { view: id, actionId: field('ref') }
    expect(await as('U0ANA').suggests(ref, 'v9')).toMatchObject([{ value: 'v9' }])
  })
})

describe('a form that Slack does not open', () => {
  it.each([
    ['/deploy', /form_not_opened.*\/deploy/],
    ['/rollback blog-api', /blog-api:42.*blog-api:41/s],
  ])('tells the person what to type or click instead: %s', async (line, words) => {
    const body = { ok: false, error: 'expired_trigger_id' }
    harness.sandbox.slack.faults.queue('views.open', { kind: 'answer', status: 200, body })
    await harness.types('U0ANA', line)
    const told = await harness.ephemeral('U0ANA', /form_not_opened|blog-api:42/)
    expect(told).toMatch(line === '/deploy' ? /Type `\/deploy/ : words)
    expect(isClosed('U0ANA')).toBe(true)
  })

  it('keeps a rejection whose form did not open, and tells the approver where to write the reason', async () => {
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    const body = { ok: false, error: 'expired_trigger_id' }
    harness.sandbox.slack.faults.queue('views.open', { kind: 'answer', status: 200, body })
    await harness.clicks('U0BEN', 'reject')
    await harness.shows('rejected')
    await harness.ephemeral('U0BEN', /3 seconds.*thread/)
  })
})

describe('/rollback blog-api opens a form', () => {
  it('a revision picked in the form is rolled back to', async () => {
    await harness.types('U0ANA', '/rollback blog-api')
    const { id, blocks } = await form('U0ANA', /blog-api:42/)
    const { sha } = drafts
    expect(offeredIn(blocks)).toEqual([
      [
        '42',
        `blog-api:42 · ${sha.slice(0, 7)} Show drafts to their authors (#108)`,
        `Chloe · ${dayOf(drafts)} · changes: image, environment variable`,
      ],
      [
        '41',
        expect.stringContaining('Cache the feed'),
        `Ben · ${dayOf(mainCommits[1]!)} · changes: image, 2 environment variables`,
      ],
    ])
    await as('U0ANA').submits(id, { [field('revision')]: '42' })
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.serving()).toBe('blog-api:42')
  })

  it('the rollback form and an answer say why there is nothing to choose', async () => {
    harness.sandbox.aws.world.deny('ecs:ListServiceDeployments')
    await harness.types('U0ANA', '/rollback blog-api')
    await harness.ephemeral('U0ANA', /cannot_see/)
    await form('U0ANA', /Nothing was done/)
  })

  it('the rollback form refuses the revision that serves by now', async () => {
    await harness.types('U0ANA', '/rollback blog-api')
    const { id } = await form('U0ANA', /blog-api:42/)
    await harness.ecs.updateService({
      cluster: 'blog-cluster-prod',
      service: 'blog-api',
      taskDefinition: 'blog-api:42',
    })
    await harness.sandbox.slack.until(() => harness.serving() === 'blog-api:42')
    await as('U0ANA').submits(id, { [field('revision')]: '42' })
    await harness.ephemeral('U0ANA', /already_serving/)
    expect(harness.cards()).toEqual([])
  })
})

describe('Reject asks for a reason', () => {
  async function rejected(): Promise<View> {
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'reject')
    return form('U0BEN', /Reason for rejecting/)
  }

  it('rejects the release at once, and adds the reason to card and thread later, as text', async () => {
    const { id } = await rejected()
    await harness.shows('rejected')
    await as('U0BEN').submits(id, {
      [field('reason')]: 'Not now <!channel>, ask <@U0ELI> :white_check_mark:',
    })
    const told = await harness.threadPost(/Not now/)
    const all = `${told.text} ${JSON.stringify(told.blocks)} ${cardText()}`
    expect(all).toContain('&lt;!channel&gt;')
    expect(all).not.toMatch(/<!channel>|<@U0ELI>|:white_check_mark:/)
    await harness.sandbox.slack.until(() => cardText().includes('Not now'))
    expect(harness.sandbox.slack.workspace.notifications('U0ELI')).toEqual([])
  })

  it('rejects without waiting for the form, which Slack may not open, and tells the approver', async () => {
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    harness.sandbox.slack.faults.queue('views.open', { kind: 'delay', ms: 3_500 })
    await harness.clicks('U0BEN', 'reject')
    await harness.shows('rejected')
    await harness.ephemeral('U0BEN', /is rejected.*thread/)
  })

  it('keeps a release rejected without a reason', async () => {
    const { id } = await rejected()
    await as('U0BEN').closes(id)
    await harness.shows('rejected')
    expect(await harness.ends()).toBe('rejected')
  })

  it('takes a reason once, though it is submitted twice', async () => {
    const { id } = await rejected()
    harness.sandbox.slack.sockets.troubles.queue({ kind: 'twice' })
    await as('U0BEN').submits(id, { [field('reason')]: 'Not on a Friday' })
    await harness.threadPost(/Not on a Friday/)
    const posts = harness.cards()[0]!.replies.filter(({ text }) => text.includes('Not on a Friday'))
    expect(posts).toHaveLength(1)
    expect(harness.sandbox.slack.workspace.ephemerals('U0BEN')).toEqual([])
  })

  it('opens no reason form for a person who may not reject', async () => {
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.clicks('U0ELI', 'reject')
    await harness.ephemeral('U0ELI', /not_an_approver/)
    expect(isClosed('U0ELI')).toBe(true)
    expect(harness.sandbox.slack.log.of('views.open')).toEqual([])
  })
})

describe('/deploy prod with several services', () => {
  const several = configText
    .replace('defaults: { environment: prod, service: blog-api }\n', '')
    .concat(`  shop:
    repository: myorg/blog-api
    workflow: deploy-shop.yml
    containers: [api]
    environments:
      prod: { cluster: blog-cluster-prod, service: shop }
`)

  /** As if the form had offered a service that twokey.yml no longer names. */
  const sentAnew = (id: string, service: string) => ({
    type: 'view_submission',
    user: { id: 'U0ANA', team_id: 'T0TEAM' },
    view: {
      id,
      hash: 'anew',
      callback_id: field('deploy'),
      private_metadata: JSON.stringify({ channel }),
      state: {
        values: {
          service: { [field('service')]: { selected_option: { value: service } } },
          environment: { [field('environment')]: { selected_option: { value: 'prod' } } },
          ref: { [field('ref')]: { selected_option: { value: '^newest of main' } } },
        },
      },
    },
  })

  it('a deploy form with prod filled in asks for the service, and reports a service that is gone by then', async () => {
    await harness.close()
    harness = await openHarness({ config: several })
    await harness.types('U0ANA', '/deploy prod')
    const { id, values } = await form('U0ANA', /"Deploy"/)
    expect(values.environment?.[field('environment')]).toMatchObject({ selected_option: { value: 'prod' } })
    expect(values.service?.[field('service')]).toMatchObject({ selected_option: null })
    await as('U0ANA').submits(id, { [field('service')]: 'shop' })
    await harness.ephemeral('U0ANA', /service_not_found/)
    await as('U0ANA').forges({ type: 'interactive', payload: sentAnew(id, 'gone') })
    await harness.ephemeral('U0ANA', /service_unknown/)
    expect(harness.sandbox.slack.workspace.messages(channel)).toEqual([])
  })
})
