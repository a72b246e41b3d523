import { describe, expect } from 'vitest'
import { mainCommits } from '../../sandbox/seed.ts'
import type { View } from '../../sandbox/slack/entities.ts'
import type { Attempt } from '../../sandbox/slack/requests.ts'
import { type Harness, type HarnessOptions, scenario } from './harness.ts'

const httpScenario = scenario.extend<{ outside: Omit<HarnessOptions, 'config'> }>({
  outside: { slackMode: 'http' },
})

const digest = mainCommits[4]!
const field = (name: string) => `twokey-form:${name}`

function form({ sandbox }: Harness, user: string, words: RegExp): Promise<View> {
  return sandbox.slack.until(({ views }) => {
    const view = views.open(user).at(-1)
    return view && words.test(JSON.stringify(view.sent)) ? view : undefined
  })
}

/** The last request of this kind that Slack sent. */
function captured({ sandbox }: Harness, kind: string): Attempt {
  const attempt = sandbox.slack.requests.attempts.findLast(({ body }) => body.includes(kind))
  if (!attempt) throw new Error(`Slack sent no ${kind}`)
  return attempt
}

/** Somebody else sends a request to the bot. */
async function sends(harness: Harness, { headers, body }: Attempt): Promise<number> {
  const url = `${harness.url()}/slack/events`
  return (await fetch(url, { method: 'POST', headers, body })).status
}

describe.concurrent('Slack in HTTP mode', () => {
  httpScenario('a deploy goes through with two approvals, without any socket', async ({ harness }) => {
    expect((await fetch(`${harness.url()}/readyz`)).status).toBe(200)
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.dispatches()).toBe(1)
    expect(harness.sandbox.slack.sockets.open).toBe(0)
    expect(harness.sandbox.slack.log.of('apps.connections.open')).toEqual([])
  })

  httpScenario('a form offers commits, shows an error, and is submitted', async ({ harness }) => {
    const ana = harness.sandbox.slack.as('U0ANA')
    await harness.types('U0ANA', '/deploy')
    const { id } = await form(harness, 'U0ANA', /Runs now.*blog-api:43/)
    // The form still shows the branch of prod.
    await ana.submits(id, { [field('environment')]: 'dev' })
    const { errors } = harness.sandbox.slack.workspace.views.open('U0ANA').at(-1)!
    expect(Object.values(errors)).toHaveLength(1)
    const offered = await ana.suggests({ view: id, actionId: field('ref') }, 'digest')
    expect(offered).toMatchObject([{ value: 'digest' }, { value: digest.sha }])
    await ana.submits(id, { [field('environment')]: 'prod', [field('ref')]: digest.sha })
    expect(harness.sandbox.slack.workspace.views.open('U0ANA')).toEqual([])
    expect((await harness.shows('awaiting approval')).text).toContain(digest.sha.slice(0, 7))
  })

  httpScenario(
    'a captured approval counts once, however often it is sent, and not at all for somebody else',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      const approval = captured(harness, 'block_actions')
      const { headers, body } = approval
      expect(await sends(harness, approval)).toBe(401)
      const retry = { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' }
      expect(await sends(harness, { body, headers: { ...headers, ...retry } })).toBe(200)
      expect(await sends(harness, { headers, body: body.replaceAll('U0BEN', 'U0CHLOE') })).toBe(401)
      const { 'x-slack-signature': _, ...unsigned } = headers
      expect(await sends(harness, { headers: unsigned, body })).toBe(401)
      // After a restart only the inbox remembers the click.
      await harness.restarts()
      expect(await sends(harness, approval)).toBe(200)
      await harness.shows('awaiting approval')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.dispatches()).toBe(1)
    },
  )

  httpScenario(
    'a command that Slack delivers twice, or whose connection is cut, is done once',
    async ({ harness }) => {
      harness.sandbox.slack.requests.troubles.queue({ kind: 'twice' })
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      harness.sandbox.slack.requests.troubles.queue({ kind: 'cut' })
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(harness.cards()).toHaveLength(1)
    },
  )

  httpScenario('an event of which twokey makes nothing is acknowledged', async ({ harness }) => {
    expect(await harness.sandbox.slack.as('U0ANA').opensHome()).toMatchObject({ outcome: 'acknowledged' })
  })
})
