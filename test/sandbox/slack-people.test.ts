import type { View } from '@slack/types'
import { afterEach, describe, expect, test } from 'vitest'
import { card, channel, codeOf, startWorld, type World } from './slack-app.ts'

let world: World
afterEach(() => world.stop())

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const options = ['blog-api', 'shop-api'].map((value) => ({ text: plain(value), value }))

const form: View = {
  type: 'modal',
  callback_id: 'deploy',
  title: plain('Deploy'),
  submit: plain('Deploy'),
  blocks: [
    {
      type: 'input',
      block_id: 'service',
      label: plain('Service'),
      element: { type: 'static_select', action_id: 'service', options },
    },
    {
      type: 'input',
      block_id: 'note',
      label: plain('Note'),
      optional: true,
      element: { type: 'plain_text_input', action_id: 'note', max_length: 5 },
    },
  ],
}

/** A world where `/deploy` opens the form, and a submission gets this answer. */
async function withForm(answer: object | undefined) {
  const submitted: unknown[] = []
  world = await startWorld((app) => {
    app.command('/deploy', async ({ ack, body, client }) => {
      await ack()
      await client.views.open({ trigger_id: body.trigger_id, view: form })
    })
    app.view('deploy', async ({ ack, view }) => {
      submitted.push(view.state.values)
      await (answer ? ack(answer as never) : ack())
    })
  })
  const { slack } = world
  await slack.as('U0ANA').types(channel, '/deploy')
  const view = await slack.until((workspace) => workspace.views.open('U0ANA')[0])
  return { slack, view, submitted, ana: slack.as('U0ANA'), open: () => slack.workspace.views.open('U0ANA') }
}

describe('a form', () => {
  test('a form is filled in, submitted and closed', async () => {
    const { ana, view, submitted, open } = await withForm(undefined)
    await ana.submits(view.id, { service: 'blog-api', note: 'hi' })
    expect(submitted).toEqual([
      {
        service: {
          service: {
            type: 'static_select',
            selected_option: { text: { ...plain('blog-api'), emoji: true }, value: 'blog-api' },
          },
        },
        note: { note: { type: 'plain_text_input', value: 'hi' } },
      },
    ])
    expect(open()).toEqual([])
  })

  test('a form with errors stays open and shows them', async () => {
    const { ana, view, open } = await withForm({
      response_action: 'errors',
      errors: { service: 'is locked' },
    })
    await ana.submits(view.id, { service: 'blog-api' })
    expect(open()).toMatchObject([{ id: view.id, errors: { service: 'is locked' } }])
  })

  test('form errors for an unknown block are refused', async () => {
    const { ana, view } = await withForm({ response_action: 'errors', errors: { servcie: 'is locked' } })
    expect((await ana.submits(view.id, { service: 'blog-api' })).outcome).toBe('response_refused')
  })

  test('a submission can update the form, push another one, or close all', async () => {
    const next: View = { type: 'modal', title: plain('Sure?'), blocks: [{ type: 'divider' }] }
    const updated = await withForm({ response_action: 'update', view: next })
    await updated.ana.submits(updated.view.id, { service: 'blog-api' })
    expect(updated.open().map(({ sent }) => sent.title)).toEqual([plain('Sure?')])
    await world.stop()

    const pushed = await withForm({ response_action: 'push', view: next })
    await pushed.ana.submits(pushed.view.id, { service: 'blog-api' })
    expect(pushed.open().map(({ sent }) => sent.title)).toEqual([plain('Deploy'), plain('Sure?')])
    await world.stop()

    const cleared = await withForm({ response_action: 'clear' })
    await cleared.ana.submits(cleared.view.id, { service: 'blog-api' })
    expect(cleared.open()).toEqual([])
  })

  test.each<[string, Record<string, string>]>([
    ['with an empty required input', {}],
    ['with a value that the menu does not offer', { service: 'rocket' }],
    ['with a text that is too long', { service: 'blog-api', note: 'longer than five' }],
    ['with an unknown input', { service: 'blog-api', version: '1' }],
  ])('a form cannot be submitted %s', async (_, values) => {
    const { ana, view } = await withForm(undefined)
    await expect(ana.submits(view.id, values)).rejects.toThrow()
  })
})

describe('external_select in a form', () => {
  /** A world where `/deploy` opens a form with an `external_select`, whose requests get this answer. */
  async function withMenu(answer: object) {
    const requests: unknown[] = []
    const element = { type: 'external_select' as const, action_id: 'ref', min_query_length: 0 }
    const fields = form.blocks.slice(0, 1)
    world = await startWorld((app) => {
      app.command('/deploy', async ({ ack, body, client }) => {
        await ack()
        const blocks = [...fields, { type: 'input' as const, block_id: 'ref', label: plain('Ref'), element }]
        const view = { ...form, blocks, private_metadata: 'of Ana' }
        await client.views.open({ trigger_id: body.trigger_id, view })
      })
      app.options('ref', async ({ ack, body }) => {
        const { value, action_id, view } = body as unknown as {
          value: string
          action_id: string
          view: { private_metadata: string; state: object }
        }
        requests.push({ value, action_id, metadata: view.private_metadata, state: view.state })
        await ack(answer as never)
      })
      app.view('deploy', async ({ ack }) => ack())
    })
    const { slack } = world
    await slack.as('U0ANA').types(channel, '/deploy')
    const { id } = await slack.until((workspace) => workspace.views.open('U0ANA')[0])
    return { ana: slack.as('U0ANA'), id, requests, menu: { view: id, actionId: 'ref' } }
  }

  test('an external_select shows the app’s options and accepts nothing else', async () => {
    const { ana, id, requests, menu } = await withMenu({ options: [{ text: plain('v1'), value: 'v1' }] })
    await ana.selectsView({ view: id, actionId: 'service', option: 'blog-api' })
    expect(await ana.suggests(menu, 'v')).toEqual([{ text: plain('v1'), value: 'v1' }])
    // The values of other fields are not sent.
    expect(requests).toEqual([{ value: 'v', action_id: 'ref', metadata: 'of Ana', state: { values: {} } }])
    await expect(ana.submits(id, { ref: 'v2' })).rejects.toThrow(/does not offer v2/)
    expect(await ana.submits(id, { ref: 'v1' })).toMatchObject({ outcome: 'acknowledged' })
  })

  test.each([
    ['101 options', { options: Array.from({ length: 101 }, () => ({ text: plain('v'), value: 'v' })) }],
    ['a text of 76 characters', { options: [{ text: plain('v'.repeat(76)), value: 'v' }] }],
    ['a value of 151 characters', { options: [{ text: plain('v'), value: 'v'.repeat(151) }] }],
    ['mrkdwn', { options: [{ text: { type: 'mrkdwn', text: 'v' }, value: 'v' }] }],
    ['neither options nor groups', {}],
  ])('an external_select refuses options with %s', async (_, answer) => {
    const { ana, menu } = await withMenu(answer)
    await expect(ana.suggests(menu, 'v')).rejects.toThrow(/Slack refuses/)
  })

  test('an external_select may have no results', async () => {
    const { ana, menu } = await withMenu({ options: [] })
    expect(await ana.suggests(menu, 'v')).toEqual([])
  })
})

describe('a trigger', () => {
  let now = 1_790_000_000_000
  const triggered = async () => {
    let trigger = ''
    world = await startWorld(
      (app) =>
        app.command('/deploy', async ({ ack, command }) => {
          await ack()
          trigger = command.trigger_id
        }),
      { now: () => now },
    )
    await world.slack.as('U0ANA').types(channel, '/deploy')
    return trigger
  }
  const open = (trigger_id: string) => codeOf(world.client.views.open({ trigger_id, view: form }))

  test('a trigger opens only one view', async () => {
    const trigger = await triggered()
    expect([await open(trigger), await open(trigger), await open('1.2.abc')]).toEqual([
      'ok',
      'exchanged_trigger_id',
      'invalid_trigger_id',
    ])
  })

  test('a trigger is valid for three seconds', async () => {
    const trigger = await triggered()
    now += 3_001
    expect(await open(trigger)).toBe('expired_trigger_id')
  })

  test('a trigger stays valid after an invalid view', async () => {
    const trigger = await triggered()
    const wrong = world.client.views.open({
      trigger_id: trigger,
      view: { ...form, title: plain('x'.repeat(25)) },
    })
    expect(await codeOf(wrong)).toBe('invalid_arguments')
    expect(await open(trigger)).toBe('ok')
  })
})

describe('views', () => {
  test('at most three modals can be stacked', async () => {
    const { slack, view } = await withForm(undefined)
    const push = () =>
      world.client.views.push({ trigger_id: slack.workspace.trigger('U0ANA').id, view: form })
    expect([await codeOf(push()), await codeOf(push()), await codeOf(push())]).toEqual([
      'ok',
      'ok',
      'push_limit_reached',
    ])
    const stack = slack.workspace.views.open('U0ANA')
    expect(stack.map(({ rootId }) => rootId)).toEqual([view.id, view.id, view.id])
  })

  test('a modal is open only in the client whose trigger opened it', async () => {
    const { slack, view, ana, submitted } = await withForm(undefined)
    await slack.as('U0ANA', 'phone').types(channel, '/deploy')
    const { views } = slack.workspace
    const onPhone = await slack.until(() => views.open('U0ANA', 'phone')[0])
    expect(views.open('U0ANA', '')).toEqual([view])
    await expect(ana.submits(onPhone.id, { service: 'blog-api' })).rejects.toThrow('in front')
    await slack.as('U0ANA', 'phone').submits(onPhone.id, { service: 'shop-api' })
    expect(submitted).toHaveLength(1)
    expect(views.open('U0ANA')).toEqual([view])
  })

  test('a view update with an outdated hash is refused, and chosen values stay', async () => {
    const { slack, view, ana } = await withForm(undefined)
    await ana.selectsView({ view: view.id, actionId: 'service', option: 'shop-api' })
    const { id: view_id, hash } = view
    expect(await codeOf(world.client.views.update({ view_id, hash, view: form }))).toBe('ok')
    expect(await codeOf(world.client.views.update({ view_id, hash, view: form }))).toBe('hash_conflict')
    expect(await codeOf(world.client.views.update({ view_id: 'V0NONE', view: form }))).toBe('not_found')
    expect(slack.workspace.views.open('U0ANA')[0]?.values.service?.service).toMatchObject({
      selected_option: { value: 'shop-api' },
    })
  })

  test('the App Home is published when it is opened, and its buttons work', async () => {
    const pressed: string[] = []
    world = await startWorld((app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        const blocks = card.slice(1) as never
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } })
      })
      app.action('approve', async ({ ack, body }) => {
        await ack()
        pressed.push(body.user.id)
      })
    })
    const { slack } = world
    await slack.as('U0BEN').opensHome()
    const home = await slack.until((workspace) => workspace.views.home('U0BEN'))
    await slack.as('U0BEN').clicksView({ view: home.id, actionId: 'approve' })
    expect(pressed).toEqual(['U0BEN'])
  })
})

describe('people', () => {
  test('a person cannot click a control that does not exist', async () => {
    world = await startWorld(() => {})
    const { slack, client } = world
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'card', blocks: card })
    const ben = slack.as('U0BEN')
    await expect(ben.clicks({ channel, ts, actionId: 'cancel' })).rejects.toThrow('approve, reject')
    await expect(ben.clicks({ channel, ts, actionId: 'approve', value: 'r2' })).rejects.toThrow()
    await expect(ben.clicks({ channel, ts: '1.000001', actionId: 'approve' })).rejects.toThrow()
    await expect(ben.clicksEphemeral({ actionId: 'approve' })).rejects.toThrow()
    await expect(ben.types(channel, '/launch')).rejects.toThrow('/launch')
    await expect(slack.as('U0DORA').types(channel, '/deploy')).rejects.toThrow('Dora')
    await expect(slack.as('U0XENA').types(channel, '/deploy')).rejects.toThrow('Xena')
    expect(() => slack.as('U0NONE')).toThrow('U0NONE')
  })

  test('a person can choose from menus of a message', async () => {
    const chosen: unknown[] = []
    world = await startWorld((app) => {
      app.action(/.*/, async ({ ack, payload }) => {
        await ack()
        if ('selected_option' in payload) chosen.push([payload.type, payload.selected_option?.value])
      })
    })
    const elements = [
      { type: 'static_select', action_id: 'revision', options },
      { type: 'overflow', action_id: 'more', options },
    ]
    const blocks = [{ type: 'actions', elements }] as never
    const { ts = '' } = await world.client.chat.postMessage({ channel, text: 'pick', blocks })
    const ana = world.slack.as('U0ANA')
    await ana.selects({ channel, ts, actionId: 'revision', option: 'shop-api' })
    await ana.selects({ channel, ts, actionId: 'more', option: 'blog-api' })
    expect(chosen).toEqual([
      ['static_select', 'shop-api'],
      ['overflow', 'blog-api'],
    ])
    await expect(ana.selects({ channel, ts, actionId: 'revision', option: 'rocket' })).rejects.toThrow(
      'blog-api, shop-api',
    )
  })

  test('a person can send payloads that no Slack client sends', async () => {
    const heard: string[] = []
    world = await startWorld((app) =>
      app.action('approve', async ({ ack, body }) => {
        await ack()
        heard.push(body.user.id)
      }),
    )
    const payload = {
      type: 'block_actions',
      user: { id: 'U0EVE' },
      actions: [{ type: 'button', action_id: 'approve', block_id: 'b' }],
    }
    const outcome = await world.slack.as('U0ELI').forges({ type: 'interactive', payload })
    expect([outcome.outcome, ...heard]).toEqual(['acknowledged', 'U0EVE'])
  })
})

describe('a response_url', () => {
  let now = 1_790_000_000_000
  const url = async () => {
    let found = ''
    world = await startWorld(
      (app) => {
        app.command('/deploy', async ({ ack, command }) => {
          await ack({ text: 'pick one', blocks: card })
          found = command.response_url
        })
        app.action('approve', async ({ ack, body }) => {
          await ack()
          found = 'response_url' in body ? String(body.response_url) : ''
        })
      },
      { now: () => now },
    )
    await world.slack.as('U0ANA').types(channel, '/deploy')
    return () => found
  }
  const answer = async (to: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const { status } = await fetch(to, { method: 'POST', headers, body: JSON.stringify(body) })
    return status
  }

  test('a response_url answers the person or the channel, five times', async () => {
    const to = (await url())()
    expect(await answer(to, { text: 'for you' })).toBe(200)
    expect(await answer(to, { text: 'for all', response_type: 'in_channel' })).toBe(200)
    expect(await answer(to, { blocks: [{ type: 'nonsense' }] })).toBe(400)
    expect(await answer(to, { text: 'four' })).toBe(200)
    expect(await answer(to, { text: 'five' })).toBe(200)
    expect(await answer(to, { text: 'six' })).toBe(404)
    expect(world.slack.workspace.ephemerals('U0ANA').map(({ text }) => text)).toEqual([
      'pick one',
      'for you',
      'four',
      'five',
    ])
    expect(world.slack.workspace.messages(channel).map(({ text }) => text)).toEqual(['for all'])
  })

  test('a response_url is valid for half an hour', async () => {
    const to = (await url())()
    now += 30 * 60_000 + 1
    expect(await answer(to, { text: 'late' })).toBe(404)
  })

  test('a response_url of an ephemeral message replaces or deletes it', async () => {
    const current = await url()
    const { slack } = world
    await slack.as('U0ANA').clicksEphemeral({ actionId: 'approve' })
    expect(await answer(current(), { text: 'picked', replace_original: true })).toBe(200)
    expect(slack.workspace.ephemerals('U0ANA')).toMatchObject([{ text: 'picked', blocks: [] }])
    expect(await answer(current(), { delete_original: true })).toBe(200)
    expect(slack.workspace.ephemerals('U0ANA')).toEqual([])
  })

  test('a response_url of a message replaces the message', async () => {
    const current = await url()
    const { slack, client } = world
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'card', blocks: card })
    await slack.as('U0BEN').clicks({ channel, ts, actionId: 'approve' })
    expect(await answer(current(), { text: 'approved', replace_original: true })).toBe(200)
    expect(slack.workspace.message(channel, ts)).toMatchObject({ text: 'approved', blocks: [] })
  })
})
