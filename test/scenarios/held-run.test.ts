import { describe, expect, vi } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import { deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { patience } from '../../sandbox/pace.ts'
import type { Message } from '../../sandbox/slack/entities.ts'
import { auditOf } from './chains.ts'
import { configText, type Harness, scenario } from './harness.ts'

const textOf = ({ text, blocks }: Message) => `${text} ${JSON.stringify(blocks)}`
const pendingRoute = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments'

const deadline = '    notify: [S0ONCALL]\n'
const lateScenario = scenario.extend<{ config: string }>({
  config: configText.replace(deadline, `${deadline}    deadlines: { run: 4s }\n`),
})

const github = (harness: Harness) => harness.sandbox.github.world
const production = (harness: Harness) => github(harness).repository().environment('production')!

/** The dispatched run, once there is one. */
const dispatched = (harness: Harness) =>
  vi.waitUntil(
    () =>
      github(harness)
        .repository()
        .runs.find(({ event }) => event === 'workflow_dispatch'),
    { timeout: patience },
  )

/** Waits until the newest card shows its run as waiting with these words; returns the card's text. */
const cardSays = (harness: Harness, words: RegExp) =>
  harness.sandbox.slack.until(() => {
    const { text } = harness.cards().at(-1) ?? { text: '' }
    return (/ waiting · /.test(text) && words.test(text) && text) || undefined
  })

/** A person clicks "Approve and deploy" on GitHub. */
async function approvesOnGitHub(harness: Harness, login: string): Promise<void> {
  const run = await dispatched(harness)
  github(harness).gates.review(run.id, { by: account(login), state: 'approved' })
}

describe.concurrent('a run that waits', () => {
  lateScenario.for<[string, (harness: Harness) => void, RegExp]>([
    [
      'a review of a GitHub environment, and by whom',
      (harness) =>
        Object.assign(production(harness), {
          reviewers: [account('ana'), account('ben')],
          teams: [{ id: 7, name: 'Operators', slug: 'operators', members: [] }],
        }),
      /review of the environment production by ana, ben or the team Operators/,
    ],
    [
      'the wait timer of a GitHub environment',
      (harness) => Object.assign(production(harness), { waitMs: 30 * 60_000 }),
      /the wait timer of 30 min of the environment production/,
    ],
    [
      'a runner, and with which labels',
      (harness) => Object.assign(github(harness), { next: { stuck: 'queued' } }),
      /no runner has taken the job test yet \(labels: ubuntu-latest\)/,
    ],
    [
      'a person who allows it to run',
      (harness) => Object.assign(github(harness), { next: { stuck: 'action_required' } }),
      /waits for somebody on GitHub to allow it/,
    ],
    [
      'GitHub, which has not queued it',
      (harness) => Object.assign(github(harness), { next: { stuck: 'requested' } }),
      /GitHub has not queued it yet/,
    ],
  ])(
    'shows what the run waits for on the card and in status, later in the thread, and at the deadline in the channel: %s',
    async ([, holds, why], { harness }) => {
      holds(harness)
      await harness.approved()
      const shown = await cardSays(harness, why)
      expect(shown).toContain('blog-api prod: running')
      const { id, number } = await dispatched(harness)
      const status = await harness.answerTo('U0ANA', '/deploy status blog-api prod')
      expect(status).toMatch(why)
      expect(status).toContain(`/actions/runs/${id}|Workflow run #${number}>`)
      const held = textOf(await harness.threadPost(/hourglass.*Workflow run #/))
      expect(held).toMatch(why)
      expect(held).toContain(`/actions/runs/${id}|Workflow run #${number}>`)
      expect(textOf(await harness.threadPost(/has taken longer than 4 s/))).toMatch(why)
      expect(
        harness.cards()[0]!.replies.filter((post) => /hourglass.*Workflow run #/.test(textOf(post))),
      ).toHaveLength(1)
    },
  )
})

scenario(
  'names the other run and the concurrency group that a run waits for, and goes on afterwards',
  async ({ harness }) => {
    const world = github(harness)
    const path = '.github/workflows/deploy.yml'
    const text = deployWorkflow({ on: ['workflow_dispatch'] }).replace(
      '\njobs:',
      '\nconcurrency: ship\n\njobs:',
    )
    world.push('main', { message: 'Ship one at a time', files: { [path]: text } })
    world.next = { holdAt: 'Test' }
    const other = world.startRun({ event: 'workflow_dispatch', inputs: { environment: 'production' } })
    await harness.approved()
    await cardSays(harness, new RegExp(`it waits for run ${other.id} in the concurrency group ship`))
    await harness.threadPost(/hourglass.*concurrency group ship/)
    expect(await harness.answerTo('U0ANA', '/deploy status blog-api prod')).toContain(
      `run ${other.id} in the concurrency group ship`,
    )
    world.cancelRun(other.id)
    expect(await harness.ends()).toBe('succeeded')
  },
)

describe.concurrent('a run that is no longer blocked', () => {
  scenario('continues once a waiting run is reviewed, and the release succeeds', async ({ harness }) => {
    production(harness).reviewers = [account('ana')]
    await harness.approved()
    await cardSays(harness, /review of the environment production by ana/)
    await approvesOnGitHub(harness, 'ana')
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.cards()[0]!.text).not.toContain('review')
    expect(await harness.answerTo('U0ANA', '/deploy status blog-api prod')).not.toContain(
      'review of the environment',
    )
  })

  scenario('goes on once GitHub allows the run, which GitHub had reported as ended', async ({ harness }) => {
    github(harness).next = { stuck: 'action_required' }
    await harness.approved()
    await cardSays(harness, /allow it/)
    github(harness).letGo((await dispatched(harness)).id)
    expect(await harness.ends()).toBe('succeeded')
    expect((await auditOf(harness.folder)).filter(({ what }) => what === 'run failed')).toEqual([])
  })

  scenario('posts the whole wait once, though twokey was down during it', async ({ harness }) => {
    production(harness).reviewers = [account('ana')]
    await harness.approved()
    await harness.threadPost(/hourglass.*Workflow run #/)
    await harness.restarts()
    await cardSays(harness, /review of the environment production by ana/)
    await approvesOnGitHub(harness, 'ana')
    expect(await harness.ends()).toBe('succeeded')
    expect(
      harness.cards()[0]!.replies.filter((post) => /hourglass.*Workflow run #/.test(textOf(post))),
    ).toHaveLength(1)
  })
})

scenario(
  'reports that the token may not read what a gate waits for, and the release goes on',
  async ({ harness }) => {
    production(harness).reviewers = [account('ana')]
    const body = { message: 'Resource not accessible by personal access token' }
    const refused = { kind: 'answer', status: 403, body } as const
    harness.sandbox.github.faults.queue(pendingRoute, refused, { times: 10_000 })
    await harness.approved()
    await cardSays(harness, /gate of an environment; the reason could not be read: .*not accessible/)
    await approvesOnGitHub(harness, 'ana')
    expect(await harness.ends()).toBe('succeeded')
  },
)

scenario('shows GitHub’s names of reviewers, teams, environments and jobs as text', async ({ harness }) => {
  Object.assign(production(harness), {
    reviewers: [{ login: '<!channel>', id: 1, type: 'User' }],
    teams: [{ id: 7, name: '*Ops* <@U0ELI> <https://evil.example|approve>', slug: 'ops', members: [] }],
  })
  await harness.approved()
  const post = textOf(await harness.threadPost(/hourglass.*Workflow run #/))
  expect(post).toContain('&lt;!channel&gt;')
  expect(post).not.toMatch(/<!channel>|<@U0ELI>|<https:\/\/evil|\*Ops\*/)
})

describe.concurrent('a dispatched run that a person reviews on GitHub', () => {
  scenario('reports in the thread who approved it, and goes on', async ({ harness }) => {
    production(harness).reviewers = [account('ana')]
    await harness.approved()
    await cardSays(harness, /review of the environment production by ana/)
    await approvesOnGitHub(harness, 'ana')
    expect(await harness.ends()).toBe('succeeded')
    await harness.threadPost(/ana approved the run at the gate of production on GitHub/)
    const rows = await auditOf(harness.folder)
    expect(rows.filter(({ what }) => what === 'gate reviewed on GitHub')).toMatchObject([
      { detail: { by: 'ana', environment: 'production', verdict: 'approved' } },
    ])
  })

  scenario('fails with the name of who rejected it', async ({ harness }) => {
    production(harness).reviewers = [account('ana')]
    await harness.approved()
    const { id } = await dispatched(harness)
    await cardSays(harness, /review of the environment production by ana/)
    github(harness).gates.review(id, { by: account('ana'), state: 'rejected' })
    expect(await harness.ends()).toBe('failed')
    expect(JSON.stringify(harness.cards().at(-1)!.blocks)).toContain('ana rejected it on GitHub')
  })

  scenario('reports no review of twokey itself', async ({ harness }) => {
    production(harness).reviewers = [account('twokey-bot')]
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    const rows = await auditOf(harness.folder)
    expect(rows.filter(({ what }) => what === 'gate reviewed on GitHub')).toEqual([])
  })
})
