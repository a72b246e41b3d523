import type { App } from '@slack/bolt'
import type { View } from '@slack/types'
import { startAws } from '../../sandbox/aws/server.ts'
import { startGitHub } from '../../sandbox/github/github.ts'
import { testPace } from '../../sandbox/pace.ts'
import { type BotPort, startPage } from '../../sandbox/page/server.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { startWorld, type World } from '../sandbox/slack-app.ts'

/** The page with a sandbox whose app is the test's own. */
export type PageHarness = {
  readonly url: string
  readonly sandbox: Sandbox
  readonly client: World['client']
  /** The actions on the bot's process. */
  readonly done: readonly string[]
  close(): Promise<void>
}

export async function openPageHarness(listeners: (app: App) => void = () => {}): Promise<PageHarness> {
  const world = await startWorld(listeners, { rates: 'off' })
  const aws = await startAws({ pace: testPace, rates: 'off' })
  const github = await startGitHub({ pace: testPace, aws: aws.env })
  const close = async () => {
    await Promise.all([world.stop(), github.close(), aws.close()])
  }
  const sandbox: Sandbox = { slack: world.slack, github, aws, env: {}, close }
  const done: string[] = []
  const bot: BotPort = {
    state: () => (done.at(-1) === 'kill' ? 'stopped' : 'running'),
    kill: () => void done.push('kill'),
    start: async () => void done.push('start'),
  }
  const page = await startPage({ sandbox, bot })
  return {
    url: page.url,
    sandbox,
    client: world.client,
    done,
    async close() {
      await page.close()
      await close()
    },
  }
}

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const option = (value: string) => ({ text: plain(value), value })

/** A form with the most common inputs. */
export const form: View = {
  type: 'modal',
  callback_id: 'form',
  title: plain('Ship it'),
  submit: plain('Ask'),
  blocks: [
    {
      type: 'input',
      block_id: 'service',
      label: plain('Service'),
      element: {
        type: 'static_select',
        action_id: 'service',
        options: ['blog-api', 'shop-api'].map(option),
      },
    },
    {
      type: 'input',
      block_id: 'ref',
      label: plain('Commit'),
      element: { type: 'external_select', action_id: 'ref', min_query_length: 0 },
    },
    {
      type: 'input',
      block_id: 'reason',
      label: plain('Reason'),
      hint: plain('At least five characters'),
      element: { type: 'plain_text_input', action_id: 'reason', multiline: true },
    },
    {
      type: 'input',
      block_id: 'extras',
      label: plain('Extras'),
      optional: true,
      element: {
        type: 'checkboxes',
        action_id: 'extras',
        options: [option('migrate'), option('announce')],
      },
    },
  ],
}

/** `/deploy` opens the form; a short reason is returned as an error; submitted values are collected. */
export function formApp(submitted: unknown[]): (app: App) => void {
  return (app) => {
    app.command('/deploy', async ({ ack, body, client }) => {
      await ack()
      await client.views.open({ trigger_id: body.trigger_id, view: form })
    })
    app.options('ref', async ({ ack, payload }) => {
      const commits = ['d922590 Send the weekly digest', '153b136 Fix the time zone']
      const found = commits.filter((commit) => commit.toLowerCase().includes(payload.value.toLowerCase()))
      await ack({ options: found.map((commit) => ({ text: plain(commit), value: commit.slice(0, 7) })) })
    })
    app.view('form', async ({ ack, view }) => {
      const { reason } = view.state.values.reason!
      if ((reason?.value ?? '').length < 5) {
        await ack({ response_action: 'errors', errors: { reason: 'Please say a little more.' } })
        return
      }
      submitted.push(view.state.values)
      await ack()
    })
  }
}
