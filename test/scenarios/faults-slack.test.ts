import { describe, expect, vi } from 'vitest'
import type { Fault } from '../../sandbox/faults.ts'
import { patience } from '../../sandbox/pace.ts'
import { channel, type Harness, scenario, stateOf } from './harness.ts'

type Does = (harness: Harness) => unknown

const people = ['U0ANA', 'U0BEN', 'U0CHLOE', 'U0APPROVER', 'U0ELI'] as const
const limited: Fault = {
  kind: 'answer',
  status: 429,
  headers: { 'retry-after': '1' },
  body: { ok: false, error: 'ratelimited' },
}
const broken: Fault = { kind: 'answer', status: 500, body: {} }
const answers = (harness: Harness) =>
  harness.sandbox.slack.workspace.ephemerals().filter(({ from }) => from === 'app').length
const releaseIds = (harness: Harness) =>
  harness.cards().map(({ metadata }) => metadata?.event_payload.release_id)

/** Many people send requests while something happens; returns how many of them Slack counted as acknowledged. */
const manyAsk = async (harness: Harness, meanwhile: Does) => {
  const asked = Array.from({ length: 30 }, (_, n) =>
    harness.types(people[n % people.length]!, '/deploy help'),
  )
  await meanwhile(harness)
  const outcomes = await Promise.all(asked)
  return outcomes.filter(({ outcome }) => outcome === 'acknowledged').length
}

describe.concurrent('connections to Slack that close and open', () => {
  scenario('answers each of thirty requests once while a connection is refreshed', async ({ harness }) => {
    const { sockets } = harness.sandbox.slack
    await vi.waitUntil(() => sockets.open === 2, { timeout: patience })
    expect(await manyAsk(harness, () => sockets.refresh())).toBe(30)
    await vi.waitUntil(() => answers(harness) === 30, { timeout: patience })
    await vi.waitUntil(() => sockets.open === 2, { timeout: patience })
  })

  scenario(
    'answers each received request once after all connections were cut, and reconnects',
    async ({ harness }) => {
      const { sockets } = harness.sandbox.slack
      const heard = await manyAsk(harness, () => sockets.drop())
      await vi.waitUntil(() => sockets.open > 0, { timeout: patience })
      await harness.answerTo('U0ELI', '/deploy status')
      await vi.waitUntil(() => answers(harness) >= heard + 1, { timeout: patience })
      expect(answers(harness)).toBeLessThanOrEqual(31)
    },
  )

  scenario('completes a release while connections are refreshed again and again', async ({ harness }) => {
    const { sockets } = harness.sandbox.slack
    await harness.approved()
    await sockets.refresh()
    await vi.waitUntil(() => sockets.open > 0, { timeout: patience })
    await sockets.refresh()
    expect(await harness.ends()).toBe('succeeded')
  })

  scenario.for<[string, Parameters<Harness['sandbox']['slack']['sockets']['troubles']['queue']>[0]]>([
    ['comes twice', { kind: 'twice' }],
    ['is received, and its acknowledgement is lost', { kind: 'deaf' }],
    ['is followed by a cut of its connection', { kind: 'cut' }],
    ['comes late', { kind: 'late', ms: 700 }],
  ])('counts a request and an approval once if the envelope %s', async ([, trouble], { harness }) => {
    const { sockets } = harness.sandbox.slack
    sockets.troubles.queue(trouble)
    await harness.types('U0ANA', '/deploy prod')
    await vi.waitUntil(() => sockets.open > 0, { timeout: patience })
    if (harness.cards().length === 0) await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    sockets.troubles.queue(trouble)
    await harness.clicks('U0BEN', 'approve')
    await vi.waitUntil(() => sockets.open > 0, { timeout: patience })
    await harness.clicks('U0BEN', 'approve')
    await harness.ephemeral('U0BEN', /already_approved/)
    expect(harness.cards()).toHaveLength(1)
    expect(harness.dispatches()).toBe(0)
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.dispatches()).toBe(1)
  })

  scenario(
    'creates one release if the person sends the command twice because nothing seemed to happen',
    async ({ harness }) => {
      await Promise.all([harness.types('U0ANA', '/deploy prod'), harness.types('U0ANA', '/deploy prod')])
      await harness.ephemeral('U0ANA', /in_flight/)
      await harness.shows('awaiting approval')
      expect(harness.cards()).toHaveLength(1)
    },
  )

  scenario('closes its connections if the bot is stopped while it connects', async ({ harness }) => {
    const { sockets } = harness.sandbox.slack
    for (let n = 0; n < 5; n += 1) await harness.restarts()
    await vi.waitUntil(() => sockets.open === 2, { timeout: patience })
    expect(await manyAsk(harness, () => undefined)).toBe(30)
    await vi.waitUntil(() => answers(harness) === 30, { timeout: patience })
  })
})

describe.concurrent('writes to Slack that fail', () => {
  const each: readonly (readonly [string, Fault])[] = [
    ['answers 500', broken],
    ['cuts the connection', { kind: 'reset' }],
    ['carries it out and cuts the connection', { kind: 'lost' }],
    ['carries it out and answers 500', { kind: 'lost-after', status: 500 }],
    ['answers 429', limited],
    ['is slow', { kind: 'delay', ms: 1_200 }],
  ]

  scenario.for(each)('posts a card once although Slack %s', async ([, fault], { harness }) => {
    const { slack } = harness.sandbox
    slack.faults.queue('chat.postMessage', fault)
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    await harness.threadPost(/Serving now/)
    expect(new Set(releaseIds(harness)).size).toBe(1)
    expect(harness.cards()).toHaveLength(1)
    const posts = harness.cards()[0]!.replies.map(({ metadata }) => metadata?.event_payload.key)
    expect(new Set(posts).size).toBe(posts.length)
  })

  scenario(
    'finds a card whose answer was lost among more messages than one answer can hold',
    async ({ harness }) => {
      const { slack } = harness.sandbox
      slack.faults.queue('chat.postMessage', { kind: 'lost' })
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      for (let count = 0; count < 60; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 12))
        slack.workspace.post({ channel, user: 'U0BEN', text: '한'.repeat(40_000), blocks: [] })
      }
      await slack.until(() => harness.cards()[0]?.edits === 1)
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.cards()).toHaveLength(1)
    },
  )

  scenario.for(each)('posts each thread post once although Slack %s', async ([, fault], { harness }) => {
    harness.sandbox.slack.faults.queue('chat.postMessage', fault, { skip: 1, times: 2 })
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    await harness.threadPost(/Serving now/)
    const posts = harness.cards()[0]!.replies.map(({ metadata }) => metadata?.event_payload.key)
    expect(new Set(posts).size).toBe(posts.length)
    expect(harness.cards()).toHaveLength(1)
  })

  scenario.for(each)('edits the card to its end although Slack %s', async ([, fault], { harness }) => {
    harness.sandbox.slack.faults.queue('chat.update', fault, { times: 2 })
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    expect(stateOf(harness.cards()[0]!)).toMatch(/blog-api:44/)
    expect(harness.cards()).toHaveLength(1)
  })

  scenario.for(each)('answers the person although Slack %s', async ([, fault], { harness }) => {
    harness.sandbox.slack.faults.queue('response_url', fault)
    await harness.types('U0ANA', '/deploy prd')
    await harness.ephemeral('U0ANA', /Did you mean/)
  })

  scenario('answers a person another way if the response_url has expired', async ({ harness }) => {
    harness.sandbox.slack.faults.queue(
      'response_url',
      { kind: 'answer', status: 404, body: {} },
      { times: 3 },
    )
    await harness.types('U0ANA', '/deploy prd')
    await harness.ephemeral('U0ANA', /Did you mean/)
  })

  scenario('posts a card again that a person deleted', async ({ harness }) => {
    const { workspace } = harness.sandbox.slack
    await harness.types('U0ANA', '/deploy prod')
    const card = await harness.shows('awaiting approval')
    workspace.remove(workspace.message(channel, card.ts)!)
    await harness.types('U0ANA', '/deploy cancel')
    await harness.shows('cancelled')
    expect(harness.cards()).toHaveLength(1)
  })
})

describe.concurrent('identity lookups in Slack that fail', () => {
  scenario.for<[string, Fault]>([
    ['answers 500', broken],
    ['answers 429', limited],
    ['is cut off', { kind: 'reset' }],
  ])('counts the click once although Slack %s once', async ([, fault], { harness }) => {
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    harness.sandbox.slack.faults.queue('users.info', fault)
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.dispatches()).toBe(1)
  })

  scenario('counts no approval by a person whom Slack cannot identify', async ({ harness }) => {
    const { slack } = harness.sandbox
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.restarts()
    slack.faults.queue('users.info', {
      kind: 'answer',
      status: 200,
      body: { ok: false, error: 'user_not_found' },
    })
    await harness.clicks('U0APPROVER', 'approve')
    await harness.ephemeral('U0APPROVER', /identity_unknown/)
    expect(harness.dispatches()).toBe(0)
  })

  scenario.for<[string, Does]>([
    ['has left', ({ sandbox: { slack } }) => (slack.workspace.users.get('U0BEN')!.deleted = true)],
    ['was made a guest', ({ sandbox: { slack } }) => (slack.workspace.users.get('U0BEN')!.kind = 'guest')],
  ])('counts no approval by an approver who %s before the click', async ([, happens], { harness }) => {
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    happens(harness)
    await harness.restarts()
    await harness.clicks('U0BEN', 'approve')
    await harness.ephemeral('U0BEN', /not_a_member/)
    await harness.clicks('U0CHLOE', 'approve')
    await vi.waitUntil(() => harness.cards()[0]?.text.includes('1 of 2'), { timeout: patience })
    expect(harness.dispatches()).toBe(0)
  })

  scenario(
    'does not count an approver who left the group between the click and the dispatch',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await vi.waitUntil(() => harness.cards()[0]?.text.includes('1 of 2'), { timeout: patience })
      harness.sandbox.slack.workspace.groups.get('S0DEPLOYERS')!.members = ['U0CHLOE']
      await harness.clicks('U0CHLOE', 'approve')
      await harness.threadPost(/no longer|does not count|dismissed|counts? no/i)
      await harness.shows('awaiting approval')
      expect(harness.dispatches()).toBe(0)
      await harness.clicks('U0APPROVER', 'approve')
      expect(await harness.ends()).toBe('succeeded')
    },
  )
})
