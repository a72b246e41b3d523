import { describe, expect, test } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import { latest, type Run, type RunPlan } from '../../sandbox/github/runs.ts'
import { deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import type { GitHub } from '../../src/ports/ports.ts'
import type { Hindrance } from '../../src/release/sighting.ts'
import { gitHubForEach, repository } from './harness.ts'

const harness = gitHubForEach()

const pendingRoute = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments'
const minute = 60_000

const world = () => harness.sandbox.world
const gate = () => world().repository().environment('production')!

const sighting = async ({ id: runId }: Run, github = harness.connect()) => {
  const found = await github.run({ repository, runId, attempt: 1, releaseId: 'r-1a2b' })
  if (found.found !== 'one') throw new Error(found.found)
  return found.run
}

/** What blocks the run, once the message contains these words. */
async function heldBy(
  run: Run,
  kind: Hindrance['kind'],
  github: GitHub = harness.connect(),
): Promise<Hindrance> {
  return expect
    .poll(async () => (await sighting(run, github)).heldBy, { interval: 5 })
    .toMatchObject({ kind })
    .then(async () => (await sighting(run, github)).heldBy!)
}

const started = (plan: RunPlan = {}): Run => {
  world().next = plan
  return world().startRun()
}

/** Somebody's review at the gate, and GitHub's reaction. */
function reviews(run: Run, state: 'approved' | 'rejected', login = 'ana'): void {
  world().gates.review(run.id, { by: account(login), state })
}

describe('a run at the gate of an environment', () => {
  test('names the reviewers of a gate, and waits since the previous job ended', async () => {
    gate().reviewers = [account('ana'), account('ben')]
    gate().teams = [{ id: 7, name: 'Site Reliability', slug: 'site-reliability', members: ['chloe'] }]
    const run = started()
    const held = await heldBy(run, 'gate')
    expect(held.words).toBe(
      'it waits for a review of the environment production by ana, ben or the team Site Reliability',
    )
    const [before] = latest(run).jobs
    expect(held.since).toBe(Math.floor(before!.completedAt! / 1000) * 1000)
    expect(held.until).toBeUndefined()
    expect((await sighting(run)).verdict).toBe('moving')
    expect(held.restAt).toEqual(['production'])
    reviews(run, 'approved')
    await world().until(() => latest(run).status === 'completed')
    expect(await sighting(run)).toMatchObject({ verdict: 'succeeded' })
    expect((await sighting(run)).heldBy).toBeUndefined()
  })

  test('a run waits for the wait timer until it ends', async () => {
    gate().waitMs = 30 * minute
    const held = await heldBy(started(), 'gate')
    expect(held.words).toBe('it waits for the wait timer of 30 min of the environment production')
    expect(held.until).toBeGreaterThan(Date.now() + 29 * minute)
  })

  test('a run waits for review and timer, and after the review for the timer only', async () => {
    Object.assign(gate(), { reviewers: [account('ana')], waitMs: 30 * minute })
    const run = started()
    const both = await heldBy(run, 'gate')
    expect(both.words).toMatch(/review of the environment production by ana, and the wait timer of 30 min/)
    expect(both.until).toBeUndefined()
    reviews(run, 'approved')
    const left = await heldBy(run, 'gate')
    expect(left.words).toMatch(/wait timer/)
    expect(left.words).not.toMatch(/review/)
  })

  test('names a protection rule of a GitHub App if neither a review nor a timer is missing', async () => {
    gate().reviewers = [account('ana')]
    const run = started()
    await heldBy(run, 'gate')
    const body = [
      {
        environment: { id: 1, name: 'production' },
        wait_timer: 0,
        wait_timer_started_at: null,
        current_user_can_approve: false,
        reviewers: [],
      },
    ]
    harness.sandbox.faults.queue(pendingRoute, { kind: 'answer', status: 200, body })
    expect((await sighting(run)).heldBy?.words).toBe(
      'it waits for a protection rule of the environment production',
    )
  })

  test.each([
    [403, 'Resource not accessible by personal access token', 'actions: read'],
    [404, 'Not Found', 'no access'],
    [502, 'Bad Gateway', '502'],
  ])('reports that the cause at the gate cannot be read: %s', async (status, message, says) => {
    gate().reviewers = [account('ana')]
    const run = started()
    const github = harness.connect()
    await heldBy(run, 'gate', github)
    const fault = { kind: 'answer', status, body: { message } } as const
    harness.sandbox.faults.queue(pendingRoute, fault, { times: 20 })
    const { heldBy: held, verdict } = await sighting(run)
    expect(verdict).toBe('moving')
    expect(held).toMatchObject({ kind: 'gate' })
    for (const part of ['could not be read', message, says]) expect(held?.words).toContain(part)
  })

  test('uses no rate limit while nothing changes, and reads no gate of a run that continues', async () => {
    gate().reviewers = [account('ana')]
    const run = started()
    const github = harness.connect()
    await heldBy(run, 'gate', github)
    await sighting(run, github)
    const asked = harness.statuses(pendingRoute).length
    for (let times = 0; times < 3; times += 1) await sighting(run, github)
    expect(harness.statuses(pendingRoute).slice(asked)).toEqual([304, 304, 304])
    reviews(run, 'approved')
    const going = started({ holdAt: 'Test' })
    await world().until(() => latest(going).status === 'in_progress' && latest(run).status === 'completed')
    await sighting(going, github)
    await sighting(run, github)
    expect(harness.statuses(pendingRoute)).toHaveLength(asked + 3)
  })
})

describe('a run of which one job waits at a gate while another is in progress', () => {
  const besideAnother = `on: [workflow_dispatch]
jobs:
  slow:
    runs-on: ubuntu-latest
    steps: [{ name: Slow, run: echo slow }]
  ship:
    runs-on: ubuntu-latest
    environment: { name: production, url: 'https://blog.example' }
    steps: [{ run: echo ship }]
`

  function goesOnBeside(): Run {
    gate().reviewers = [account('twokey-bot')]
    world().push('main', {
      message: 'Ship beside a slow job',
      files: { '.github/workflows/deploy.yml': besideAnother },
    })
    return started({ holdAt: 'Slow' })
  }

  test('a run that goes on is not blocked, and shows the gate that twokey can open', async () => {
    const run = goesOnBeside()
    const github = harness.connect()
    await expect.poll(async () => (await sighting(run, github)).opens).toEqual(['production'])
    expect((await sighting(run, github)).heldBy).toBeUndefined()
    expect(latest(run).status).toBe('in_progress')
    reviews(run, 'approved', 'twokey-bot')
    await expect.poll(async () => (await sighting(run, github)).opens).toBeUndefined()
  })

  test('a run that goes on is found among those that wait, if its workflow deploys', async () => {
    const run = goesOnBeside()
    const github = harness.connect()
    await expect.poll(async () => (await sighting(run, github)).opens).toEqual(['production'])
    const waiting = (workflows: readonly string[]) =>
      github.waitingRuns({ repository, environments: ['Production'], workflows })
    expect(await waiting(['deploy.yml'])).toMatchObject([{ runId: run.id, environment: 'Production' }])
    expect(await waiting(['other.yml'])).toEqual([])
  })
})

describe('a run that waits for its concurrency group', () => {
  /** Pushes the deploy workflow with `concurrency` at its top level, or in its job `deploy`, without starting a run. */
  function queues(at: 'run' | 'job'): void {
    const path = '.github/workflows/deploy.yml'
    const text = deployWorkflow({ on: ['workflow_dispatch'] })
    const files =
      at === 'run'
        ? { [path]: text.replace('\njobs:', '\nconcurrency: deploy/main\n\njobs:') }
        : { [path]: text.replace('    needs: test\n', '    needs: test\n    concurrency: { group: ship }\n') }
    world().push('main', { message: 'Queue', files })
  }

  test('names the concurrency group and the run that occupies it, until the run continues', async () => {
    queues('run')
    const first = started({ holdAt: 'Test' })
    const second = started()
    const held = await heldBy(second, 'concurrency')
    expect(held.words).toBe(`it waits for run ${first.id} in the concurrency group deploy/main`)
    expect(latest(second)).toMatchObject({ status: 'pending', jobs: [] })
    world().letGo(first.id)
    await world().until(() => latest(second).conclusion === 'success')
    expect((await sighting(second)).heldBy).toBeUndefined()
  })

  test('names the job that occupies the concurrency group of a job', async () => {
    queues('job')
    const first = started({ holdAt: 'Build' })
    await world().until(() =>
      latest(first).jobs.some(({ key, status }) => key === 'deploy' && status === 'in_progress'),
    )
    const second = started()
    const held = await heldBy(second, 'concurrency')
    expect(held.words).toBe(`it waits for the job deploy of run ${first.id} in the concurrency group ship`)
    world().letGo(first.id)
    await world().until(() => latest(second).conclusion === 'success')
  })

  test('names neither group nor run on a server without concurrency groups', async () => {
    world().server = 'enterprise'
    queues('run')
    started({ holdAt: 'Test' })
    expect((await heldBy(started(), 'concurrency')).words).toBe(
      'it waits for another run of its concurrency group',
    )
  })

  test('reports that the concurrency group cannot be read', async () => {
    queues('run')
    started({ holdAt: 'Test' })
    const second = started()
    await heldBy(second, 'concurrency')
    const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/concurrency_groups'
    const body = { message: 'Resource not accessible by personal access token' }
    harness.sandbox.faults.queue(route, { kind: 'answer', status: 403, body }, { times: 20 })
    expect((await sighting(second)).heldBy?.words).toMatch(
      /another run of its concurrency group.*not accessible/,
    )
  })

  test('reports a run that GitHub cancelled for a newer one before it ran', async () => {
    queues('run')
    started({ holdAt: 'Test' })
    const second = started()
    await heldBy(second, 'concurrency')
    const third = started()
    await world().until(() => latest(second).status === 'completed')
    expect(await sighting(second)).toMatchObject({
      verdict: 'cancelled',
      reason: `GitHub cancelled the run for workflow run #${third.number}, a newer one in the concurrency group deploy/main`,
      newer: { id: third.id, group: 'deploy/main' },
    })
  })

  test('reports a run that somebody cancelled while no newer one came', async () => {
    queues('run')
    const run = started({ holdAt: 'Test' })
    world().cancelRun(run.id)
    await world().until(() => latest(run).status === 'completed')
    expect((await sighting(run)).verdict).toBe('cancelled')
    expect((await sighting(run)).newer).toBeUndefined()
  })
})

describe('a run that does not start', () => {
  test('names the runner labels that a job waits for, since the job was created', async () => {
    const run = started({ stuck: 'queued' })
    const held = await heldBy(run, 'runner')
    expect(held.words).toContain('job test')
    expect(held.words).toContain('ubuntu-latest')
    expect(held.since).toBe(Math.floor(latest(run).jobs[0]!.createdAt / 1000) * 1000)
  })

  test('reports a run that GitHub has not queued', async () => {
    expect(await heldBy(started({ stuck: 'requested' }), 'queue')).toMatchObject({
      since: expect.any(Number),
    })
  })

  test('a run that needs permission continues in the same attempt, though GitHub reports it as completed', async () => {
    const run = started({ stuck: 'action_required' })
    await heldBy(run, 'allowance')
    expect(latest(run)).toMatchObject({ status: 'completed', conclusion: 'action_required' })
    expect(await sighting(run)).toMatchObject({ verdict: 'moving', endedAt: null })
    world().letGo(run.id)
    await world().until(() => latest(run).conclusion === 'success')
    expect(await sighting(run)).toMatchObject({ verdict: 'succeeded', attempt: 1 })
  })
})
