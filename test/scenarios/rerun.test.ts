import { describe, expect, vi } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import type { Run } from '../../sandbox/github/runs.ts'
import { patience } from '../../sandbox/pace.ts'
import { auditOf } from './chains.ts'
import {
  channel,
  configText,
  type Harness,
  type HarnessOptions,
  people,
  rerunRoute,
  scenario,
  stateOf,
} from './harness.ts'

const github = ({ sandbox }: Harness) => sandbox.github.world
const lastRun = (harness: Harness): Run => github(harness).repository().runs.at(-1)!
const reruns = (harness: Harness) => harness.sandbox.github.log.of(rerunRoute)

const notices = ({ sandbox }: Harness) =>
  sandbox.slack.workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'twokey_notice')

/** Ana's deploy has failed at a step of its run. */
async function failedAt(harness: Harness, step: string): Promise<Run> {
  github(harness).next = { failStep: step }
  await harness.approved()
  expect(await harness.ends()).toBe('failed')
  await offers(harness)
  return lastRun(harness)
}

/** The newest card has the button. */
const offers = (harness: Harness) =>
  harness.sandbox.slack.until(() => {
    const card = harness.cards().at(-1)
    return card && JSON.stringify(card.blocks).includes('twokey:re-run') ? card : undefined
  })

/** Somebody clicks it, and a new card asks for approvals. */
async function asks(harness: Harness, user = 'U0ANA') {
  const before = harness.cards().length
  await harness.clicks(user, 're-run')
  await vi.waitUntil(() => harness.cards().length === before + 1, { timeout: patience })
  return harness.shows('awaiting approval')
}

async function approves(harness: Harness): Promise<void> {
  await harness.clicks('U0BEN', 'approve')
  await harness.clicks('U0CHLOE', 'approve')
}

describe.concurrent('Re-run failed jobs', () => {
  scenario(
    'a re-run ships the commit as attempt 2 of the same run, with its own approvals, under the id of the first release',
    async ({ harness }) => {
      const run = await failedAt(harness, 'Build')
      const card = await asks(harness)
      for (const fact of ['attempt 2', `#${run.number}`, '1 failed job', 're-running the failed jobs'])
        expect(card.text).toContain(fact)
      await harness.clicks('U0BEN', 'approve')
      expect(reruns(harness)).toEqual([])
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      expect(reruns(harness).map(({ status }) => status)).toEqual([201])
      expect(harness.dispatches()).toBe(1)
      expect(run.attempts).toHaveLength(2)
      expect(harness.serving()).toBe('blog-api:44')
      const [first, second] = harness.cards()
      expect(stateOf(first!)).toMatch(/^failed/)
      const id = String(first!.metadata!.event_payload.release_id)
      const { taskDefinition } = harness.sandbox.aws.world.service('blog-cluster-prod', 'blog-api')!
      expect(JSON.stringify(taskDefinition)).toContain(id)
      expect(notices(harness)).toEqual([])
      expect(JSON.stringify(first)).not.toContain('started again on GitHub')
      const rows = await auditOf(harness.folder)
      const mine = rows.filter(({ chain }) => chain === second!.metadata!.event_payload.release_id)
      expect(mine.map(({ what }) => what)).toEqual(
        expect.arrayContaining(['rerun marked', 'rerun accepted', 'run found', 'ended succeeded']),
      )
    },
  )

  scenario(
    'the card says before people approve that the migration may be applied in part',
    async ({ harness }) => {
      const { migrations } = harness.sandbox.aws.world
      migrations.next({ kind: 'exits', code: 3, log: ['ERROR: relation "drafts" is missing'] })
      await harness.approved()
      expect(await harness.ends()).toBe('failed')
      await offers(harness)
      const card = await asks(harness)
      expect(card.text).toMatch(/migration of attempt 1 failed and may have been applied in part/)
      await approves(harness)
      expect(await harness.ends()).toBe('succeeded')
      expect(reruns(harness)).toHaveLength(1)
    },
  )
})

describe.concurrent('a re-run that is refused', () => {
  const refused = async (harness: Harness, words: RegExp, card = harness.cards()[0]) => {
    await harness.clicks('U0ANA', 're-run', card)
    expect(await harness.ephemeral('U0ANA', words)).toContain('/deploy prod blog-api')
    expect(reruns(harness)).toEqual([])
  }

  scenario('a re-run is refused once another release was sent there', async ({ harness }) => {
    await failedAt(harness, 'Build')
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    const id = String(harness.cards()[1]!.metadata!.event_payload.release_id)
    await refused(harness, new RegExp(`release ${id} was sent to blog-api in prod after this one`))
    expect(harness.cards()).toHaveLength(2)
  })

  scenario(
    'a re-run is refused once somebody deployed another revision outside twokey',
    async ({ harness }) => {
      await failedAt(harness, 'Build')
      await harness.ecs.updateService({
        cluster: 'blog-cluster-prod',
        service: 'blog-api',
        taskDefinition: 'blog-api:41',
      })
      await refused(harness, /blog-api:41 was deployed to blog-api in prod after this release/)
    },
  )

  scenario('a re-run is refused once somebody has started the run again on GitHub', async ({ harness }) => {
    const run = await failedAt(harness, 'Build')
    github(harness).next = { failStep: 'Build' }
    // At once, while the card still offers what GitHub no longer allows.
    github(harness).rerun(run.id, 'chloe')
    await refused(harness, /chloe.{0,3} started attempt 2 of the run on GitHub|only the card of a release/)
  })

  scenario('a re-run is refused after 30 days', async ({ harness }) => {
    const run = await failedAt(harness, 'Build')
    Object.assign(run, { createdAt: Date.now() - 31 * 24 * 60 * 60_000 })
    await refused(harness, /more than 30 days old/)
  })

  scenario('a re-run is refused to a guest, and while prod is locked', async ({ harness }) => {
    await failedAt(harness, 'Build')
    await harness.types('U0BEN', '/deploy lock prod the database is being moved')
    await harness.clicks('U0ANA', 're-run')
    await harness.ephemeral('U0ANA', /the database is being moved/)
    expect(reruns(harness)).toEqual([])
    await harness.clicks('U0GUS', 're-run', harness.cards()[0])
    await harness.ephemeral('U0GUS', /guest/)
    expect(harness.cards()).toHaveLength(1)
  })
})

describe.concurrent('a re-run that meets another one', () => {
  scenario(
    'a re-run ends while it waits for approvals once somebody starts the run on GitHub',
    async ({ harness }) => {
      const run = await failedAt(harness, 'Build')
      await asks(harness)
      github(harness).next = { failStep: 'Build' }
      github(harness).rerun(run.id, 'chloe')
      expect(await harness.ends()).toBe('superseded')
      expect(harness.cards().at(-1)!.text).toMatch(/chloe.? started attempt 2 of the run on GitHub/i)
      expect(reruns(harness)).toEqual([])
    },
  )

  scenario(
    'a re-run claims no attempt of somebody else if the answer of GitHub is lost',
    async ({ harness }) => {
      const run = await failedAt(harness, 'Build')
      await asks(harness)
      // GitHub never received it, and Chloe starts the run at the same moment.
      harness.sandbox.github.faults.queue(rerunRoute, { kind: 'reset' })
      await approves(harness)
      await vi.waitUntil(() => reruns(harness).length === 1, { timeout: patience })
      github(harness).next = { failStep: 'Build' }
      github(harness).rerun(run.id, 'chloe')
      expect(await harness.ends()).toBe('unknown')
      expect(harness.cards().at(-1)!.text).toContain('attempt 2 by chloe')
      expect(reruns(harness)).toHaveLength(1)
    },
  )

  scenario('a re-run finds its own attempt if the answer of GitHub is lost', async ({ harness }) => {
    const run = await failedAt(harness, 'Build')
    await asks(harness)
    harness.sandbox.github.faults.queue(rerunRoute, { kind: 'lost' })
    await approves(harness)
    expect(await harness.ends()).toBe('succeeded')
    expect(reruns(harness)).toHaveLength(1)
    expect(run.attempts).toHaveLength(2)
  })

  scenario('a re-run fails with the words of GitHub if GitHub refuses it', async ({ harness }) => {
    await failedAt(harness, 'Build')
    await asks(harness)
    harness.sandbox.github.faults.queue(rerunRoute, {
      kind: 'answer',
      status: 403,
      body: { message: 'This workflow is already running' },
    })
    await approves(harness)
    expect(await harness.ends()).toBe('failed')
    expect(harness.cards().at(-1)!.text).toContain(
      'GitHub did not run the failed jobs again: This workflow is already running (403): somebody has started the run again',
    )
    expect(reruns(harness)).toHaveLength(1)
    // Nothing was started, so the card of the failed release still offers it.
    await harness.clicks('U0ANA', 're-run', harness.cards()[0])
    await vi.waitUntil(() => harness.cards().length === 3, { timeout: patience })
    await harness.shows('awaiting approval')
  })
})

const pushScenario = scenario.extend<{ config: string }>({ config: people + configText })
const appScenario = pushScenario.extend<{ outside: Omit<HarnessOptions, 'config'> }>({
  outside: { actsAs: 'app', gate: 'app', hasWebhook: true },
})

/** Ana's push failed behind the gate, and its failed job runs again with approvals of its own. */
async function runsPushAgain(harness: Harness): Promise<Run> {
  github(harness).next = { failStep: 'Build' }
  github(harness).push('main', { message: 'Show drafts to their authors', author: 'Ana' })
  await harness.shows('awaiting approval')
  await approves(harness)
  expect(await harness.ends()).toBe('failed')
  const failed = await offers(harness)
  expect(failed.text).toContain('press Re-run failed jobs')
  await asks(harness)
  const run = lastRun(harness)
  expect(run.attempts).toHaveLength(1)
  await approves(harness)
  expect(await harness.ends()).toBe('succeeded')
  expect(reruns(harness)).toHaveLength(1)
  expect(harness.cards()).toHaveLength(2)
  expect(harness.dispatches()).toBe(0)
  expect(notices(harness)).toEqual([])
  return run
}

describe('a push whose run failed behind its gate', () => {
  pushScenario(
    'a push passes the gate of its new attempt with the approvals of the re-run, as a required reviewer',
    async ({ harness }) => {
      const production = github(harness).repository().environment('production')!
      production.reviewers = [account('twokey-bot')]
      const run = await runsPushAgain(harness)
      expect(run.reviews).toMatchObject([
        { attempt: 1, state: 'approved' },
        { attempt: 2, state: 'approved', comment: expect.stringMatching(/ben.*chloe/) },
      ])
    },
  )

  appScenario(
    'a push passes it as a GitHub App with a protection rule, told by webhooks',
    async ({ harness }) => {
      const run = await runsPushAgain(harness)
      expect(run.attempts.map(({ conclusion }) => conclusion)).toEqual(['failure', 'success'])
      expect(run.attempts[1]!.actor.login).toBe('twokey[bot]')
    },
  )
})
