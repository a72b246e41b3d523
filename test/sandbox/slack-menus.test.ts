import type { View } from '@slack/types'
import { afterEach, describe, expect, test } from 'vitest'
import { channel, startWorld, type World } from './slack-app.ts'

let world: World
afterEach(() => world.stop())

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const form: View = {
  type: 'modal',
  callback_id: 'form',
  title: plain('Deploy'),
  submit: plain('Deploy'),
  blocks: [
    {
      type: 'input',
      block_id: 'ref',
      optional: true,
      label: plain('Commit'),
      element: { type: 'external_select', action_id: 'ref' },
    },
  ],
}

/** A world where `/deploy` opens a form with an `external_select` of commits. */
async function withMenu() {
  const submitted: unknown[] = []
  world = await startWorld((app) => {
    app.command('/deploy', async ({ ack, body, client }) => {
      await ack()
      await client.views.open({ trigger_id: body.trigger_id, view: form })
    })
    app.options('ref', async ({ ack, payload }) => {
      await ack({ options: [{ text: plain(`about ${payload.value}`), value: 'd922590' }] })
    })
    app.view('form', async ({ ack, view }) => {
      submitted.push(view.state.values.ref?.ref)
      await ack()
    })
  })
  const { slack } = world
  const ana = slack.as('U0ANA')
  await ana.types(channel, '/deploy')
  const view = await slack.until((workspace) => workspace.views.open('U0ANA')[0])
  return { ana, view: view.id, submitted }
}

describe('external_select in a form', () => {
  test('an external_select shows the app’s options and accepts them', async () => {
    const { ana, view, submitted } = await withMenu()
    const offered = await ana.suggests({ view, actionId: 'ref' }, 'digest')
    expect(offered).toMatchObject([{ text: { text: 'about digest' }, value: 'd922590' }])
    await ana.submits(view, { ref: 'd922590' })
    expect(submitted).toMatchObject([
      { type: 'external_select', selected_option: { text: { text: 'about digest' }, value: 'd922590' } },
    ])
  })

  test('an external_select refuses a value that was not offered', async () => {
    const { ana, view } = await withMenu()
    await expect(ana.submits(view, { ref: '153b136' })).rejects.toThrow('does not offer')
  })

  test('an external_select is cleared by an empty value', async () => {
    const { ana, view, submitted } = await withMenu()
    await ana.suggests({ view, actionId: 'ref' }, 'digest')
    await ana.submits(view, { ref: '' })
    expect(submitted).toEqual([{ type: 'external_select', selected_option: null }])
  })
})

describe('messages of people', () => {
  test('a message of a person has Slack’s three characters encoded and mentions nobody', async () => {
    world = await startWorld(() => {})
    const { slack } = world
    await slack.as('U0ANA').types(channel, '<!channel> & more')
    const [post] = slack.workspace.messages(channel)
    expect(post?.text).toBe('&lt;!channel&gt; &amp; more')
    expect(slack.workspace.notifications('U0BEN')).toEqual([])
  })

  test('a person can reply in a thread, also to a reply', async () => {
    world = await startWorld(() => {})
    const { slack } = world
    await slack.as('U0ANA').types(channel, 'a question')
    const { ts } = slack.workspace.messages(channel)[0]!
    await slack.as('U0BEN').replies({ channel, ts }, 'an answer')
    const [answer] = slack.workspace.messages(channel)[0]!.replies
    await slack.as('U0ANA').replies({ channel, ts: answer!.ts }, 'thanks')
    expect(slack.workspace.messages(channel)[0]!.replies.map(({ text }) => text)).toEqual([
      'an answer',
      'thanks',
    ])
  })
})
