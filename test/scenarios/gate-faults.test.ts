import { describe, expect } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import { auditOf } from './chains.ts'
import { configText, type Harness, type HarnessOptions, people, scenario } from './harness.ts'

const appScenario = scenario.extend<{ config: string; outside: Omit<HarnessOptions, 'config'> }>({
  config: people + configText,
  outside: { actsAs: 'app', gate: 'app' },
})

const tokenScenario = scenario.extend<{ config: string }>({ config: people + configText })

const tokenRoute = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments'

const reviewRoute = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule'

const github = ({ sandbox }: Harness) => sandbox.github.world

async function pushApproved(harness: Harness): Promise<void> {
  github(harness).push('main', { message: 'Show drafts to their authors', author: 'Ana' })
  await harness.shows('awaiting approval')
  await harness.clicks('U0BEN', 'approve')
  await harness.clicks('U0CHLOE', 'approve')
}

describe.concurrent('a review of a gate that goes wrong on its way', () => {
  appScenario(
    'a review that GitHub answers with 502 is sent again, and the run passes',
    async ({ harness }) => {
      harness.sandbox.github.faults.queue(reviewRoute, { kind: 'answer', status: 502, body: {} })
      await pushApproved(harness)
      expect(await harness.ends()).toBe('succeeded')
      const rows = await auditOf(harness.folder)
      const marks = rows.filter(({ what }) => what === 'opening marked')
      // A slow answer to the second review may be followed by a third, which GitHub refuses.
      expect(marks.length).toBeGreaterThanOrEqual(2)
      expect(rows.filter(({ what }) => what === 'other runs in progress')).toEqual([])
    },
  )

  appScenario('a review that a rate limit refuses is sent again, and the run passes', async ({ harness }) => {
    harness.sandbox.github.faults.queue(reviewRoute, {
      kind: 'answer',
      status: 403,
      headers: { 'retry-after': '1' },
      body: { message: 'You have exceeded a secondary rate limit' },
    })
    await pushApproved(harness)
    expect(await harness.ends()).toBe('succeeded')
  })

  appScenario(
    'a review of the App whose answer is lost is known to have arrived while a wait timer runs',
    async ({ harness }) => {
      const production = github(harness).repository().environment('production')!
      production.waitMs = 600_000
      harness.sandbox.github.faults.queue(reviewRoute, { kind: 'lost' })
      await pushApproved(harness)
      await harness.shows('running')
    },
  )

  tokenScenario(
    'a review of a required reviewer whose answer is lost is known to have arrived while a wait timer runs',
    async ({ harness }) => {
      const production = github(harness).repository().environment('production')!
      production.waitMs = 600_000
      production.reviewers = [account('twokey-bot')]
      harness.sandbox.github.faults.queue(tokenRoute, { kind: 'lost' })
      await pushApproved(harness)
      await harness.shows('running')
    },
  )
})

/** twokey waits longer than these outages last. */
const patientAppScenario = scenario.extend<{ config: string; outside: Omit<HarnessOptions, 'config'> }>({
  config: (people + configText).replace('settle: 1s', 'settle: 1m'),
  outside: { actsAs: 'app', gate: 'app' },
})

const reviews = (harness: Harness) =>
  github(harness)
    .repository()
    .runs.flatMap((run) => run.reviews)

// One after the other: all sandboxes of a process share the token of their App.
describe('a GitHub App that loses its rights while a run waits', () => {
  appScenario('a run whose rule is removed ends with its run, and is not opened', async ({ harness }) => {
    github(harness).push('main', { message: 'Show drafts to their authors', author: 'Ana' })
    await harness.shows('awaiting approval')
    github(harness).gates.disableRule()
    expect(await harness.ends()).toBe('failed')
    expect(reviews(harness)).toEqual([])
  })

  patientAppScenario(
    'a run waits while the installation is suspended, the thread says so, and it goes on afterwards',
    async ({ harness }) => {
      github(harness).push('main', { message: 'Show drafts to their authors', author: 'Ana' })
      await harness.shows('awaiting approval')
      github(harness).app.state = 'suspended'
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      await harness.threadPost(/suspended/)
      expect(reviews(harness)).toEqual([])
      github(harness).app.state = 'installed'
      expect(await harness.ends()).toBe('succeeded')
    },
  )
})

const push = (harness: Harness, files?: Record<string, string | null>) =>
  github(harness).push('main', {
    message: 'Show drafts to their authors',
    author: 'Ana',
    ...(files && { files: files as Record<string, string> }),
  })

describe('what goes wrong on GitHub while a run waits at a gate', () => {
  patientAppScenario(
    'a run waits while the quota is exhausted, is not opened meanwhile, and goes on afterwards',
    async ({ harness }) => {
      push(harness)
      await harness.shows('awaiting approval')
      const { rate } = github(harness)
      Object.assign(rate, { used: rate.limit, reset: Math.floor(Date.now() / 1000) + 6 })
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      await harness.sandbox.slack.until(() => /waiting|ready/.test(harness.cards().at(-1)!.text) || undefined)
      expect(reviews(harness)).toEqual([])
      expect(await harness.ends()).toBe('succeeded')
      expect(reviews(harness)).toHaveLength(1)
    },
  )

  patientAppScenario(
    'while GitHub is down nothing is opened; then a run that waited goes on, and one that came meanwhile is asked for',
    async ({ harness }) => {
      push(harness)
      await harness.shows('awaiting approval')
      const { log, faults } = harness.sandbox.github
      const down = { kind: 'answer', status: 503, body: { message: 'Service unavailable' } } as const
      for (const route of new Set([...log.exchanges.map(({ on }) => on), reviewRoute]))
        faults.queue(route, down, { times: 100_000 })
      push(harness)
      const [first] = harness.cards()
      for (const user of ['U0BEN', 'U0CHLOE']) await harness.clicks(user, 'approve', first)
      await harness.sandbox.slack.until(
        () => /could not be read/.test(JSON.stringify(harness.cards()[0])) || undefined,
      )
      expect(harness.cards()).toHaveLength(1)
      expect(reviews(harness)).toEqual([])
      faults.clear()
      await harness.sandbox.slack.until(
        () => (harness.cards().length === 2 && / succeeded/.test(harness.cards()[0]!.text)) || undefined,
      )
      await harness.shows('awaiting approval')
      expect(reviews(harness)).toHaveLength(1)
    },
  )

  appScenario(
    'a run whose workflow file is deleted on the branch meanwhile still needs its approvals, and is followed to its end',
    async ({ harness }) => {
      push(harness)
      await harness.shows('awaiting approval')
      push(harness, { '.github/workflows/deploy.yml': null })
      await harness.clicks('U0BEN', 'approve')
      expect(reviews(harness)).toEqual([])
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.cards()).toHaveLength(1)
    },
  )

  appScenario('a matrix that asks many times has one card and one review', async ({ harness }) => {
    push(harness, {
      '.github/workflows/deploy.yml': `on: { push: { branches: [main] } }
jobs:
  ship:
    strategy: { matrix: { part: [web, worker, cron] } }
    runs-on: ubuntu-latest
    environment: production
    steps: [{ run: echo ship }]
`,
    })
    await harness.shows('awaiting approval')
    const run = github(harness).repository().runs.at(-1)!
    expect(run.attempts.at(-1)!.jobs.filter(({ status }) => status === 'waiting')).toHaveLength(3)
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('unchanged')
    expect(reviews(harness)).toHaveLength(1)
    expect(harness.cards()).toHaveLength(1)
  })

  tokenScenario('the card shows when GitHub’s own wait timer ends', async ({ harness }) => {
    const production = github(harness).repository().environment('production')!
    Object.assign(production, { waitMs: 600_000, reviewers: [account('twokey-bot')] })
    push(harness)
    await harness.shows('awaiting approval')
    await harness.sandbox.slack.until(
      () => /GitHub’s own wait timer ends/.test(JSON.stringify(harness.cards().at(-1)!.blocks)) || undefined,
    )
  })
})
