import { describe, expect, vi } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import { deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { patience } from '../../sandbox/pace.ts'
import { runHere } from '../cli/run-here.ts'
import { actorsOf, auditOf } from './chains.ts'
import { channel, configText, type Harness, type HarnessOptions, people, scenario } from './harness.ts'

const pushScenario = scenario.extend<{ config: string }>({ config: people + configText })

const github = ({ sandbox }: Harness) => sandbox.github.world
const production = (harness: Harness) => github(harness).repository().environment('production')!

/** twokey's account is the only required reviewer of production. */
function protectProduction(harness: Harness): void {
  production(harness).reviewers = [account('twokey-bot')]
}

function push(harness: Harness, message = 'Show drafts to their authors', branch = 'main'): string {
  return github(harness).push(branch, { message, author: 'Ana' })
}

const lastRun = (harness: Harness) => github(harness).repository().runs.at(-1)!

const notices = ({ sandbox }: Harness) =>
  sandbox.slack.workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'twokey_notice')

/** What GitHub shows beside the gate of the last run. */
const reports = (harness: Harness) =>
  lastRun(harness).attempts.flatMap(({ jobs }) =>
    jobs.flatMap(({ gate }) => gate?.rules.flatMap((rule) => rule.reports) ?? []),
  )

/** The last run has ended on GitHub. */
const runEnds = (harness: Harness) =>
  vi.waitUntil(() => lastRun(harness).attempts.at(-1)?.conclusion, { timeout: patience })

const appScenario = pushScenario.extend<{ outside: Omit<HarnessOptions, 'config'> }>({
  outside: { actsAs: 'app', gate: 'app' },
})

describe.concurrent('a gate that the GitHub App holds by its protection rule', () => {
  appScenario(
    'a push passes with two approvals, and status says that they are enforced',
    async ({ harness }) => {
      push(harness)
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      expect(notices(harness)).toEqual([])
      const status = await harness.answerTo('U0ANA', '/deploy status')
      expect(status).toMatch(/enforced on GitHub/)
      expect(status).toContain('only jobs that pass the gate can use the deploy role')
      expect(status).not.toContain('also starts')
    },
  )

  appScenario(
    'GitHub shows which approvals a push waits for, with a link to the card',
    async ({ harness }) => {
      push(harness)
      const shows = (count: number) =>
        vi.waitUntil(() => reports(harness).length === count, { timeout: patience })
      await shows(1)
      await harness.clicks('U0BEN', 'approve')
      await shows(2)
      const { channel: at, ts } = harness.cards()[0]!
      const card = `archives/${at}/p${ts.replace('.', '')}`
      expect(reports(harness)).toEqual([
        expect.stringMatching(/^Waiting for 2 approvals in Slack \(release r-\w+\)\./),
        expect.stringMatching(/^Approved in Slack by ben \(1 of 2\)\. Waiting for 1 approval /),
      ])
      for (const report of reports(harness)) expect(report).toContain(card)
    },
  )

  appScenario('a rejected push is closed on GitHub with the name and the reason', async ({ harness }) => {
    push(harness)
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'reject')
    expect(await harness.ends()).toBe('rejected')
    expect(await runEnds(harness)).toBe('failure')
  })

  appScenario('a deploy that twokey dispatched passes its own gate', async ({ harness }) => {
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.dispatches()).toBe(1)
    expect(harness.cards()).toHaveLength(1)
  })

  appScenario('a push that is started again on GitHub asks again', async ({ harness }) => {
    push(harness)
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    github(harness).rerun(lastRun(harness).id)
    await vi.waitUntil(() => harness.cards().length === 2, { timeout: patience })
    await harness.shows('awaiting approval')
  })
})

const deployJob = (name: string, cluster: string, needs: string) => `  ${name}:
    needs: [${needs}]
    runs-on: ubuntu-latest
    environment: { name: ${name} }
    steps:
      - uses: actions/checkout@v6
      - uses: aws-actions/configure-aws-credentials@v5
        with: { role-to-assume: "arn:aws:iam::123456789012:role/deploy", aws-region: ap-northeast-2 }
      - run: |
          aws ecs describe-task-definition --task-definition blog-api --query taskDefinition > task-definition.json
      - id: render
        uses: aws-actions/amazon-ecs-render-task-definition@v1
        with: { task-definition: task-definition.json, container-name: api, image: "\${{ env.IMAGE }}" }
      - uses: aws-actions/amazon-ecs-deploy-task-definition@v2
        with: { task-definition: "\${{ steps.render.outputs.task-definition }}", cluster: ${cluster}, service: blog-api, wait-for-service-stability: true }
`

/** A workflow that builds the image first. */
const deployWith = (jobs: string) => `on: { push: { branches: [main] } }
permissions: { contents: read, id-token: write }
env:
  IMAGE: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/blog-api:\${{ github.sha }}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: |
          docker build -t $IMAGE .
          docker push $IMAGE
${jobs}`

/** Two jobs of the same environment, one after the other. */
const twoJobs = deployWith(`${deployJob('production', 'blog-cluster-prod', 'build')}  announce:
    needs: [production]
    runs-on: ubuntu-latest
    environment: production
    steps: [{ run: echo live }]
`)

describe.concurrent('a push to main that waits at the gate of production', () => {
  pushScenario(
    'a push passes with two approvals in Slack and is followed to its end',
    async ({ harness }) => {
      protectProduction(harness)
      const sha = push(harness)
      const card = await harness.shows('awaiting approval')
      expect(card.text).toContain(sha.slice(0, 7))
      expect(JSON.stringify(card.blocks)).toContain('pushed by <@U0ANA>')
      expect(card.text).not.toMatch(/Not covered|do not cover/)
      await harness.clicks('U0BEN', 'approve')
      expect(lastRun(harness).reviews).toEqual([])
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      expect(lastRun(harness).reviews).toMatchObject([
        { state: 'approved', comment: expect.stringMatching(/ben.*chloe/) },
      ])
      expect(harness.dispatches()).toBe(0)
      expect(notices(harness)).toEqual([])
      const rows = await auditOf(harness.folder)
      const chain = rows.find(({ what }) => what === 'opening marked')!.chain
      expect(actorsOf(rows, chain, 'approved')).toEqual(['U0BEN', 'U0CHLOE'])
    },
  )

  pushScenario('the approval of whoever pushed does not count', async ({ harness }) => {
    protectProduction(harness)
    push(harness)
    await harness.shows('awaiting approval')
    await harness.clicks('U0ANA', 'approve')
    await harness.ephemeral('U0ANA', /may_not_approve|not_an_approver/)
    expect(lastRun(harness).reviews).toEqual([])
  })

  pushScenario('a push is rejected on GitHub when it is rejected in Slack', async ({ harness }) => {
    protectProduction(harness)
    push(harness)
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'reject')
    expect(await harness.ends()).toBe('rejected')
    expect(await runEnds(harness)).toBe('failure')
    expect(lastRun(harness).reviews).toMatchObject([
      { state: 'rejected', comment: expect.stringContaining('ben') },
    ])
  })

  pushScenario('a push goes on after a restart between its two approvals', async ({ harness }) => {
    protectProduction(harness)
    push(harness)
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.restarts()
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.cards()).toHaveLength(1)
  })

  pushScenario(
    'a gate that somebody opens on GitHub is reported, and the run followed',
    async ({ harness }) => {
      production(harness).reviewers = [account('twokey-bot'), account('ben')]
      push(harness)
      await harness.shows('awaiting approval')
      github(harness).gates.review(lastRun(harness).id, { by: account('ben'), state: 'approved' })
      expect(await harness.ends()).toBe('succeeded')
      expect(JSON.stringify(harness.cards().at(-1)?.blocks)).toContain('opened on GitHub by ben')
    },
  )

  pushScenario(
    'a later job is asked for after somebody has opened the gate on GitHub for the one before',
    async ({ harness }) => {
      production(harness).reviewers = [account('twokey-bot'), account('ben')]
      const files = { '.github/workflows/deploy.yml': twoJobs }
      github(harness).push('main', { message: 'Deploy, then announce', author: 'Ana', files })
      await harness.shows('awaiting approval')
      const { id } = lastRun(harness)
      github(harness).gates.review(id, { by: account('ben'), state: 'approved' })
      await vi.waitUntil(() => harness.cards().length === 2, { timeout: patience })
      expect(JSON.stringify(harness.cards()[0]?.blocks)).toContain('opened on GitHub by ben')
      expect(JSON.stringify(harness.cards()[1]?.blocks)).toContain('later job')
      expect(lastRun(harness).reviews).toHaveLength(1)
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      await harness.sandbox.slack.until(() =>
        harness.cards().every(({ text }) => /: (succeeded|unchanged)/.test(text)),
      )
      expect(lastRun(harness).reviews.map(({ user }) => user.login)).toEqual(['ben', 'twokey-bot'])
      expect(harness.cards()).toHaveLength(2)
    },
  )

  pushScenario(
    'the card says that twokey may not open the gate any more, before the approvals are in',
    async ({ harness }) => {
      protectProduction(harness)
      push(harness)
      await harness.shows('awaiting approval')
      production(harness).reviewers = [account('ben')]
      await harness.sandbox.slack.until(
        () =>
          /twokey cannot open this gate/.test(JSON.stringify(harness.cards().at(-1)?.blocks)) || undefined,
      )
      protectProduction(harness)
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
    },
  )

  pushScenario('a run that is cancelled on GitHub ends its release', async ({ harness }) => {
    protectProduction(harness)
    push(harness)
    await harness.shows('awaiting approval')
    github(harness).cancelRun(lastRun(harness).id)
    expect(await harness.ends()).toBe('cancelled')
  })

  pushScenario('two pushes have a card each, and the second waits for the first', async ({ harness }) => {
    protectProduction(harness)
    github(harness).next = { holdAt: 'Deploy' }
    push(harness)
    const running = lastRun(harness)
    await harness.shows('awaiting approval')
    const [first] = harness.cards()
    push(harness, 'Send the weekly digest')
    await vi.waitUntil(() => harness.cards().length === 2, { timeout: patience })
    const second = harness.cards().at(-1)
    for (const user of ['U0BEN', 'U0CHLOE']) await harness.clicks(user, 'approve', first)
    await harness.sandbox.slack.until(
      () => / (running|migrating|rolling out|baking):? /.test(`${harness.cards()[0]?.text} `) || undefined,
    )
    for (const user of ['U0BEN', 'U0CHLOE']) await harness.clicks(user, 'approve', second)
    const queued = await harness.shows('queued')
    expect(JSON.stringify(queued.blocks)).toMatch(/Waiting for.*release r-\w+, which is in progress/)
    github(harness).letGo(running.id)
    await harness.sandbox.slack.until(() => harness.cards().every(({ text }) => / succeeded/.test(text)))
  })

  pushScenario(
    'an older push that is approved after a newer one went live asks again',
    async ({ harness }) => {
      protectProduction(harness)
      push(harness)
      await harness.shows('awaiting approval')
      const [older] = harness.cards()
      push(harness, 'Send the weekly digest')
      await vi.waitUntil(() => harness.cards().length === 2, { timeout: patience })
      const newer = harness.cards().at(-1)
      for (const user of ['U0BEN', 'U0CHLOE']) await harness.clicks(user, 'approve', newer)
      await vi.waitUntil(() => / succeeded/.test(harness.cards().at(-1)?.text ?? ''), { timeout: patience })
      for (const user of ['U0BEN', 'U0CHLOE']) await harness.clicks(user, 'approve', older)
      await harness.sandbox.slack.until(() =>
        /deployed meanwhile/.test(JSON.stringify(harness.cards()[0])) ? true : undefined,
      )
      expect(harness.cards()[0]?.text).toMatch(/awaiting approval/)
      expect(
        github(harness)
          .repository()
          .runs.flatMap(({ reviews }) => reviews),
      ).toHaveLength(1)
    },
  )

  pushScenario(
    'a push that GitHub cancels for a newer one before it reached the gate is reported, with the run that holds the group',
    async ({ harness }) => {
      protectProduction(harness)
      await harness.restarts()
      const path = '.github/workflows/deploy.yml'
      const text = deployWorkflow({ on: ['push'] }).replace('\njobs:', '\nconcurrency: ship\n\njobs:')
      github(harness).push('main', { message: 'One at a time', author: 'Ana', files: { [path]: text } })
      await harness.shows('awaiting approval')
      const holder = lastRun(harness)
      push(harness, 'Send the weekly digest')
      const pending = lastRun(harness)
      await vi.waitUntil(() => pending.attempts.at(-1)?.status === 'pending', { timeout: patience })
      push(harness, 'Sort tags')
      const newer = lastRun(harness)
      await vi.waitUntil(() => notices(harness).length > 0, { timeout: patience })
      const [notice] = notices(harness)
      const said = JSON.stringify(notice?.blocks)
      for (const run of [holder, pending, newer]) expect(said).toContain(`/actions/runs/${run.id}|`)
      expect(notices(harness)).toHaveLength(1)
      expect(harness.cards()).toHaveLength(1)
      const rows = await auditOf(harness.folder)
      expect(rows.filter(({ what }) => what === 'superseded before the gate')).toHaveLength(1)
    },
  )

  pushScenario(
    'a run of another workflow is rejected at once, with the reason in the channel',
    async ({ harness }) => {
      protectProduction(harness)
      github(harness)
        .repository()
        .commit('main', {
          message: 'Add another workflow',
          author: { ...account('ana'), name: 'Ana', email: 'ana@example.com' } as never,
          files: {
            '.github/workflows/other.yml':
              'on: push\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    environment: production\n    steps: [{ run: echo ship }]\n',
          },
        } as never)
      github(harness).learnWorkflows(github(harness).repository())
      push(harness)
      await vi.waitUntil(() => notices(harness).some(({ text }) => text.includes('other.yml')), {
        timeout: patience,
      })
      const { out } = await runHere(harness.folder, ['audit', 'report', '--format', 'json'])
      const rejected = JSON.parse(out).filter(({ outcome }: { outcome: string }) => outcome !== 'in progress')
      expect(rejected).toMatchObject([
        {
          release: null,
          kind: 'outside twokey',
          service: 'blog-api',
          environment: 'prod',
          outcome: 'rejected at the gate',
          approvals: [],
          run: expect.stringContaining('/actions/runs/'),
          exceptions: [
            'other.yml (push) was rejected at the gate without asking for approvals: The run is of other.yml; twokey.yml names deploy.yml for prod.',
          ],
        },
      ])
    },
  )
})

/** One run deploys to staging, then to production, each at a gate of its own. */
const bothConfig = `${people}
slack: { channel: ${channel} }
polling: { active: 100ms, idle: 250ms, settle: 1s }
environments:
  staging: { branch: main, approvals: { required: 1, approvers: [S0DEPLOYERS] } }
  prod: { branch: main, githubEnvironment: production, approvals: { required: 2, approvers: [S0DEPLOYERS, U0APPROVER] } }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: both.yml
    containers: [api]
    environments:
      staging: { cluster: blog-cluster-dev, service: blog-api }
      prod: { cluster: blog-cluster-prod, service: blog-api }
`

const bothWorkflow = deployWith(
  deployJob('staging', 'blog-cluster-dev', 'build') + deployJob('production', 'blog-cluster-prod', 'staging'),
)

describe.concurrent('a run that deploys to staging, then to production', () => {
  const bothScenario = scenario.extend<{ config: string }>({ config: bothConfig })

  bothScenario(
    'staging ends once it is live, and is no failure if production is rejected',
    async ({ harness }) => {
      const repository = github(harness).repository()
      repository.environments.push({ ...production(harness), id: github(harness).id(), name: 'staging' })
      for (const environment of repository.environments) environment.reviewers = [account('twokey-bot')]
      const { author, date } = repository.git.tip('heads/main')!
      const files = { '.github/workflows/both.yml': bothWorkflow }
      repository.commit('main', { message: 'Deploy to both', author, date, files })
      github(harness).learnWorkflows(repository)
      push(harness)
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await vi.waitUntil(() => harness.cards().length === 2, { timeout: patience })
      await harness.sandbox.slack.until(
        () => /blog-api staging: succeeded/.test(harness.cards()[0]!.text) || undefined,
      )
      expect(harness.cards()[1]?.text).toMatch(/blog-api prod: awaiting approval/)
      await harness.clicks('U0BEN', 'reject')
      expect(await runEnds(harness)).toBe('failure')
      await harness.shows('rejected')
      expect(harness.cards()[0]?.text).toMatch(/blog-api staging: succeeded/)
    },
  )
})
