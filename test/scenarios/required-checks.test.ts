import { describe, expect, vi } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import { patience } from '../../sandbox/pace.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { channel, configText, type Harness, scenario } from './harness.ts'

const sha = mainCommits.at(-1)!.sha
const required = configText.replace('    notify:', '    checks: required\n    notify:')
const checksScenario = scenario.extend<{ config: string }>({ config: required })
const redCommitScenario = scenario.extend<{ config: string }>({
  config: required.replace(
    '    notify:',
    '    redCommit: { approvals: 3 }\n    emergency: { approvals: { required: 1 } }\n    notify:',
  ),
})

const github = ({ sandbox }: Harness) => sandbox.github.world
const status = (harness: Harness, state: 'success' | 'failure' | 'pending', context = 'ci/e2e', at = sha) =>
  github(harness).status(at, { context, state })

/** The newest card says this. */
const cardSays = (harness: Harness, words: RegExp) =>
  vi.waitUntil(() => words.test(JSON.stringify(harness.cards().at(-1)?.blocks)), { timeout: patience })

describe.concurrent('an environment that requires passed checks', () => {
  checksScenario('a commit with green checks is deployed', async ({ harness }) => {
    status(harness, 'success')
    github(harness).check(sha, { name: 'lint', conclusion: 'success' })
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
  })

  checksScenario(
    'a red commit is refused, with what failed, a link and the next step',
    async ({ harness }) => {
      status(harness, 'success', 'ci/lint')
      status(harness, 'failure')
      const refused = await harness.answerTo('U0ANA', '/deploy prod')
      expect(refused).toContain('checks_failed')
      expect(refused).toContain('ci/e2e')
      expect(refused).toContain(`/myorg/blog-api/commit/${sha}/checks|The checks on GitHub>`)
      expect(refused).toContain('push a commit that passes')
      expect(harness.cards()).toEqual([])
    },
  )

  checksScenario('only what GitHub requires for the branch counts', async ({ harness }) => {
    const { requiredChecks } = github(harness).repository()
    requiredChecks.push({ branch: 'main', by: 'protection', contexts: ['ci/lint'] })
    status(harness, 'success', 'ci/lint')
    status(harness, 'failure', 'ci/flaky')
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
  })

  checksScenario('pending checks hold the dispatch back until they pass', async ({ harness }) => {
    status(harness, 'pending')
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await cardSays(harness, /Required checks are pending: ci\/e2e/)
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    await cardSays(harness, /Waiting for:\* required checks to pass: ci\/e2e/)
    expect(harness.dispatches()).toBe(0)
    status(harness, 'success')
    expect(await harness.ends()).toBe('succeeded')
  })

  checksScenario(
    'a commit without any checks is not deployed before one is reported',
    async ({ harness }) => {
      await harness.approved()
      await cardSays(harness, /to be reported: there are none/)
      expect(harness.dispatches()).toBe(0)
      status(harness, 'success')
      expect(await harness.ends()).toBe('succeeded')
    },
  )

  checksScenario('a commit that turns red before it is sent ends failed', async ({ harness }) => {
    status(harness, 'pending')
    await harness.approved()
    await cardSays(harness, /required checks to pass/)
    status(harness, 'failure')
    expect(await harness.ends()).toBe('failed')
    await cardSays(harness, /failed: .{0,3}ci\/e2e.{0,3}; nothing was sent/)
    expect(harness.dispatches()).toBe(0)
  })

  checksScenario('checks that the token may not read are no green ones', async ({ harness }) => {
    github(harness).check(sha, { name: 'lint', conclusion: 'success' })
    const { tokens } = github(harness)
    for (const [token, access] of tokens)
      if ('permissions' in access)
        tokens.set(token, { ...access, permissions: { ...access.permissions, checks: 'none' } })
    const refused = await harness.answerTo('U0ANA', '/deploy prod')
    expect(refused).toContain('checks_unreadable')
    expect(refused).toContain('may not read checks')
  })

  checksScenario('checks that cannot be read now refuse the request', async ({ harness }) => {
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/status'
    const answer = { kind: 'answer', status: 502, body: { message: 'no' } } as const
    harness.sandbox.github.faults.queue(route, answer, { times: 20 })
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toContain('cannot_see')
    expect(harness.cards()).toEqual([])
  })

  checksScenario('a rollback is exempt', async ({ harness }) => {
    status(harness, 'failure')
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
  })

  checksScenario(
    'a push of a red commit is rejected at the gate at once, with the reason',
    async ({ harness }) => {
      github(harness).repository().environment('production')!.reviewers = [account('twokey-bot')]
      const pushed = github(harness).push('main', { message: 'Break the tests', author: 'Ana' })
      status(harness, 'failure', 'ci/e2e', pushed)
      const notice = await vi.waitUntil(
        () =>
          harness.sandbox.slack.workspace
            .messages(channel)
            .find(({ metadata }) => metadata?.event_type === 'twokey_notice'),
        { timeout: patience },
      )
      expect(notice.text).toMatch(/rejected at the gate of prod[\s\S]*ci\/e2e/)
      expect(harness.cards()).toEqual([])
    },
  )
})

describe.concurrent('an environment where a red commit needs three approvals', () => {
  redCommitScenario(
    'a red commit is deployed with three approvals, and the card warns',
    async ({ harness }) => {
      status(harness, 'failure')
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await cardSays(harness, /Required checks failed:\* ci\/e2e.*Needs 3 approvals instead of 2/)
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      await harness.shows('awaiting approval')
      expect(harness.dispatches()).toBe(0)
      await harness.clicks('U0APPROVER', 'approve')
      expect(await harness.ends()).toBe('succeeded')
    },
  )

  redCommitScenario('a commit that turns red is asked for again', async ({ harness }) => {
    status(harness, 'pending')
    await harness.approved()
    await cardSays(harness, /required checks to pass/)
    status(harness, 'failure')
    await harness.threadPost(/checks of .* failed/)
    await harness.shows('awaiting approval')
    for (const by of ['U0BEN', 'U0CHLOE', 'U0APPROVER']) await harness.clicks(by, 'approve')
    expect(await harness.ends()).toBe('succeeded')
  })

  redCommitScenario('an emergency deploy is exempt', async ({ harness }) => {
    status(harness, 'failure')
    await harness.types('U0ANA', '/deploy prod --emergency checkout is down')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    expect(await harness.ends()).toBe('succeeded')
  })
})
