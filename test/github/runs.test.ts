import { describe, expect, test } from 'vitest'
import type { Attempt, Job } from '../../sandbox/github/runs.ts'
import { shows } from '../../src/github/text.ts'
import type { GitHub } from '../../src/ports/ports.ts'
import type { AskOf } from '../../src/release/look.ts'
import type { RunSearch, RunSighting } from '../../src/release/sighting.ts'
import { gitHubForEach, repository, routes, workflow } from './harness.ts'

const harness = gitHubForEach()

const dispatch = async (releaseId: string, github = harness.connect()) => {
  const inputs = { environment: 'production', release_id: releaseId }
  const answer = await github.dispatch({
    repository,
    workflow,
    ref: 'main',
    inputs,
    details: 'asked',
    maySend: async () => true,
  })
  if (answer.answer !== 'run') throw new Error(answer.answer)
  return answer.runId
}

const ended = (runId: number) =>
  harness.sandbox.world.until((world) => world.find(runId).run.attempts.at(-1)!.status === 'completed')

const search = (releaseId: string, since = Date.now()) =>
  ({ repository, workflow, releaseId, branch: 'main', since }) as const

const one = (found: RunSearch): RunSighting => {
  if (found.found !== 'one') throw new Error(found.found)
  return found.run
}

const readLook = async (github: GitHub, runId: number, attempt = 1) =>
  one(await github.run({ repository, runId, attempt, releaseId: 'r-1a2b' }))

/** Moves the end of the last job by this many ms; null: removes it. */
function shift(jobs: readonly Job[], byMs: number | null): void {
  const job = jobs.at(-1)!
  job.completedAt = byMs === null ? null : job.completedAt! + byMs
}

describe('a run is found by the release’s id in its title', () => {
  test('finds the run once GitHub lists it', async () => {
    harness.sandbox.world.lag = { lists: 60_000, filtered: 60_000, run: 0 }
    const runId = await dispatch('r-7')
    const github = harness.connect()
    expect(await github.findRun(search('r-7'))).toEqual({ found: 'none' })
    harness.sandbox.world.lag.lists = 0
    expect(one(await github.findRun(search('r-7'))).id).toBe(runId)
  })

  test('finds the run in a list without filters, which may be stale', async () => {
    harness.sandbox.world.lag.filtered = 60_000
    const runId = await dispatch('r-7')
    expect(one(await harness.connect().findRun(search('r-7'))).id).toBe(runId)
  })

  test('ignores runs with a longer id, pushes, older runs and runs of another branch', async () => {
    await dispatch('r-77')
    harness.sandbox.world.startRun({
      event: 'workflow_dispatch',
      branch: 'develop',
      inputs: { release_id: 'r-7' },
    })
    harness.sandbox.world.startRun({ inputs: { release_id: 'r-7' } })
    const github = harness.connect()
    expect(await github.findRun(search('r-7'))).toEqual({ found: 'none' })
    await dispatch('r-7')
    expect(await github.findRun(search('r-7', Date.now() + 60_000))).toEqual({ found: 'none' })
    expect(one(await github.findRun(search('r-7', Date.now() + 20_000))).reason).toMatch(/./)
  })

  test('never takes the newest of several runs', async () => {
    const ids = [await dispatch('r-7'), await dispatch('r-7')]
    expect(await harness.connect().findRun(search('r-7'))).toEqual({
      found: 'several',
      ids: ids.toReversed(),
    })
  })

  test('finds the run behind more than a page of others', async () => {
    harness.sandbox.world.next = { stuck: 'queued' }
    const runId = await dispatch('r-7')
    for (let at = 0; at < 130; at += 1) {
      harness.sandbox.world.next = { stuck: 'queued' }
      harness.sandbox.world.startRun()
    }
    expect(one(await harness.connect().findRun(search('r-7'))).id).toBe(runId)
  })
})

describe('a title', () => {
  test.each([
    ['deploy prod [r-7]', true],
    ['r-7', true],
    ['deploy_prod_r-7', true],
    ['deploy-prod-r-7: blog', true],
    ['r-77 r-7', true],
    ['r-77', false],
    ['xr-7', false],
    ['deploy prod', false],
    ['', false],
  ])('%j shows the id r-7: %s', (title, isShown) => {
    expect(shows(title, 'r-7')).toBe(isShown)
  })
})

describe('a run', () => {
  test('reports a run as it progresses, with the current step', async () => {
    harness.sandbox.world.next = { holdAt: 'Build' }
    const runId = await dispatch('r-7')
    const github = harness.connect()
    await harness.sandbox.world.until((world) =>
      world
        .find(runId)
        .run.attempts[0]!.jobs[1]?.steps.some(
          ({ name, status }) => name === 'Build' && status === 'in_progress',
        ),
    )
    expect(await readLook(github, runId)).toMatchObject({
      id: runId,
      attempt: 1,
      headSha: harness.tip(),
      verdict: 'moving',
      url: `https://github.com/${repository}/actions/runs/${runId}`,
      jobs: [
        { name: 'test', verdict: 'succeeded' },
        { name: 'deploy', verdict: 'moving', step: 'Build' },
      ],
    })
    harness.sandbox.world.letGo(runId)
    await ended(runId)
    expect(await readLook(github, runId)).toMatchObject({ verdict: 'succeeded' })
  })

  test('names the failed job and step of a run, and its log explains why', async () => {
    harness.sandbox.world.next = { failStep: 'Migrate' }
    const runId = await dispatch('r-7')
    await ended(runId)
    const github = harness.connect()
    const run = await readLook(github, runId)
    expect(run).toMatchObject({ verdict: 'failed', reason: expect.stringMatching(/deploy.*Migrate/) })
    const job = run.jobs.find(({ verdict }) => verdict === 'failed')!
    const lines = await github.jobLog({ log: 'job', repository, jobId: job.id }, 3)
    expect(lines.length).toBeLessThanOrEqual(3)
    expect(lines.at(-1)).toMatch(/^Error: /)
    expect(lines.join()).not.toMatch(/##\[|\d{4}-\d\d-\d\dT/)
  })

  test.each([
    ['timed_out', 'failed'],
    ['cancelled', 'cancelled'],
  ] as const)('a run past its time limit with the conclusion %s is %s', async (as, verdict) => {
    harness.sandbox.world.next = { timeOut: { step: 'Deploy', as } }
    const runId = await dispatch('r-7')
    await ended(runId)
    expect(await readLook(harness.connect(), runId)).toMatchObject({ verdict })
  })

  test('reports the same attempt when somebody re-runs the run', async () => {
    harness.sandbox.world.next = { failStep: 'Smoke test' }
    const runId = await dispatch('r-7')
    await ended(runId)
    const github = harness.connect()
    const first = await readLook(github, runId)
    harness.sandbox.world.rerun(runId)
    expect(await readLook(github, runId)).toEqual(first)
    await ended(runId)
    expect(await readLook(github, runId)).toEqual(first)
    expect(one(await github.findRun(search('r-7')))).toEqual(first)
    expect(await readLook(github, runId, 2)).toMatchObject({ attempt: 2, verdict: 'succeeded' })
  })

  test('a run ended with its last job, even if GitHub updates it weeks later', async () => {
    const runId = await dispatch('r-7')
    await ended(runId)
    const [attempt] = harness.sandbox.world.find(runId).run.attempts
    const job = attempt!.jobs.at(-1)!
    attempt!.updatedAt += 20 * 24 * 3_600_000
    const { endedAt } = await readLook(harness.connect(), runId)
    expect(endedAt).toBe(Math.floor(job.completedAt! / 1_000) * 1_000)
  })

  test.each<[string, (attempt: Attempt) => void]>([
    ['without a job', ({ jobs }) => jobs.splice(0)],
    ['with a job that is dated by a fast clock', ({ jobs }) => shift(jobs, 3_600_000)],
    ['with a job that is not shown to have ended', ({ jobs }) => shift(jobs, null)],
  ])('a run %s ended with its last update', async (_, change) => {
    const runId = await dispatch('r-7')
    await ended(runId)
    const attempt = harness.sandbox.world.find(runId).run.attempts[0]!
    change(attempt)
    const { endedAt } = await readLook(harness.connect(), runId)
    expect(endedAt).toBe(Math.floor(attempt.updatedAt / 1_000) * 1_000)
  })

  test('a run in progress has no end', async () => {
    harness.sandbox.world.next = { holdAt: 'Build' }
    const runId = await dispatch('r-7')
    expect((await readLook(harness.connect(), runId)).endedAt).toBeNull()
  })

  test('a run that is not listed yet may be found later', async () => {
    harness.sandbox.world.lag.run = 60_000
    const runId = await dispatch('r-7')
    const github = harness.connect()
    await expect(readLook(github, runId)).rejects.toMatchObject({ kind: 'passing' })
    harness.sandbox.world.lag.run = 0
    expect(await readLook(github, runId)).toMatchObject({ id: runId })
  })

  test('a run without jobs yet has no jobs', async () => {
    const runId = await dispatch('r-7')
    harness.sandbox.faults.queue(routes.jobs, { kind: 'answer', status: 404, body: { message: 'Not Found' } })
    expect(await readLook(harness.connect(), runId)).toMatchObject({ jobs: [] })
  })

  test('an unchanged run uses no rate limit', async () => {
    const runId = await dispatch('r-7')
    await ended(runId)
    const github = harness.connect()
    const first = await readLook(github, runId)
    const { used } = harness.sandbox.world.rate
    expect(await readLook(github, runId)).toEqual(first)
    expect(harness.sandbox.world.rate.used).toBe(used)
    expect(harness.statuses(routes.run)).toEqual([200, 304])
    expect(harness.statuses(routes.jobs)).toEqual([200, 304])
    const [, conditional] = harness.sandbox.log.of(routes.run)
    expect(conditional!.headers['if-none-match']).toMatch(/^W\//)
  })
})

describe('a log', () => {
  test('a log of a job that has not ended, or never ran, is passing trouble', async () => {
    harness.sandbox.world.next = { holdAt: 'Build' }
    const runId = await dispatch('r-7')
    const job = await harness.sandbox.world.until((world) =>
      world.find(runId).run.attempts[0]!.jobs.find(({ status }) => status === 'in_progress'),
    )
    const log = harness.connect().jobLog({ log: 'job', repository, jobId: job.id }, 10)
    await expect(log).rejects.toMatchObject({ kind: 'passing' })
    harness.sandbox.world.cancelRun(runId, 'forced')
  })

  describe('read for the names in it', () => {
    const jobLogs = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs'

    async function ask(): Promise<AskOf<'runLog'>> {
      const runId = await dispatch('r-7')
      await ended(runId)
      const jobs = harness.sandbox.world
        .find(runId)
        .run.attempts.flatMap((attempt) => attempt.jobs.map(({ id }) => id))
      const [job] = harness.sandbox.world.find(runId).run.attempts[0]!.jobs
      job!.log.push('2026-11-28T16:45:00.1234567Z "id": "ecs-svc/12",')
      return { repository, jobs, families: ['blog-api'] }
    }

    test('reads the log from the store behind the redirect, without the token', async () => {
      const look = await ask()
      const { names, extent } = await harness.connect().runLog(look)
      expect([names.map(({ name }) => name), extent]).toEqual([['ecs-svc/12'], 'whole'])
      const asked = harness.sandbox.log.of('GET /_logs/{key}')
      expect(asked).toHaveLength(look.jobs.length)
      for (const { headers } of asked) expect(headers).not.toHaveProperty('authorization')
      for (const { headers } of harness.sandbox.log.of(jobLogs))
        expect(headers).toHaveProperty('authorization')
    })

    test.each([
      [403, 'Resource not accessible by personal access token', 'terminal'],
      [404, 'Not Found', 'terminal'],
      [410, 'Gone', 'terminal'],
      [503, 'Service Unavailable', 'passing'],
    ] as const)('a log that GitHub answers with %i is trouble', async (status, message, kind) => {
      const look = await ask()
      const fault = { kind: 'answer', status, body: { message } } as const
      harness.sandbox.faults.queue(jobLogs, fault, { times: 9 })
      await expect(harness.connect().runLog(look)).rejects.toMatchObject({ kind })
      expect(harness.sandbox.log.of('GET /_logs/{key}')).toEqual([])
    })

    test('a log whose address has expired is trouble', async () => {
      const look = await ask()
      harness.sandbox.world.logsLiveFor = -1
      await expect(harness.connect().runLog(look)).rejects.toMatchObject({ kind: 'terminal' })
    })
  })
})

test('reports a later attempt with the person who started it, by one conditional request', async () => {
  const runId = await dispatch('r-7')
  await ended(runId)
  const github = harness.connect()
  const look = { repository, runId, attempt: 1 } as const
  const before = harness.statuses(routes.run).length
  expect(await github.laterAttempt(look)).toBeNull()
  const jobs = harness.statuses(routes.jobs).length
  expect(await github.laterAttempt(look)).toBeNull()
  expect(harness.statuses(routes.run).slice(before)).toEqual([200, 304])
  expect(harness.statuses(routes.jobs)).toHaveLength(jobs)
  harness.sandbox.world.rerun(runId, 'chloe')
  await ended(runId)
  expect(await github.laterAttempt(look)).toMatchObject({
    login: 'chloe',
    run: { id: runId, attempt: 2, verdict: 'succeeded' },
  })
  expect(await github.laterAttempt({ ...look, attempt: 2 })).toBeNull()
})
