import { describe, expect, test } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import { latest, type Run } from '../../sandbox/github/runs.ts'
import { gitHubForEach, repository } from './harness.ts'

const harness = gitHubForEach()

const minute = 60_000

const world = () => harness.sandbox.world
const gate = () => world().repository().environment('production')!

/** A run that waits at the gate of production for a review of twokey's account, or of Ben. */
async function waitingRun(): Promise<Run> {
  gate().reviewers = [account('twokey-bot'), account('ben')]
  const run = world().startRun()
  await waits(run)
  return run
}

const waits = (run: Run) => world().until(() => latest(run).jobs.some(({ status }) => status === 'waiting'))

/** The same run, started again after its first attempt was rejected. */
async function secondAttempt(): Promise<Run> {
  const run = await waitingRun()
  world().gates.review(run.id, { by: account('ben'), state: 'rejected' })
  await world().until(() => latest(run).status === 'completed')
  world().rerun(run.id)
  await waits(run)
  return run
}

function reviews(run: Run, login: string, comment = ''): void {
  world().gates.review(run.id, { by: account(login), state: 'approved', comment })
}

const sighted = (run: Run, environment = 'production') =>
  harness.connect().gate({
    repository,
    runId: run.id,
    attempt: latest(run).number,
    environment,
    releaseId: 'r-1a2b',
  })

/** Each push starts the workflow, which waits at once at the gate, and cancels the earlier runs of its group. */
function cancelsInProgress(): void {
  gate().reviewers = [account('twokey-bot')]
  world().push('main', {
    message: 'Ship the newest only',
    files: {
      '.github/workflows/deploy.yml': `on: [workflow_dispatch]
concurrency: { group: 'ship-\${{ github.ref }}', cancel-in-progress: true }
jobs:
  ship:
    runs-on: ubuntu-latest
    environment: production
    steps: [{ run: echo ship }]
`,
    },
  })
}

const own = 'Approved in Slack by ben, chloe (release r-1a2b).'

describe('who opened a gate, as GitHub shows it', () => {
  test('a review that names the release is its own', async () => {
    gate().waitMs = 30 * minute
    const run = await waitingRun()
    reviews(run, 'twokey-bot', own)
    expect(await sighted(run)).toEqual({ gate: 'passed', by: 'twokey' })
  })

  test('a review of somebody else, or of another release, is not its own', async () => {
    gate().waitMs = 30 * minute
    const run = await waitingRun()
    reviews(run, 'ben', own.replace('r-1a2b', 'r-1a2bc'))
    expect(await sighted(run)).toEqual({ gate: 'passed', by: ['ben'] })
  })

  test('a gate that somebody opened for an earlier job has passed, though a later job waits there by now', async () => {
    const job = (needs: string) =>
      `{ ${needs}runs-on: ubuntu-latest, environment: production, steps: [{ run: echo ship }] }`
    const text = `on: [workflow_dispatch]\njobs:\n  first: ${job('')}\n  second: ${job('needs: [first], ')}\n`
    world().push('main', { message: 'Ship twice', files: { '.github/workflows/deploy.yml': text } })
    const run = await waitingRun()
    reviews(run, 'ben')
    await world().until(() => {
      const [first, second] = latest(run).jobs
      return first?.status === 'completed' && second?.status === 'waiting'
    })
    expect(await sighted(run)).toEqual({ gate: 'passed', by: ['ben'] })
  })

  test('a run that was started again passes by a review that names the release', async () => {
    gate().waitMs = 30 * minute
    const run = await secondAttempt()
    expect(await sighted(run)).toMatchObject({ gate: 'waiting' })
    reviews(run, 'twokey-bot', own)
    expect(await sighted(run)).toEqual({ gate: 'passed', by: 'twokey' })
  })

  test('a run that was started again does not pass by the review of somebody else, which may be of an earlier attempt', async () => {
    gate().waitMs = 30 * minute
    const run = await secondAttempt()
    reviews(run, 'ben')
    expect(await sighted(run)).toMatchObject({ gate: 'waiting' })
  })

  test('the name of the environment is compared without case', async () => {
    const run = await secondAttempt()
    reviews(run, 'ben')
    await world().until(() => latest(run).status === 'completed')
    expect(await sighted(run, 'Production')).toEqual({ gate: 'passed', by: [] })
  })
})

describe('a run that was cancelled at the gate', () => {
  test('the newer run is named for which GitHub cancelled it', async () => {
    cancelsInProgress()
    const first = world().startRun()
    await waits(first)
    const second = world().startRun()
    await world().until(() => latest(first).status === 'completed')
    expect(await sighted(first)).toMatchObject({
      gate: 'run ended',
      verdict: 'cancelled',
      newer: { id: second.id, group: 'ship-refs/heads/main' },
    })
  })

  test('the run is named that occupies the group, for which the newer one waits as well', async () => {
    gate().reviewers = [account('twokey-bot')]
    world().push('main', {
      message: 'Ship one at a time',
      files: {
        '.github/workflows/deploy.yml': `on: [workflow_dispatch]
concurrency: ship
jobs:
  ship:
    runs-on: ubuntu-latest
    environment: production
    steps: [{ run: echo ship }]
`,
      },
    })
    const [first, second] = [world().startRun(), world().startRun()]
    await world().until(() => latest(second).status === 'pending')
    const third = world().startRun()
    await world().until(() => latest(second).status === 'completed')
    expect(await sighted(second)).toMatchObject({
      newer: { id: third.id, group: 'ship', holder: { id: first.id, number: first.number } },
    })
  })

  test('no newer run is named if somebody cancelled it', async () => {
    cancelsInProgress()
    const run = world().startRun()
    await waits(run)
    world().cancelRun(run.id)
    await world().until(() => latest(run).status === 'completed')
    const { newer, ...seen } = (await sighted(run)) as { newer?: object; gate: string; verdict: string }
    expect(seen).toMatchObject({ gate: 'run ended', verdict: 'cancelled' })
    expect(newer).toBeUndefined()
  })

  test('a run counts as cancelled if the concurrency groups cannot be read', async () => {
    cancelsInProgress()
    const first = world().startRun()
    await waits(first)
    world().startRun()
    await world().until(() => latest(first).status === 'completed')
    const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/concurrency_groups'
    const body = { message: 'Resource not accessible by personal access token' }
    harness.sandbox.faults.queue(route, { kind: 'answer', status: 403, body }, { times: 20 })
    expect(await sighted(first)).toMatchObject({ gate: 'run ended', verdict: 'cancelled' })
  })
})
