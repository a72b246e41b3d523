import { describe, expect, vi } from 'vitest'
import type { Fault } from '../../src/sandbox/faults.ts'
import { patience } from '../../src/sandbox/pace.ts'
import { channel, stateOf, story, type Town } from './harness.ts'

type Does = (town: Town) => unknown

const people = ['U0ANA', 'U0BEN', 'U0CHLOE', 'U0APPROVER', 'U0ELI'] as const
const limited: Fault = {
  kind: 'answer',
  status: 429,
  headers: { 'retry-after': '1' },
  body: { ok: false, error: 'ratelimited' },
}
const broken: Fault = { kind: 'answer', status: 500, body: {} }
const answers = (town: Town) =>
  town.sandbox.slack.workspace.ephemerals().filter(({ from }) => from === 'app').length
const releaseIds = (town: Town) => town.cards().map(({ metadata }) => metadata?.event_payload.release_id)

/** Many ask at once while something happens; answers how many Slack counted as heard. */
const manyAsk = async (town: Town, meanwhile: Does) => {
  const asked = Array.from({ length: 30 }, (_, n) => town.says(people[n % people.length]!, '/deploy help'))
  await meanwhile(town)
  const outcomes = await Promise.all(asked)
  return outcomes.filter(({ outcome }) => outcome === 'acknowledged').length
}

describe.concurrent('connections that come and go lose nothing and double nothing', () => {
  story('one is refreshed while thirty ask: all are heard, each answered once', async ({ town }) => {
    const { sockets } = town.sandbox.slack
    await vi.waitUntil(() => sockets.open === 2, { timeout: patience })
    expect(await manyAsk(town, () => sockets.refresh())).toBe(30)
    await vi.waitUntil(() => answers(town) === 30, { timeout: patience })
    await vi.waitUntil(() => sockets.open === 2, { timeout: patience })
  })

  story(
    'all are cut while thirty ask: what was heard is answered once, and the bot comes back',
    async ({ town }) => {
      const { sockets } = town.sandbox.slack
      const heard = await manyAsk(town, () => sockets.drop())
      await vi.waitUntil(() => sockets.open > 0, { timeout: patience })
      await town.asks('U0ELI', '/deploy status')
      await vi.waitUntil(() => answers(town) >= heard + 1, { timeout: patience })
      expect(answers(town)).toBeLessThanOrEqual(31)
    },
  )

  story('refreshed again and again while a release is under way', async ({ town }) => {
    const { sockets } = town.sandbox.slack
    await town.approved()
    await sockets.refresh()
    await vi.waitUntil(() => sockets.open > 0, { timeout: patience })
    await sockets.refresh()
    expect(await town.ends()).toBe('succeeded')
  })

  story.for<[string, Parameters<Town['sandbox']['slack']['sockets']['troubles']['queue']>[0]]>([
    ['comes twice', { kind: 'twice' }],
    ['is heard, and its acknowledgement is not', { kind: 'deaf' }],
    ['has its connection cut behind it', { kind: 'cut' }],
    ['comes late', { kind: 'late', ms: 700 }],
  ])('an envelope that %s asks for one release, and turns one key', async ([, trouble], { town }) => {
    const { sockets } = town.sandbox.slack
    sockets.troubles.queue(trouble)
    await town.says('U0ANA', '/deploy prod')
    await vi.waitUntil(() => sockets.open > 0, { timeout: patience })
    if (town.cards().length === 0) await town.says('U0ANA', '/deploy prod')
    await town.shows('awaiting approval')
    sockets.troubles.queue(trouble)
    await town.presses('U0BEN', 'approve')
    await vi.waitUntil(() => sockets.open > 0, { timeout: patience })
    await town.presses('U0BEN', 'approve')
    await town.whispers('U0BEN', /already_approved/)
    expect(town.cards()).toHaveLength(1)
    expect(town.dispatches()).toBe(0)
    await town.presses('U0CHLOE', 'approve')
    expect(await town.ends()).toBe('succeeded')
    expect(town.dispatches()).toBe(1)
  })

  story('the person presses Enter again, since nothing seemed to happen', async ({ town }) => {
    await Promise.all([town.says('U0ANA', '/deploy prod'), town.says('U0ANA', '/deploy prod')])
    await town.whispers('U0ANA', /in_flight/)
    await town.shows('awaiting approval')
    expect(town.cards()).toHaveLength(1)
  })

  story('a bot that is stopped while it connects leaves no ear behind', async ({ town }) => {
    const { sockets } = town.sandbox.slack
    for (let n = 0; n < 5; n += 1) await town.restarts()
    await vi.waitUntil(() => sockets.open === 2, { timeout: patience })
    expect(await manyAsk(town, () => undefined)).toBe(30)
    await vi.waitUntil(() => answers(town) === 30, { timeout: patience })
  })
})

describe.concurrent('a Slack that does not take what is written gets it once in the end', () => {
  const each: readonly (readonly [string, Fault])[] = [
    ['answers 500', broken],
    ['cuts the connection', { kind: 'reset' }],
    ['takes it and cuts the connection', { kind: 'lost' }],
    ['takes it and answers 500', { kind: 'lost-after', status: 500 }],
    ['answers 429', limited],
    ['is slow', { kind: 'delay', ms: 1_200 }],
  ]

  story.for(each)('the card: Slack %s', async ([, fault], { town }) => {
    const { slack } = town.sandbox
    slack.faults.queue('chat.postMessage', fault)
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
    await town.tells(/Serving now/)
    expect(new Set(releaseIds(town)).size).toBe(1)
    expect(town.cards()).toHaveLength(1)
    const stories = town.cards()[0]!.replies.map(({ metadata }) => metadata?.event_payload.key)
    expect(new Set(stories).size).toBe(stories.length)
  })

  story(
    'the card, whose answer was lost, among messages that are more than twokey reads at once',
    async ({ town }) => {
      const { slack } = town.sandbox
      slack.faults.queue('chat.postMessage', { kind: 'lost' })
      await town.says('U0ANA', '/deploy prod')
      await town.shows('awaiting approval')
      for (let count = 0; count < 60; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 12))
        slack.workspace.post({ channel, user: 'U0BEN', text: '한'.repeat(40_000), blocks: [] })
      }
      await slack.until(() => town.cards()[0]?.edits === 1)
      await town.presses('U0BEN', 'approve')
      await town.presses('U0CHLOE', 'approve')
      expect(await town.ends()).toBe('succeeded')
      expect(town.cards()).toHaveLength(1)
    },
  )

  story.for(each)('the stories: Slack %s', async ([, fault], { town }) => {
    town.sandbox.slack.faults.queue('chat.postMessage', fault, { skip: 1, times: 2 })
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
    await town.tells(/Serving now/)
    const stories = town.cards()[0]!.replies.map(({ metadata }) => metadata?.event_payload.key)
    expect(new Set(stories).size).toBe(stories.length)
    expect(town.cards()).toHaveLength(1)
  })

  story.for(each)('its edits: Slack %s', async ([, fault], { town }) => {
    town.sandbox.slack.faults.queue('chat.update', fault, { times: 2 })
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
    expect(stateOf(town.cards()[0]!)).toMatch(/blog-api:44/)
    expect(town.cards()).toHaveLength(1)
  })

  story.for(each)('an answer: Slack %s', async ([, fault], { town }) => {
    town.sandbox.slack.faults.queue('response_url', fault)
    await town.says('U0ANA', '/deploy prd')
    await town.whispers('U0ANA', /Did you mean/)
  })

  story('an address for answers that has expired: the answer goes another way', async ({ town }) => {
    town.sandbox.slack.faults.queue('response_url', { kind: 'answer', status: 404, body: {} }, { times: 3 })
    await town.says('U0ANA', '/deploy prd')
    await town.whispers('U0ANA', /Did you mean/)
  })

  story('somebody deletes the card: it is posted anew', async ({ town }) => {
    const { workspace } = town.sandbox.slack
    await town.says('U0ANA', '/deploy prod')
    const card = await town.shows('awaiting approval')
    workspace.remove(workspace.message(channel, card.ts)!)
    await town.says('U0ANA', '/deploy cancel')
    await town.shows('cancelled')
    expect(town.cards()).toHaveLength(1)
  })
})

describe.concurrent('a Slack that does not say who people are', () => {
  story.for<[string, Fault]>([
    ['answers 500', broken],
    ['answers 429', limited],
    ['is cut off', { kind: 'reset' }],
  ])('%s once: the click counts all the same, once', async ([, fault], { town }) => {
    await town.says('U0ANA', '/deploy prod')
    await town.shows('awaiting approval')
    town.sandbox.slack.faults.queue('users.info', fault)
    await town.presses('U0BEN', 'approve')
    await town.presses('U0CHLOE', 'approve')
    expect(await town.ends()).toBe('succeeded')
    expect(town.dispatches()).toBe(1)
  })

  story('a click by one whom Slack cannot name turns no key', async ({ town }) => {
    const { slack } = town.sandbox
    await town.says('U0ANA', '/deploy prod')
    await town.shows('awaiting approval')
    await town.restarts()
    slack.faults.queue('users.info', {
      kind: 'answer',
      status: 200,
      body: { ok: false, error: 'user_not_found' },
    })
    await town.presses('U0APPROVER', 'approve')
    await town.whispers('U0APPROVER', /identity_unknown/)
    expect(town.dispatches()).toBe(0)
  })

  story.for<[string, Does]>([
    ['has left', ({ sandbox: { slack } }) => (slack.workspace.users.get('U0BEN')!.deleted = true)],
    ['was made a guest', ({ sandbox: { slack } }) => (slack.workspace.users.get('U0BEN')!.kind = 'guest')],
  ])('an approver who %s before he clicks turns no key', async ([, happens], { town }) => {
    await town.says('U0ANA', '/deploy prod')
    await town.shows('awaiting approval')
    happens(town)
    await town.restarts()
    await town.presses('U0BEN', 'approve')
    await town.whispers('U0BEN', /not_a_member/)
    await town.presses('U0CHLOE', 'approve')
    await vi.waitUntil(() => town.cards()[0]?.text.includes('1 of 2'), { timeout: patience })
    expect(town.dispatches()).toBe(0)
  })

  story(
    'an approver who left the group after his click is counted out before the dispatch',
    async ({ town }) => {
      await town.says('U0ANA', '/deploy prod')
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      await vi.waitUntil(() => town.cards()[0]?.text.includes('1 of 2'), { timeout: patience })
      town.sandbox.slack.workspace.groups.get('S0DEPLOYERS')!.members = ['U0CHLOE']
      await town.presses('U0CHLOE', 'approve')
      await town.tells(/no longer|does not count|dismissed|counts? no/i)
      await town.shows('awaiting approval')
      expect(town.dispatches()).toBe(0)
      await town.presses('U0APPROVER', 'approve')
      expect(await town.ends()).toBe('succeeded')
    },
  )
})
