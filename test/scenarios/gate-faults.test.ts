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
