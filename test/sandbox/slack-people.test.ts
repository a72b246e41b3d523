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

/** A world where `/deploy` opens the form, and a submission is answered with this. */
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
  test('is filled in, sent and closed', async () => {
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

  test('with errors stays open and shows them', async () => {
    const { ana, view, open } = await withForm({
      response_action: 'errors',
      errors: { service: 'is locked' },
    })
    await ana.submits(view.id, { service: 'blog-api' })
    expect(open()).toMatchObject([{ id: view.id, errors: { service: 'is locked' } }])
  })

  test('errors on a block that is not there are refused', async () => {
    const { ana, view } = await withForm({ response_action: 'errors', errors: { servcie: 'is locked' } })
    expect((await ana.submits(view.id, { service: 'blog-api' })).outcome).toBe('response_refused')
  })

  test('is followed by another in its place, on top of it, or by none', async () => {
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
    ['not filled in', {}],
    ['with what the menu does not offer', { service: 'rocket' }],
    ['with a text too long', { service: 'blog-api', note: 'longer than five' }],
    ['with an input that is not there', { service: 'blog-api', version: '1' }],
  ])('%s cannot be sent', async (_, values) => {
    const { ana, view } = await withForm(undefined)
    await expect(ana.submits(view.id, values)).rejects.toThrow()
  })
})

describe('a menu that asks the app', () => {
  /** A world where `/deploy` opens a form with one, and it is answered with this. */
  async function withMenu(answer: object) {
    const asked: unknown[] = []
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
        asked.push({ value, action_id, metadata: view.private_metadata, state: view.state })
        await ack(answer as never)
      })
      app.view('deploy', async ({ ack }) => ack())
    })
    const { slack } = world
    await slack.as('U0ANA').types(channel, '/deploy')
    const { id } = await slack.until((workspace) => workspace.views.open('U0ANA')[0])
    return { ana: slack.as('U0ANA'), id, asked, menu: { view: id, actionId: 'ref' } }
  }

  test('offers what the app answers, and takes nothing else', async () => {
    const { ana, id, asked, menu } = await withMenu({ options: [{ text: plain('v1'), value: 'v1' }] })
    await ana.selectsView({ view: id, actionId: 'service', option: 'blog-api' })
    expect(await ana.suggests(menu, 'v')).toEqual([{ text: plain('v1'), value: 'v1' }])
    // What is chosen in other fields is not told.
    expect(asked).toEqual([{ value: 'v', action_id: 'ref', metadata: 'of Ana', state: { values: {} } }])
    await expect(ana.submits(id, { ref: 'v2' })).rejects.toThrow(/does not offer v2/)
    expect(await ana.submits(id, { ref: 'v1' })).toMatchObject({ outcome: 'acknowledged' })
  })

  test.each([
    ['101 options', { options: Array.from({ length: 101 }, () => ({ text: plain('v'), value: 'v' })) }],
    ['a text of 76 characters', { options: [{ text: plain('v'.repeat(76)), value: 'v' }] }],
    ['a value of 151 characters', { options: [{ text: plain('v'), value: 'v'.repeat(151) }] }],
    ['mrkdwn', { options: [{ text: { type: 'mrkdwn', text: 'v' }, value: 'v' }] }],
    ['no options and no groups', {}],
  ])('is refused %s', async (_, answer) => {
    const { ana, menu } = await withMenu(answer)
    await expect(ana.suggests(menu, 'v')).rejects.toThrow(/Slack refuses/)
  })

  test('may find nothing', async () => {
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

  test('opens one view', async () => {
    const trigger = await triggered()
    expect([await open(trigger), await open(trigger), await open('1.2.abc')]).toEqual([
      'ok',
      'exchanged_trigger_id',
      'invalid_trigger_id',
    ])
  })

  test('lasts three seconds', async () => {
    const trigger = await triggered()
    now += 3_001
    expect(await open(trigger)).toBe('expired_trigger_id')
  })

  test('is not used up by a view that is wrong', async () => {
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
  test('three at most on top of each other', async () => {
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

  test('a modal is open in the client whose trigger opened it, and in no other', async () => {
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

  test('an update with the hash of another version is refused, what was chosen stays', async () => {
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
  test('cannot press what is not there', async () => {
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

  test('choose from menus', async () => {
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

  test('forge what no client sends', async () => {
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

  test('answers the person, or the channel, five times', async () => {
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

  test('lasts half an hour', async () => {
    const to = (await url())()
    now += 30 * 60_000 + 1
    expect(await answer(to, { text: 'late' })).toBe(404)
  })

  test('of a click on an ephemeral replaces it or takes it away', async () => {
    const current = await url()
    const { slack } = world
    await slack.as('U0ANA').clicksEphemeral({ actionId: 'approve' })
    expect(await answer(current(), { text: 'picked', replace_original: true })).toBe(200)
    expect(slack.workspace.ephemerals('U0ANA')).toMatchObject([{ text: 'picked', blocks: [] }])
    expect(await answer(current(), { delete_original: true })).toBe(200)
    expect(slack.workspace.ephemerals('U0ANA')).toEqual([])
  })

  test('of a click on a message replaces that', async () => {
    const current = await url()
    const { slack, client } = world
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'card', blocks: card })
    await slack.as('U0BEN').clicks({ channel, ts, actionId: 'approve' })
    expect(await answer(current(), { text: 'approved', replace_original: true })).toBe(200)
    expect(slack.workspace.message(channel, ts)).toMatchObject({ text: 'approved', blocks: [] })
  })
})
