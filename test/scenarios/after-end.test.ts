import { describe, expect, vi } from 'vitest'
import { token } from '../../sandbox/github/default-world.ts'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { patience } from '../../sandbox/pace.ts'
import { services } from '../../sandbox/seed.ts'
import { auditOf } from './chains.ts'
import { type Harness, patientScenario, scenario, stateOf } from './harness.ts'

const prod = { cluster: services.prod.cluster, service: services.prod.service }
const run = (harness: Harness) => harness.sandbox.github.world.repository().runs.at(-1)!
const until = (isSo: () => boolean) => vi.waitUntil(isSo, { timeout: patience, interval: 5 })
const cancelRoute = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel'

/** GitHub holds the run after the rollout is complete; then a person rolls out revision 42 by hand. */
async function superseded(harness: Harness, plan: { cancellation?: 'ignored' } = {}) {
  harness.sandbox.github.world.next = { holdAt: 'Smoke test', ...plan }
  await harness.approved()
  await harness.sandbox.aws.until(() => harness.serving() === 'blog-api:44')
  await until(() => isHeld(harness))
  await harness.ecs.updateService({ ...prod, taskDefinition: 'blog-api:42' })
  return harness.shows('superseded')
}

/** ECS rolls back a rollout for which the run does not wait; GitHub then holds the run. */
async function rolledBackBeforeRunEnds(harness: Harness): Promise<void> {
  const { github, aws } = harness.sandbox
  github.world.next = { holdAt: 'Smoke test' }
  github.world.push('main', {
    message: 'Do not wait for the rollout',
    files: { [deployPath]: withoutWait },
  })
  aws.world.unhealthy('next')
  await harness.approved()
  await harness.shows('rolled back')
}

function isHeld(harness: Harness): boolean {
  return run(harness)
    .attempts.at(-1)!
    .jobs.some(({ steps }) =>
      steps.some(({ name, status }) => name === 'Smoke test' && status === 'in_progress'),
    )
}

function buttons(harness: Harness, index = -1): readonly string[] {
  return [...JSON.stringify(harness.cards().at(index)?.blocks).matchAll(/"twokey:([a-z-]+)"/g)].map(
    ([, action = '']) => action,
  )
}

describe.concurrent('a release that ended while its run is still in progress', () => {
  scenario(
    'a superseded release whose run is in progress blocks a second deploy until its requester cancels the run',
    async ({ harness }) => {
      const card = await superseded(harness)
      expect(buttons(harness)).toEqual(['cancel'])
      const refusal = await harness.answerTo('U0ELI', '/deploy prod')
      for (const fact of ['in_flight', 'superseded', 'still in progress', 'Cancel'])
        expect(refusal).toContain(fact)
      expect(harness.dispatches()).toBe(1)
      expect(await harness.answerTo('U0CHLOE', '/deploy status prod')).toContain('still in progress')
      await harness.clicks('U0ANA', 'cancel')
      await harness.threadPost(/Workflow run #\d+.{0,200}has ended/)
      expect(run(harness).attempts.at(-1)!.conclusion).toBe('cancelled')
      await harness.sandbox.slack.until(() => buttons(harness).includes('retry'))
      expect(stateOf(harness.cards()[0]!)).toMatch(/^superseded/)
      const rows = (await auditOf(harness.folder)).map(({ actor, what }) => `${actor} ${what}`)
      const end = rows.indexOf('twokey ended superseded')
      expect(rows.slice(end)).toEqual(
        expect.arrayContaining([
          'U0ANA cancel asked',
          'twokey run cancellation sent',
          'twokey run cancelled',
        ]),
      )
      expect(rows.filter((row) => row === 'twokey run cancelled')).toHaveLength(1)
      await harness.approved()
      await until(() => harness.dispatches() === 2)
      expect(card.ts).not.toBe(harness.cards().at(-1)!.ts)
    },
  )

  scenario(
    'announces in channel, card, audit and status that the run of an ended release updated the service again over a rollout by hand',
    async ({ harness }) => {
      harness.sandbox.github.world.push('main', { message: 'Deploy twice', files: { [deployPath]: twice } })
      await superseded(harness)
      await harness.sandbox.aws.until(() => harness.serving() === 'blog-api:42')
      harness.sandbox.github.world.letGo(run(harness).id)
      const post = await harness.threadPost(/after this release had ended/)
      expect(post.broadcast).toBe(true)
      for (const fact of ['blog-api:44', 'blog-api:42', 'superseded', 'U0ANA', 'S0ONCALL', 'S0DEPLOYERS'])
        expect(post.text).toContain(fact)
      await harness.sandbox.slack.until(() => buttons(harness).includes('retry'))
      const card = await harness.sandbox.slack.until(() => {
        const [now] = harness.cards()
        return now?.text.includes('serving blog-api:44') ? now : undefined
      })
      expect(stateOf(card)).toMatch(/^superseded/)
      expect(card.text).toContain('Rollout after the end')
      expect(
        (await auditOf(harness.folder)).find(({ what }) => what === 'rolled out after the end')?.detail,
      ).toMatchObject({ evidence: 'own' })
      expect(await harness.answerTo('U0CHLOE', '/deploy status prod')).toMatch(
        /blog-api:44.*rolled out after the end of release/,
      )
    },
  )

  scenario('/deploy cancel cancels the run of the caller’s ended release', async ({ harness }) => {
    await superseded(harness)
    await harness.types('U0ANA', '/deploy cancel')
    await harness.threadPost(/Workflow run #\d+.{0,200}has ended/)
    expect(harness.sandbox.github.log.of(cancelRoute).length).toBeGreaterThan(0)
  })

  scenario(
    'a release that the circuit breaker rolled back blocks deploys until its run has ended',
    async ({ harness }) => {
      await rolledBackBeforeRunEnds(harness)
      expect(run(harness).attempts.at(-1)!.status).toBe('in_progress')
      expect(buttons(harness)).toEqual(['cancel'])
      expect(await harness.answerTo('U0ELI', '/deploy prod')).toContain('in_flight')
      harness.sandbox.github.world.letGo(run(harness).id)
      await harness.threadPost(/Workflow run #\d+.{0,200}has ended/)
      expect(stateOf(harness.cards()[0]!)).toMatch(/^rolled back/)
      await harness.types('U0ELI', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )

  scenario(
    'the card of a rolled back release shows the run in progress, and then how it ended',
    async ({ harness }) => {
      await rolledBackBeforeRunEnds(harness)
      await until(() => isHeld(harness))
      const runLine = () => /[^\n]*\bWorkflow run #\d+\b[^\n]*/.exec(harness.cards()[0]!.text)?.[0]
      await harness.sandbox.slack.until(() => runLine()?.includes('running'))
      expect(harness.cards()[0]!.text).toContain('Its workflow run is still in progress')
      harness.sandbox.github.world.letGo(run(harness).id)
      await harness.threadPost(/Workflow run #\d+.{0,200}has ended/)
      await harness.sandbox.slack.until(() => runLine()?.includes('succeeded'))
      const { text } = harness.cards()[0]!
      expect(text).not.toMatch(/still in progress|still running|when last seen/)
      expect(text).toMatch(/^blog-api prod: rolled back/)
    },
  )

  scenario('a restarted bot follows the run of an ended release to its end', async ({ harness }) => {
    await superseded(harness)
    await harness.restarts()
    expect(await harness.answerTo('U0ELI', '/deploy prod')).toContain('in_flight')
    harness.sandbox.github.world.letGo(run(harness).id)
    await harness.threadPost(/Workflow run #\d+.{0,200}has ended/)
    await harness.types('U0ELI', '/deploy prod')
    await harness.shows('awaiting approval')
  })

  patientScenario(
    '/rollback over an ended release cancels its run before it sends the update to ECS',
    async ({ harness }) => {
      await superseded(harness)
      const before = harness.sandbox.aws.log.of('UpdateService').length
      await harness.types('U0CHLOE', '/rollback blog-api 41')
      await harness.shows('awaiting approval')
      expect(harness.sandbox.github.log.of(cancelRoute)).toEqual([])
      await harness.clicks('U0BEN', 'approve')
      await harness.sandbox.aws.until(() => harness.sandbox.aws.log.of('UpdateService').length > before)
      expect(run(harness).attempts.at(-1)!.conclusion).toBe('cancelled')
      await harness.shows('succeeded')
      expect(harness.serving()).toBe('blog-api:41')
      expect(stateOf(harness.cards()[0]!)).toMatch(/^superseded/)
    },
  )

  scenario(
    'an approver settles a run that cannot be read for long, and the next deploy can start',
    async ({ harness }) => {
      await superseded(harness)
      const { tokens } = harness.sandbox.github.world
      const account = tokens.get(token)!
      tokens.delete(token)
      await harness.sandbox.slack.until(() => buttons(harness).includes('settle'))
      await harness.threadPost(/GITHUB_TOKEN/)
      await harness.clicks('U0BEN', 'settle')
      await harness.threadPost(/settled/)
      tokens.set(token, account)
      expect(stateOf(harness.cards()[0]!)).toMatch(/^superseded/)
      await harness.types('U0ELI', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )
})

describe.concurrent('a release that ended while its migration still runs', () => {
  scenario(
    'a rolled back release blocks a second migration while its own runs, and announces that it failed',
    async ({ harness }) => {
      const { aws, github } = harness.sandbox
      github.world.push('main', {
        message: 'Do not wait for the migration',
        files: { [deployPath]: withoutMigrationWait },
      })
      aws.world.migrations.next({ kind: 'runs' })
      aws.world.unhealthy('next')
      await harness.approved()
      await harness.shows('rolled back')
      await until(() => run(harness).attempts.at(-1)!.status === 'completed')
      const refusal = await harness.answerTo('U0ELI', '/deploy prod')
      for (const fact of ['in_flight', 'rolled back', 'migration is still running'])
        expect(refusal).toContain(fact)
      expect(await harness.answerTo('U0CHLOE', '/deploy status prod')).toContain('migration is still running')
      expect([buttons(harness), harness.dispatches()]).toEqual([[], 1])
      const [task] = aws.world.oneOffTasks
      await harness.ecs.stopTask({ cluster: prod.cluster, task: task!.arn, reason: 'stopped by hand' })
      const post = await harness.threadPost(/partially migrated/)
      expect(post.broadcast).toBe(true)
      for (const id of ['U0ANA', 'S0ONCALL']) expect(post.text).toContain(id)
      await harness.threadPost(/no longer blocks/)
      expect((await auditOf(harness.folder)).map(({ what }) => what)).toContain('migration failed')
      expect(stateOf(harness.cards()[0]!)).toMatch(/^rolled back/)
      await harness.types('U0ELI', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )

  scenario(
    'after its unreadable run is settled, a running migration still blocks deploys, and its failure is announced',
    async ({ harness }) => {
      const { aws, github, slack } = harness.sandbox
      const workflow = withoutMigrationWait.replace(stabilityWait, '')
      github.world.push('main', { message: 'Wait for nothing', files: { [deployPath]: workflow } })
      github.world.next = { holdAt: 'Smoke test' }
      aws.world.migrations.next({ kind: 'runs' })
      aws.world.unhealthy('next')
      await harness.approved()
      await harness.shows('rolled back')
      await until(() => isHeld(harness))
      const account = github.world.tokens.get(token)!
      github.world.tokens.delete(token)
      await slack.until(() => buttons(harness).includes('settle'))
      await harness.clicks('U0BEN', 'settle')
      await harness.threadPost(/has settled the run of this release.*Its migration is still running/s)
      github.world.tokens.set(token, account)
      const refusal = await harness.answerTo('U0ELI', '/deploy prod')
      for (const fact of ['in_flight', 'migration is still running']) expect(refusal).toContain(fact)

      const [task] = aws.world.oneOffTasks
      await harness.ecs.stopTask({ cluster: prod.cluster, task: task!.arn, reason: 'stopped by hand' })
      const post = await harness.threadPost(/partially migrated/)
      expect(post.broadcast).toBe(true)
      await harness.threadPost(/no longer blocks/)
      const rows = (await auditOf(harness.folder)).map(({ actor, what }) => `${actor} ${what}`)
      expect(rows).toEqual(expect.arrayContaining(['U0BEN run settled', 'twokey migration failed']))
      await harness.types('U0ELI', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )
})

/** The deploy workflow, without the wait for its migration. */
const withoutMigrationWait = deployWorkflow({ on: ['workflow_dispatch'] }).replace(
  / {10}aws ecs wait tasks-stopped[\s\S]*?\n {10}fi\n/,
  '',
)

/** The deploy workflow, with a second update of the service after the smoke test. */
const twice = `${deployWorkflow({ on: ['workflow_dispatch'] })}
      - name: Deploy again
        run: |
          aws ecs update-service --cluster "$CLUSTER" --service "$SERVICE" --task-definition blog-api:44 > /dev/null
`

/** The deploy workflow, without the wait for a stable service. */
const stabilityWait = /.*wait-for-service-stability.*\n/
const withoutWait = deployWorkflow({ on: ['workflow_dispatch'] }).replace(stabilityWait, '')

scenario(
  'a cancelled release whose tasks cannot be listed blocks deploys until a person settles its migration',
  async ({ harness }) => {
    const { aws, slack } = harness.sandbox
    aws.world.deny('ecs:ListTasks')
    aws.world.migrations.next({ kind: 'runs' })
    await harness.approved()
    await aws.until((world) => world.oneOffTasks.length === 1)
    await harness.threadPost(/migration.* could not be read/i)
    await harness.clicks('U0ANA', 'cancel')
    expect(await harness.ends()).toBe('cancelled')
    const card = () => JSON.stringify(harness.cards()[0]?.blocks)
    await slack.until(() => card().includes('twokey:settle'))
    expect(card()).toContain('twokey cannot read the task')
    expect(card()).not.toContain('twokey:retry')
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toContain('in_flight')

    await harness.clicks('U0BEN', 'settle')
    await slack.until(() => card().includes('twokey:retry'))
    await harness.types('U0ANA', '/deploy prod')
    await slack.until(() => harness.cards().length === 2)
    await harness.shows('awaiting approval')
  },
)
