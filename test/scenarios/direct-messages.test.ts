import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import type { Thread } from '../../sandbox/slack/entities.ts'
import { channel, configText, type Harness, scenario } from './harness.ts'

const configured = scenario.extend<{ config: string }>({
  config: configText.replace('}', ', directMessages: { approvers: true, requester: true } }'),
})

/** The direct messages of a person, oldest first. */
function directsTo({ sandbox }: Harness, user: string): readonly Thread[] {
  const { workspace } = sandbox.slack
  return workspace.messages(workspace.dm(user).id)
}

/** Waits until this person has a direct message with these words in its text. */
function direct(harness: Harness, user: string, words: RegExp): Promise<Thread> {
  return harness.sandbox.slack.until(() => directsTo(harness, user).find(({ text }) => words.test(text)))
}

/** How many direct messages each person has, those without any left out. */
function counts(harness: Harness): Readonly<Record<string, number>> {
  const { users } = harness.sandbox.slack.workspace
  const all = [...users.keys()].map((id) => [id, directsTo(harness, id).length] as const)
  return Object.fromEntries(all.filter(([, count]) => count > 0))
}

/** Ana's deploy with two approvals, until all that follows from it was sent. */
async function shipped(harness: Harness): Promise<void> {
  await harness.approved()
  expect(await harness.ends()).toBe('succeeded')
  await harness.threadPost(/Deployed/)
  await harness.restarts()
}

/** Adds people who may approve, as members of the user group. */
function crowd({ sandbox }: Harness, ids: readonly string[]): void {
  const { users, groups, channels } = sandbox.slack.workspace
  for (const id of ids) {
    users.set(id, { ...users.get('U0ELI')!, id, name: id })
    channels.get(channel)!.members.add(id)
  }
  groups.get('S0DEPLOYERS')!.members = [...ids]
}

describe('direct messages that nobody asked for', () => {
  scenario('sends none by default', async ({ harness }) => {
    await shipped(harness)
    expect(counts(harness)).toEqual({})
  })

  configured(
    'asks every approver once, and tells the requester the end, with a link to the card',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      const card = await harness.shows('awaiting approval')
      const asked = await direct(harness, 'U0BEN', /^blog-api prod: awaiting approval/)
      expect(asked.text).toContain('<@U0ANA> wants to deploy')
      expect(asked.text).toContain('2 more approvals')
      const permalink = `https://twokey-sandbox.slack.com/archives/${channel}/p${card.ts.replace('.', '')}`
      expect(JSON.stringify(asked.blocks)).toContain(`<${permalink}|Open the card>`)
      expect(asked.blocks.map(({ type }) => type)).toEqual(['section', 'context'])
      await direct(harness, 'U0CHLOE', /awaiting approval/)
      await direct(harness, 'U0APPROVER', /awaiting approval/)
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      const ended = await direct(harness, 'U0ANA', /^blog-api prod: succeeded/)
      await harness.threadPost(/Deployed/)
      const [headline] = JSON.stringify(harness.cards().at(-1)?.blocks[0]?.text).split('\\n')
      expect(headline).toContain('Deployed blog-api')
      expect(JSON.stringify(ended.blocks[0]?.text)).toContain(headline)
      expect(JSON.stringify(ended.blocks)).toContain(permalink)
      await harness.restarts()
      // Neither the guest nor the person who has left, both of whom are in the group.
      expect(counts(harness)).toEqual({ U0BEN: 1, U0CHLOE: 1, U0APPROVER: 1, U0ANA: 1 })
    },
  )

  configured(
    'asks ten of twelve approvers: those who want it first, then in the order of the list',
    async ({ harness }) => {
      const ids = Array.from({ length: 11 }, (_, index) => `U0MANY${String.fromCharCode(65 + index)}`)
      crowd(harness, ids)
      await harness.answerTo('U0MANYK', '/deploy notify on')
      await harness.types('U0ANA', '/deploy prod')
      await harness.sandbox.slack.until(() => Object.keys(counts(harness)).length === 10)
      await harness.restarts()
      const expected = ['U0MANYK', 'U0APPROVER', ...ids.slice(0, 8)]
      expect(counts(harness)).toEqual(Object.fromEntries(expected.map((id) => [id, 1])))
    },
  )

  configured('sends none once no approval is missing', async ({ harness }) => {
    const { slack } = harness.sandbox
    slack.faults.queue('chat.postMessage', { kind: 'answer', status: 503 })
    await harness.types('U0ANA', '/deploy prod')
    while (slack.log.of('chat.postMessage').length === 0) await pause(5)
    await harness.types('U0ANA', '/deploy cancel')
    await harness.shows('cancelled')
    await direct(harness, 'U0ANA', /^blog-api prod: cancelled/)
    await harness.restarts()
    expect(counts(harness)).toEqual({ U0ANA: 1 })
  })

  configured(
    'asks nobody of an environment without approvals, and tells the requester',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy dev')
      expect(await harness.ends()).toBe('succeeded')
      await direct(harness, 'U0ANA', /^blog-api dev: succeeded/)
      await harness.restarts()
      expect(counts(harness)).toEqual({ U0ANA: 1 })
    },
  )
})

describe('/deploy notify', () => {
  configured('off turns off what the config says, also after a restart', async ({ harness }) => {
    expect(await harness.answerTo('U0BEN', '/deploy notify')).toMatch(/You get direct messages when/)
    expect(await harness.answerTo('U0BEN', '/deploy notify off')).toMatch(/are off for you/)
    expect(await harness.answerTo('U0ANA', '/deploy notify off')).toMatch(/are off for you/)
    await harness.restarts()
    expect(await harness.answerTo('U0BEN', '/deploy notify')).toMatch(/are off for you/)
    await harness.types('U0ANA', '/deploy prod')
    await direct(harness, 'U0CHLOE', /awaiting approval/)
    await direct(harness, 'U0APPROVER', /awaiting approval/)
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    await harness.threadPost(/Deployed/)
    await harness.restarts()
    expect(counts(harness)).toEqual({ U0CHLOE: 1, U0APPROVER: 1 })
  })

  scenario('on asks for what the config does not send, for oneself alone', async ({ harness }) => {
    expect(await harness.answerTo('U0BEN', '/deploy notify')).toMatch(/You get no direct messages/)
    for (const user of ['U0BEN', 'U0ANA', 'U0ELI'])
      expect(await harness.answerTo(user, '/deploy notify on')).toMatch(/are on for you/)
    await harness.types('U0ANA', '/deploy prod')
    await direct(harness, 'U0BEN', /awaiting approval/)
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    await harness.threadPost(/Deployed/)
    await harness.restarts()
    expect(counts(harness)).toEqual({ U0BEN: 1, U0ANA: 1 })
  })

  scenario('refuses guests, and deploys nothing for a mistyped choice', async ({ harness }) => {
    expect(await harness.answerTo('U0GUS', '/deploy notify on')).toMatch(
      /twokey does not send you direct messages.*guests/,
    )
    expect(await harness.answerTo('U0BEN', '/deploy notify of')).toMatch(/Did you mean.*notify off/)
    expect(harness.cards()).toEqual([])
  })
})
