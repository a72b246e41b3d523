import { describe, expect, test } from 'vitest'
import { permissions } from '../../sandbox/github/access.ts'
import { account } from '../../sandbox/github/people.ts'
import { type Checks, checksVerdict, type RequiredChecks } from '../../src/release/checks.ts'
import { bindingRules } from '../release/bound.ts'
import { gitHubForEach, repository, workflow } from './harness.ts'

const harness = gitHubForEach()
const checkRoute = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'
const statusRoute = 'GET /repos/{owner}/{repo}/commits/{ref}/status'
const runsRoute = 'GET /repos/{owner}/{repo}/actions/runs'

/** The checks that a request for the tip of main reads. */
async function read(token?: string, deployWorkflows: readonly string[] = []): Promise<Checks> {
  const client = harness.connect(token === undefined ? {} : { token }, deployWorkflows)
  const inspected = await client.inspect({
    repository,
    workflow,
    branch: 'main',
    ref: null,
    running: [{ commit: harness.shas()[1]! }],
    rules: () => bindingRules(),
  })
  if ('refused' in inspected) throw new Error(inspected.refused.sentence)
  return inspected.checks
}

/** What the required checks of the tip of main came to. */
async function required(token?: string): Promise<RequiredChecks> {
  const checks = await harness
    .connect(token === undefined ? {} : { token })
    .checks({ repository, workflow, commit: harness.tip(), requiredOn: 'main' })
  if (!checks.required) throw new Error('no required checks were read')
  return checks.required
}

/** A token with all permissions that twokey needs except these. */
function tokenWithout(...names: readonly ('checks' | 'statuses')[]): string {
  const none = Object.fromEntries(names.map((name) => [name, 'none']))
  const access = { account: account('few'), kind: 'user', permissions: { ...permissions, ...none } } as const
  harness.sandbox.world.tokens.set('github_pat_few', access)
  return 'github_pat_few'
}

const none = { source: 'checks', passed: 0, pending: 0, failed: 0, failing: [] }

describe('the checks of a commit', () => {
  test('a commit has no checks if nothing reported any, which takes two requests', async () => {
    expect(await read()).toEqual(none)
    expect(harness.statuses(checkRoute)).toEqual([200])
    expect(harness.statuses(statusRoute)).toEqual([200])
  })

  test.each(['success', 'neutral', 'skipped'] as const)(
    'a check with the conclusion %s counts as passed',
    async (conclusion) => {
      harness.sandbox.world.check(harness.tip(), { name: 'lint', conclusion })
      expect(await read()).toEqual({ ...none, passed: 1 })
    },
  )

  test.each(['failure', 'timed_out', 'cancelled'] as const)(
    'a check with the conclusion %s counts as failed and is named',
    async (conclusion) => {
      harness.sandbox.world.check(harness.tip(), { name: 'lint', conclusion })
      expect(await read()).toEqual({ ...none, failed: 1, failing: ['lint'] })
    },
  )

  test('a check is pending while it is in progress or waits for a person', async () => {
    harness.sandbox.world.check(harness.tip(), { name: 'lint' })
    harness.sandbox.world.check(harness.tip(), { name: 'licenses', conclusion: 'action_required' })
    expect(await read()).toEqual({ ...none, pending: 2 })
  })

  test('checks include commit statuses, the latest of each context', async () => {
    const { world } = harness.sandbox
    world.status(harness.tip(), { context: 'ci/build', state: 'failure' })
    world.status(harness.tip(), { context: 'ci/build', state: 'success' })
    world.status(harness.tip(), { context: 'ci/e2e', state: 'error' })
    world.status(harness.tip(), { context: 'ci/deploy', state: 'pending' })
    expect(await read()).toEqual({ ...none, passed: 1, pending: 1, failed: 1, failing: ['ci/e2e'] })
  })

  test('checks leave out those of other commits, and the jobs of the workflow that deploys', async () => {
    const { world } = harness.sandbox
    world.check(harness.shas()[1]!, { name: 'lint', conclusion: 'failure' })
    expect(world.startRun({ workflow, event: 'push' }).headSha).toBe(harness.tip())
    expect(await read()).toEqual(none)
  })

  test('checks name the first five that failed and count the others', async () => {
    for (let at = 0; at < 9; at += 1)
      harness.sandbox.world.check(harness.tip(), { name: `check ${at}`, conclusion: 'failure' })
    const checks = await read()
    expect(checks.failed).toBe(9)
    expect(checks.failing).toHaveLength(5)
  })

  test('a commit with more than a hundred checks says how many were read', async () => {
    for (let at = 0; at < 120; at += 1)
      harness.sandbox.world.check(harness.tip(), { name: `check ${at}`, conclusion: 'success' })
    expect(await read()).toEqual({ ...none, passed: 100, unread: 'only 100 of 120 checks were read' })
  })
})

describe('the deploys of other services', () => {
  const worker = 'deploy-worker.yml'

  /** Two workflows fail on a push: CI, and the deploy of another service. */
  async function pushed(): Promise<string> {
    const { world } = harness.sandbox
    const job = 'runs-on: ubuntu-latest, steps: [{ run: exit 1 }]'
    const files = {
      '.github/workflows/ci.yml': `on: { push: {} }\njobs: { lint: { ${job} } }\n`,
      [`.github/workflows/${worker}`]: `on: { push: {} }\njobs: { ship-worker: { ${job} } }\n`,
    }
    const sha = world.push('main', { message: 'Lint', files })
    const isFailed = (run: {
      readonly headSha: string
      readonly attempts: readonly { conclusion: unknown }[]
    }) => run.headSha === sha && run.attempts.at(-1)?.conclusion === 'failure'
    await world.until(() => world.repository().runs.filter(isFailed).length === 2)
    return sha
  }

  test('checks leave out the jobs of every workflow that twokey.yml names', async () => {
    await pushed()
    expect(await read()).toEqual({ ...none, failed: 2, failing: ['lint', 'ship-worker'] })
    expect(await read(undefined, [worker])).toEqual({ ...none, failed: 1, failing: ['lint'] })
  })

  test('the runs that are read in place of checks leave them out too', async () => {
    await pushed()
    const runs = { ...none, source: 'workflow runs', failed: 1, failing: ['ci.yml'] }
    expect(await read(tokenWithout('checks'), [worker])).toEqual(runs)
  })

  test('checks that are read again leave them out too', async () => {
    const commit = await pushed()
    const again = harness.connect({}, [worker]).checks({ repository, workflow, commit })
    expect(await again).toEqual({ ...none, failed: 1, failing: ['lint'] })
  })

  test('the checks of a run that waits at a gate leave them out too', async () => {
    const headSha = await pushed()
    const run = {
      runId: 1,
      title: 'Lint',
      at: null,
      endedAt: null,
      isOver: false,
      attempt: 1,
      url: 'https://github.com/myorg/blog-api/actions/runs/1',
      event: 'push',
      login: 'ana',
      workflow,
      branch: 'main',
      headSha,
      headRepository: repository,
      environment: 'production',
    }
    const ask = { repository, workflow, branch: 'main', run, running: [{ commit: headSha }] }
    expect(await harness.connect({}, [worker]).inspectRun(ask)).toMatchObject({
      checks: { ...none, failed: 1, failing: ['lint'] },
    })
  })

  test('checks are unread if the runs that they belong to cannot be read', async () => {
    await pushed()
    const fault = { kind: 'answer', status: 502, body: { message: 'no' } } as const
    harness.sandbox.faults.queue(runsRoute, fault, { times: 9 })
    expect(await read(undefined, [worker])).toMatchObject({
      failed: 0,
      unread: expect.stringContaining('502'),
    })
  })
})

describe('checks that the token may not read', () => {
  test('checks that the token may not read are replaced by the runs of other workflows', async () => {
    const { world } = harness.sandbox
    const job = 'runs-on: ubuntu-latest, steps: [{ run: exit 1 }]'
    const files = { '.github/workflows/ci.yml': `on: { push: {} }\njobs: { lint: { ${job} } }\n` }
    const sha = world.push('main', { message: 'Lint', files })
    world.startRun({ workflow, event: 'push' })
    await world.until(() =>
      world
        .repository()
        .runs.some((run) => run.headSha === sha && run.attempts.at(-1)?.conclusion === 'failure'),
    )
    expect(await read(tokenWithout('checks'))).toEqual({
      ...none,
      source: 'workflow runs',
      failed: 1,
      failing: ['ci.yml'],
    })
    expect(harness.statuses(runsRoute)).toEqual([200])
  })

  test('checks are unread if the token may not read commit statuses either', async () => {
    const checks = await read(tokenWithout('checks', 'statuses'))
    expect(checks).toMatchObject({ passed: 0, unread: expect.stringContaining('403') })
  })
})

describe('checks that GitHub does not send', () => {
  test.each([500, 502])(
    'checks that GitHub answers with %d are unread, and the request continues',
    async (status) => {
      for (const route of [checkRoute, statusRoute])
        harness.sandbox.faults.queue(route, { kind: 'answer', status, body: { message: 'no' } }, { times: 9 })
      expect(await read()).toMatchObject({ passed: 0, unread: expect.stringContaining(String(status)) })
    },
  )
})

describe('the required checks of a commit', () => {
  const requires = (by: 'protection' | 'ruleset', ...contexts: readonly string[]) =>
    harness.sandbox.world.repository().requiredChecks.push({ branch: 'main', by, contexts })
  const check = (name: string, conclusion?: 'success' | 'failure') =>
    harness.sandbox.world.check(harness.tip(), { name, ...(conclusion && { conclusion }) })
  const verdict = async (token?: string) => checksVerdict(await required(token))

  test('those that the protection of the branch and its rulesets name count, and no others', async () => {
    requires('protection', 'lint')
    requires('ruleset', 'e2e')
    check('lint', 'success')
    check('flaky', 'failure')
    expect(await required()).toMatchObject({
      by: 'branch',
      passed: 1,
      pending: { count: 1, names: ['e2e'] },
      failed: { count: 0 },
      url: expect.stringMatching(new RegExp(`/${repository}/commit/${harness.tip()}/checks$`)),
    })
    harness.sandbox.world.status(harness.tip(), { context: 'e2e', state: 'success' })
    expect(await verdict()).toBe('green')
  })

  test('a job of the workflow that deploys counts if GitHub requires it by its name', async () => {
    const run = harness.sandbox.world.startRun({ workflow, event: 'push' })
    await harness.sandbox.world.until(() => run.attempts[0]?.jobs[0]?.conclusion === 'success')
    expect(await verdict()).toBe('none')
    requires('protection', run.attempts[0]!.jobs[0]!.name)
    expect(await required()).toMatchObject({ by: 'branch', passed: 1 })
  })

  test('all checks and statuses of the commit count where GitHub names none', async () => {
    expect(await required()).toMatchObject({ by: 'commit', passed: 0 })
    expect(await verdict()).toBe('none')
    check('lint', 'success')
    expect(await verdict()).toBe('green')
    check('slow')
    expect(await verdict()).toBe('pending')
    harness.sandbox.world.status(harness.tip(), { context: 'ci/e2e', state: 'error' })
    expect(await required()).toMatchObject({ failed: { count: 1, names: ['ci/e2e'] } })
    expect(await verdict()).toBe('red')
  })

  test('required checks are waited for longer than five seconds', async () => {
    check('lint', 'success')
    harness.sandbox.faults.queue(checkRoute, { kind: 'delay', ms: 5_500 })
    expect(await verdict()).toBe('green')
  }, 20_000)

  test('rulesets that GitHub does not offer name none', async () => {
    const blog = harness.sandbox.world.repository()
    blog.plan = 'free'
    requires('protection', 'lint')
    expect(await required()).toMatchObject({ by: 'branch', pending: { names: ['lint'] } })
  })

  test('all of more than a hundred checks are read', async () => {
    for (let at = 0; at < 120; at += 1) check(`check ${at}`, 'success')
    check('the last one', 'failure')
    expect(await required()).toMatchObject({ passed: 120, failed: { names: ['the last one'] } })
  })

  test('a token that may not read checks makes them unreadable, unless statuses are all that is required', async () => {
    check('lint', 'success')
    expect(await required(tokenWithout('checks'))).toMatchObject({
      unread: { kind: 'terminal', reason: expect.stringContaining('may not read checks') },
    })
    expect(await verdict('github_pat_few')).toBe('unreadable')
    requires('protection', 'ci/build')
    expect(await verdict('github_pat_few')).toBe('unreadable')
    harness.sandbox.world.status(harness.tip(), { context: 'ci/build', state: 'success' })
    expect(await verdict('github_pat_few')).toBe('green')
  })

  test.each(['GET /repos/{owner}/{repo}/rules/branches/{branch}', checkRoute] as const)(
    'trouble with %s makes them unreadable, which may pass',
    async (route) => {
      check('lint', 'success')
      const answer = { kind: 'answer', status: 502, body: { message: 'no' } } as const
      harness.sandbox.faults.queue(route, answer, { times: 9 })
      expect(await required()).toMatchObject({
        unread: { kind: 'passing', reason: expect.stringContaining('502') },
      })
      expect(await verdict()).toBe('unreadable')
    },
  )
})
