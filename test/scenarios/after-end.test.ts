import { describe, expect, vi } from 'vitest'
import { token } from '../../src/sandbox/github/default-world.ts'
import { deployPath, deployWorkflow } from '../../src/sandbox/github/workflow-file.ts'
import { patience } from '../../src/sandbox/pace.ts'
import { services } from '../../src/sandbox/seed.ts'
import { auditOf } from './chains.ts'
import { stateOf, story, type Town } from './harness.ts'

const prod = { cluster: services.prod.cluster, service: services.prod.service }
const run = (town: Town) => town.sandbox.github.world.repository().runs.at(-1)!
const until = (isSo: () => boolean) => vi.waitUntil(isSo, { timeout: patience, interval: 5 })
const cancelRoute = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel'

/** Its run is held after its rollout is complete; then somebody rolls out 42 by hand. */
async function superseded(town: Town, plan: { cancellation?: 'ignored' } = {}) {
  town.sandbox.github.world.next = { holdAt: 'Smoke test', ...plan }
  await town.approved()
  await town.sandbox.aws.until(() => town.serving() === 'blog-api:44')
  await until(() => isHeld(town))
  await town.ecs.updateService({ ...prod, taskDefinition: 'blog-api:42' })
  return town.shows('superseded')
}

function isHeld(town: Town): boolean {
  return run(town)
    .attempts.at(-1)!
    .jobs.some(({ steps }) =>
      steps.some(({ name, status }) => name === 'Smoke test' && status === 'in_progress'),
    )
}

function buttons(town: Town, index = -1): readonly string[] {
  return [...JSON.stringify(town.cards().at(index)?.blocks).matchAll(/"twokey:([a-z-]+)"/g)].map(
    ([, action = '']) => action,
  )
}

describe.concurrent('a release that ended while its run is still in progress', () => {
  story(
    'superseded at once, refuses a second deploy, is cancelled by its requester, then lets the next one go',
    async ({ town }) => {
      const card = await superseded(town)
      expect(buttons(town)).toEqual(['cancel'])
      const refusal = await town.asks('U0ELI', '/deploy prod')
      for (const fact of ['in_flight', 'superseded', 'still in progress', 'Cancel'])
        expect(refusal).toContain(fact)
      expect(town.dispatches()).toBe(1)
      expect(await town.asks('U0CHLOE', '/deploy status prod')).toContain('still in progress')
      await town.presses('U0ANA', 'cancel')
      await town.tells(/Run \d+.{0,200}has ended/)
      expect(run(town).attempts.at(-1)!.conclusion).toBe('cancelled')
      await town.sandbox.slack.until(() => buttons(town).includes('retry'))
      expect(stateOf(town.cards()[0]!)).toMatch(/^superseded/)
      const rows = (await auditOf(town.folder)).map(({ actor, what }) => `${actor} ${what}`)
      const end = rows.indexOf('twokey ended superseded')
      expect(rows.slice(end)).toEqual(
        expect.arrayContaining([
          'U0ANA cancel asked',
          'twokey run cancellation sent',
          'twokey run cancelled',
        ]),
      )
      expect(rows.filter((row) => row === 'twokey run cancelled')).toHaveLength(1)
      await town.approved()
      await until(() => town.dispatches() === 2)
      expect(card.ts).not.toBe(town.cards().at(-1)!.ts)
    },
  )

  story(
    'its run updates the service again over what was rolled out by hand: told in the channel, on the card, in audit and status',
    async ({ town }) => {
      town.sandbox.github.world.push('main', { message: 'Deploy twice', files: { [deployPath]: twice } })
      await superseded(town)
      await town.sandbox.aws.until(() => town.serving() === 'blog-api:42')
      town.sandbox.github.world.letGo(run(town).id)
      const post = await town.tells(/after this release had ended/)
      expect(post.broadcast).toBe(true)
      for (const fact of ['blog-api:44', 'blog-api:42', 'superseded', 'U0ANA', 'S0ONCALL', 'S0DEPLOYERS'])
        expect(post.text).toContain(fact)
      await town.sandbox.slack.until(() => buttons(town).includes('retry'))
      const card = await town.sandbox.slack.until(() => {
        const [now] = town.cards()
        return now?.text.includes('Serving blog-api:44') ? now : undefined
      })
      expect(stateOf(card)).toMatch(/^superseded/)
      expect(card.text).toContain('Rollout after the end')
      expect(
        (await auditOf(town.folder)).find(({ what }) => what === 'rolled out after the end')?.detail,
      ).toMatchObject({ evidence: 'own' })
      expect(await town.asks('U0CHLOE', '/deploy status prod')).toMatch(
        /blog-api:44.*rolled out after the end of release/,
      )
    },
  )

  story('/deploy cancel cancels the run of the caller’s release that has ended', async ({ town }) => {
    await superseded(town)
    await town.says('U0ANA', '/deploy cancel')
    await town.tells(/Run \d+.{0,200}has ended/)
    expect(town.sandbox.github.log.of(cancelRoute).length).toBeGreaterThan(0)
  })

  story('the circuit breaker rolls back while the run goes on: rolled back, then free', async ({ town }) => {
    town.sandbox.github.world.next = { holdAt: 'Smoke test' }
    town.sandbox.github.world.push('main', {
      message: 'Do not wait for the rollout',
      files: { [deployPath]: withoutWait },
    })
    town.sandbox.aws.world.unhealthy('next')
    await town.approved()
    await town.shows('rolled back')
    expect(run(town).attempts.at(-1)!.status).toBe('in_progress')
    expect(buttons(town)).toEqual(['cancel'])
    expect(await town.asks('U0ELI', '/deploy prod')).toContain('in_flight')
    town.sandbox.github.world.letGo(run(town).id)
    await town.tells(/Run \d+.{0,200}has ended/)
    expect(stateOf(town.cards()[0]!)).toMatch(/^rolled back/)
    await town.says('U0ELI', '/deploy prod')
    await town.shows('awaiting approval')
  })

  story('twokey is restarted in between: it still follows the run to its end', async ({ town }) => {
    await superseded(town)
    await town.restarts()
    expect(await town.asks('U0ELI', '/deploy prod')).toContain('in_flight')
    town.sandbox.github.world.letGo(run(town).id)
    await town.tells(/Run \d+.{0,200}has ended/)
    await town.says('U0ELI', '/deploy prod')
    await town.shows('awaiting approval')
  })

  story('/rollback replaces it: its run is cancelled before ECS is told anything', async ({ town }) => {
    await superseded(town)
    const before = town.sandbox.aws.log.of('UpdateService').length
    await town.says('U0CHLOE', '/rollback blog-api 41')
    await town.shows('awaiting approval')
    expect(town.sandbox.github.log.of(cancelRoute)).toEqual([])
    await town.presses('U0BEN', 'approve')
    await town.sandbox.aws.until(() => town.sandbox.aws.log.of('UpdateService').length > before)
    expect(run(town).attempts.at(-1)!.conclusion).toBe('cancelled')
    await town.shows('succeeded')
    expect(town.serving()).toBe('blog-api:41')
    expect(stateOf(town.cards()[0]!)).toMatch(/^superseded/)
  })

  story(
    'the run cannot be read for long: an approver settles it, and the next deploy can start',
    async ({ town }) => {
      await superseded(town)
      const { tokens } = town.sandbox.github.world
      const account = tokens.get(token)!
      tokens.delete(token)
      await town.sandbox.slack.until(() => buttons(town).includes('settle'))
      await town.tells(/GITHUB_TOKEN/)
      await town.presses('U0BEN', 'settle')
      await town.tells(/settled/)
      tokens.set(token, account)
      expect(stateOf(town.cards()[0]!)).toMatch(/^superseded/)
      await town.says('U0ELI', '/deploy prod')
      await town.shows('awaiting approval')
    },
  )
})

describe.concurrent('a release that ended while its migration still runs', () => {
  story(
    'rolled back: no second migration starts beside it, and its failure is announced',
    async ({ town }) => {
      const { aws, github } = town.sandbox
      github.world.push('main', {
        message: 'Do not wait for the migration',
        files: { [deployPath]: withoutMigrationWait },
      })
      aws.world.migrations.next({ kind: 'runs' })
      aws.world.unhealthy('next')
      await town.approved()
      await town.shows('rolled back')
      await until(() => run(town).attempts.at(-1)!.status === 'completed')
      const refusal = await town.asks('U0ELI', '/deploy prod')
      for (const fact of ['in_flight', 'rolled back', 'migration still runs']) expect(refusal).toContain(fact)
      expect(await town.asks('U0CHLOE', '/deploy status prod')).toContain('migration is still running')
      expect([buttons(town), town.dispatches()]).toEqual([[], 1])
      const [task] = aws.world.oneOffTasks
      await town.ecs.stopTask({ cluster: prod.cluster, task: task!.arn, reason: 'stopped by hand' })
      const post = await town.tells(/half migrated/)
      expect(post.broadcast).toBe(true)
      for (const id of ['U0ANA', 'S0ONCALL']) expect(post.text).toContain(id)
      await town.tells(/no longer blocks/)
      expect((await auditOf(town.folder)).map(({ what }) => what)).toContain('migration failed')
      expect(stateOf(town.cards()[0]!)).toMatch(/^rolled back/)
      await town.says('U0ELI', '/deploy prod')
      await town.shows('awaiting approval')
    },
  )
})

/** The deploy workflow, which runs its migration and goes on. */
const withoutMigrationWait = deployWorkflow({ on: ['workflow_dispatch'] }).replace(
  / {10}aws ecs wait tasks-stopped[\s\S]*?\n {10}fi\n/,
  '',
)

/** The deploy workflow, which updates the service once more after the smoke test. */
const twice = `${deployWorkflow({ on: ['workflow_dispatch'] })}
      - name: Deploy again
        run: |
          aws ecs update-service --cluster "$CLUSTER" --service "$SERVICE" --task-definition blog-api:44 > /dev/null
`

/** The deploy workflow, which goes on to the smoke test whatever becomes of the rollout. */
const withoutWait = deployWorkflow({ on: ['workflow_dispatch'] }).replace(
  /.*wait-for-service-stability.*\n/,
  '',
)

story(
  'the tasks cannot be listed and the run is cancelled: no deploy starts beside the migration until a person settles it',
  async ({ town }) => {
    const { aws, slack } = town.sandbox
    aws.world.deny('ecs:ListTasks')
    aws.world.migrations.next({ kind: 'runs' })
    await town.approved()
    await aws.until((world) => world.oneOffTasks.length === 1)
    await town.tells(/migration.* cannot be read/i)
    await town.presses('U0ANA', 'cancel')
    expect(await town.ends()).toBe('cancelled')
    const card = () => JSON.stringify(town.cards()[0]?.blocks)
    await slack.until(() => card().includes('twokey:settle'))
    expect(card()).toContain('twokey cannot read the task')
    expect(card()).not.toContain('twokey:retry')
    expect(await town.asks('U0ANA', '/deploy prod')).toContain('in_flight')

    await town.presses('U0BEN', 'settle')
    await slack.until(() => card().includes('twokey:retry'))
    await town.says('U0ANA', '/deploy prod')
    await slack.until(() => town.cards().length === 2)
    await town.shows('awaiting approval')
  },
)
