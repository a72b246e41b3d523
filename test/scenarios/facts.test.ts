import { describe, expect, vi } from 'vitest'
import { permissions } from '../../sandbox/github/access.ts'
import { account } from '../../sandbox/github/people.ts'
import { patience } from '../../sandbox/pace.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { auditOf } from './chains.ts'
import { configText, type Harness, scenario, stateOf } from './harness.ts'

const tip = mainCommits.at(-1)!.sha

/** The card that is newest once there are this many of them. */
async function cardOf(harness: Harness, number: number) {
  await harness.sandbox.slack.until(() => harness.cards().length === number)
  const card = await harness.shows('awaiting approval')
  return { ...card, words: JSON.stringify(card.blocks) }
}

async function approved(harness: Harness): Promise<void> {
  await harness.clicks('U0BEN', 'approve')
  await harness.clicks('U0CHLOE', 'approve')
}

describe.concurrent('what an approver sees of a deploy', () => {
  scenario('the card shows the checks, the size, and migrations among the changes', async ({ harness }) => {
    const { world } = harness.sandbox.github
    const files = { 'db/migrate/1_add_slug.sql': 'alter table posts add slug text;\n' }
    const sha = world.push('main', { message: 'Add slugs', files })
    world.check(sha, { name: 'unit', conclusion: 'success' })
    world.status(sha, { context: 'ci/e2e', state: 'failure' })
    await harness.types('U0ANA', '/deploy prod')
    const { words, text } = await cardOf(harness, 1)
    expect(words).toContain(':x: *CI failed:* ci/e2e')
    expect(words).toMatch(/\d files?, \+\d+ −\d+/)
    expect(words).toContain('*Changes the database:* 1 migration file')
    expect(text).toContain('CI failed:')
  })

  scenario(
    'a deploy whose checks and changes cannot be read says so on the card, and can be approved',
    async ({ harness }) => {
      const { world } = harness.sandbox.github
      world.diffs = 'too long'
      const few = { ...permissions, statuses: 'none', checks: 'none' } as const
      for (const [token, access] of world.tokens)
        world.tokens.set(token, { ...access, account: account('twokey-bot'), permissions: few })
      const runs = 'GET /repos/{owner}/{repo}/actions/runs'
      const fault = { kind: 'answer', status: 502, body: { message: 'Bad gateway' } } as const
      harness.sandbox.github.faults.queue(runs, fault, { times: 9 })
      await harness.types('U0ANA', '/deploy prod')
      const { words } = await cardOf(harness, 1)
      expect(words).toContain(`twokey could read neither the checks nor the changes of ${tip.slice(0, 7)}.`)
      expect(words).toContain('*Commits and migration files not checked:*')
      await approved(harness)
      await harness.shows('succeeded')
    },
  )

  scenario(
    'the card warns of a commit that a person rolled back before, with a link to that card',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      expect((await cardOf(harness, 1)).words).not.toContain('here before')
      await approved(harness)
      await harness.shows('succeeded')
      await harness.types('U0ANA', '/rollback blog-api 43')
      const rollback = await cardOf(harness, 2)
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('succeeded')
      harness.sandbox.github.world.push('main', {
        message: 'CI',
        files: { '.github/CODEOWNERS': '* @ben\n' },
      })
      await harness.types('U0ANA', `/deploy unlock prod`)
      await harness.types('U0ANA', `/deploy prod ${tip}`)
      const { words } = await cardOf(harness, 3)
      expect(words).toMatch(
        new RegExp(`\\*${tip.slice(0, 7)} was live here\\* from <!date[^>]+> until <@U0ANA> rolled it back`),
      )
      expect(words).toContain(`/archives/C0DEPLOYS/p${rollback.ts.replace('.', '')}|card>`)
      expect(words).not.toContain('succeeded here')
      expect(words).toContain('*The workflow changed since the last deploy*: deploy.yml')
    },
  )

  scenario(
    'the card warns of a commit among the changes that a person rolled back before',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      await cardOf(harness, 1)
      await approved(harness)
      await harness.shows('succeeded')
      await harness.types('U0ANA', '/rollback blog-api 43')
      const rollback = await cardOf(harness, 2)
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('succeeded')
      harness.sandbox.github.world.push('main', { message: 'Add slugs', files: { 'a.txt': 'a' } })
      await harness.types('U0ANA', `/deploy unlock prod`)
      await harness.types('U0ANA', '/deploy prod')
      const { words } = await cardOf(harness, 3)
      expect(words).toMatch(
        new RegExp(`\\*Contains ${tip.slice(0, 7)}\\*, which <@U0ANA> rolled back here <!date`),
      )
      expect(words).toContain(`/archives/C0DEPLOYS/p${rollback.ts.replace('.', '')}|card>`)
    },
  )

  scenario('the card says that it is a retry of a rejected release', async ({ harness }) => {
    await harness.types('U0ANA', '/deploy prod')
    const first = await cardOf(harness, 1)
    await harness.clicks('U0BEN', 'reject')
    await harness.shows('rejected')
    await harness.clicks('U0ANA', 'retry')
    const { words, text } = await cardOf(harness, 2)
    const id = String(first.metadata?.event_payload.release_id)
    expect(words).toContain(
      `Retry of ${id}. *${tip.slice(0, 7)} was rejected here before*: rejected by <@U0BEN>`,
    )
    expect(text).toContain(`Retry of ${id}`)
  })

  scenario('the card lists what an older commit removes, with a warning before it', async ({ harness }) => {
    const older = mainCommits[2]!.sha
    await harness.types('U0ANA', `/deploy prod ${older}`)
    const { words, text, replies } = await cardOf(harness, 1)
    const warning = 'Goes back to an older commit. Removes 1 commit.'
    expect(words.indexOf(warning)).toBeGreaterThan(0)
    expect(words.indexOf('Will serve: ')).toBeGreaterThan(words.indexOf(warning))
    expect(words.indexOf('"Removes "')).toBeGreaterThan(words.indexOf('Will serve: '))
    expect(text).toContain(warning)
    expect(text).toContain('• Removes ')
    await harness.threadPost(/Goes back to an older commit/)
    expect(replies).toBeDefined()
  })

  scenario(
    'the facts on the card take only two more requests that count against GitHub’s limit',
    async ({ harness }) => {
      const { log } = harness.sandbox.github
      await harness.types('U0ANA', '/deploy prod')
      await cardOf(harness, 1)
      const checks = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'
      const statuses = 'GET /repos/{owner}/{repo}/commits/{ref}/status'
      const counted = (route: string) => log.of(route).filter(({ status }) => status !== 304).length
      // They are read again while the approvals are missing.
      await vi.waitUntil(() => log.of(statuses).length > 2, { timeout: patience })
      expect([checks, statuses].map(counted)).toEqual([1, 1])
    },
  )

  scenario('the deploy of another service counts as no check of the commit', async ({ harness }) => {
    const { world } = harness.sandbox.github
    await harness.restarts(
      `${configText}  blog-worker:
    repository: myorg/blog-api
    workflow: deploy-worker.yml
    containers: [worker]
    environments:
      prod: { cluster: blog-cluster-prod, service: blog-worker }
`,
    )
    const job = 'runs-on: ubuntu-latest, steps: [{ run: exit 1 }]'
    const path = '.github/workflows/deploy-worker.yml'
    const workflow = `on: { push: {}, workflow_dispatch: {} }\njobs: { ship-worker: { ${job} } }\n`
    const sha = world.push('main', { message: 'Ship the worker', files: { [path]: workflow } })
    world.check(sha, { name: 'unit', conclusion: 'success' })
    await world.until(() =>
      world
        .repository()
        .runs.some((run) => run.headSha === sha && run.attempts.at(-1)?.conclusion === 'failure'),
    )
    await harness.types('U0ANA', '/deploy prod blog-api')
    const { words } = await cardOf(harness, 1)
    expect(words).toContain('CI passed (1 check)')
    const { log } = harness.sandbox.github
    const looks = () => log.of('GET /repos/{owner}/{repo}/commits/{ref}/check-runs').length
    const before = looks()
    await vi.waitUntil(() => looks() > before + 1, { timeout: patience })
    expect(JSON.stringify(harness.cards()[0]!.blocks)).toContain('CI passed (1 check)')
  })

  scenario(
    'the card shows how CI ended while the approvals were missing, and the release still waits for them',
    async ({ harness }) => {
      const { world } = harness.sandbox.github
      const sha = world.push('main', { message: 'Add slugs', files: { 'a.txt': 'a' } })
      world.check(sha, { name: 'unit', conclusion: null })
      await harness.types('U0ANA', '/deploy prod')
      expect((await cardOf(harness, 1)).words).toContain('CI was pending')
      world.check(sha, { name: 'unit', conclusion: 'failure' })
      await harness.sandbox.slack.until(() =>
        JSON.stringify(harness.cards()[0]!.blocks).includes('*CI failed:* unit'),
      )
      expect(stateOf(harness.cards()[0]!)).toMatch(/^awaiting approval/)
      expect(harness.cards()).toHaveLength(1)
      const rows = await auditOf(harness.folder)
      expect(rows.filter(({ what }) => what === 'checks changed')).toHaveLength(1)
    },
  )
})
