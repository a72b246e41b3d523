import { describe, expect, test } from 'vitest'
import type { Fault } from '../../sandbox/faults.ts'
import { gitHubForEach, repository, routes, workflow } from './harness.ts'

const harness = gitHubForEach()

const ask = {
  repository,
  workflow,
  ref: 'main',
  inputs: { environment: 'production', release_id: 'r-7' },
  details: 'asked' as const,
  maySend: async () => true,
}

const message = (text: string) => ({ message: text, documentation_url: 'https://docs.github.com/rest' })
const answering = (status: number, body: unknown = {}, headers: Record<string, string> = {}): Fault => ({
  kind: 'answer',
  status,
  body,
  headers,
})

/** How many runs GitHub started. */
const started = () => harness.sandbox.world.repository().runs.length
const posts = () => harness.sandbox.log.of(routes.dispatch)

describe('dispatch', () => {
  test('dispatches with one request and returns the run', async () => {
    const answer = await harness.connect().dispatch(ask)

    const run = harness.sandbox.world.repository().runs[0]!
    expect(answer).toEqual({
      to: 'dispatch',
      answer: 'run',
      runId: run.id,
      url: `https://github.com/${repository}/actions/runs/${run.id}`,
    })
    expect(posts().map(({ body }) => body)).toEqual([
      { ref: 'main', inputs: ask.inputs, return_run_details: true },
    ])
    expect(posts()[0]!.headers).toMatchObject({ 'x-github-api-version': '2022-11-28' })
  })

  test('accepts a 204, which contains no run id', async () => {
    harness.sandbox.faults.queue(routes.dispatch, answering(204))
    expect(await harness.connect().dispatch(ask)).toEqual({ to: 'dispatch', answer: 'accepted' })
  })

  test('starts nothing and sends one request if the server rejects the key for run details', async () => {
    harness.sandbox.world.server = 'enterprise'
    expect(await harness.connect().dispatch(ask)).toMatchObject({ to: 'dispatch', answer: 'details refused' })
    expect(posts()).toHaveLength(1)
    expect(started()).toBe(0)
  })

  test('dispatches without run details on a server that rejects their key', async () => {
    harness.sandbox.world.server = 'enterprise'
    const answer = await harness.connect().dispatch({ ...ask, details: 'omitted' })
    expect(answer).toEqual({ to: 'dispatch', answer: 'accepted' })
    expect(posts().map(({ body }) => body)).toEqual([{ ref: 'main', inputs: ask.inputs }])
    expect(started()).toBe(1)
  })

  test.each([
    [400, 'unclear'],
    [422, 'refused'],
  ] as const)(
    'a %d refusal of details that were not requested is %s, because there is nothing to leave out',
    async (status, answer) => {
      const refusal = answering(status, message('"return_run_details" is not a permitted key.'))
      harness.sandbox.faults.queue(routes.dispatch, refusal)
      expect(await harness.connect().dispatch({ ...ask, details: 'omitted' })).toMatchObject({ answer })
      expect(posts()).toHaveLength(1)
    },
  )

  test.each<[string, Fault, string]>([
    ['an unknown ref', answering(422, message('No ref found for: main')), 'No ref found for: main'],
    [
      'an input too many',
      answering(422, message('Unexpected inputs provided: ["x"]')),
      'Unexpected inputs provided: ["x"]',
    ],
    [
      'no trigger',
      answering(422, message("Workflow does not have 'workflow_dispatch' trigger")),
      "Workflow does not have 'workflow_dispatch' trigger",
    ],
    [
      'no permission',
      answering(403, message('Resource not accessible by integration'), {
        'x-accepted-github-permissions': 'actions=write',
      }),
      'actions: write',
    ],
    ['a token that expired', answering(401, message('Bad credentials')), 'GITHUB_TOKEN'],
    ['no such workflow', answering(404, message('Not Found')), 'Not Found'],
  ])('a dispatch refused for %s starts nothing and is not repeated', async (_, fault, words) => {
    harness.sandbox.faults.queue(routes.dispatch, fault)
    const answer = await harness.connect().dispatch(ask)
    expect(answer).toMatchObject({ answer: 'refused', reason: expect.stringContaining(words) })
    expect(posts()).toHaveLength(1)
    expect(started()).toBe(0)
  })

  const collectedAt = Date.now()
  const inAnHour = Math.floor(collectedAt / 1000) + 3600

  test.each<[string, Fault, number]>([
    [
      'the secondary limit',
      answering(403, message('You have exceeded a secondary rate limit.'), { 'retry-after': '40' }),
      40_000,
    ],
    [
      'the secondary limit until a date',
      answering(403, message('You have exceeded a secondary rate limit.'), {
        'retry-after': new Date(inAnHour * 1000).toUTCString(),
      }),
      3_600_000,
    ],
    ['too many requests', answering(429, message('Slow down'), { 'retry-after': '40' }), 40_000],
    [
      'the primary limit',
      answering(403, message('API rate limit exceeded'), {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(inAnHour),
      }),
      3_600_000,
    ],
    ['a limit that names no end', answering(429, message('Slow down')), 60_000],
  ])('a dispatch delayed by %s is rate limited until its end and is not repeated', async (_, fault, ms) => {
    harness.sandbox.faults.queue(routes.dispatch, fault)
    const answer = await harness.connect().dispatch(ask)
    if (answer.answer !== 'limited') throw new Error(answer.answer)
    expect(answer.until).toBeGreaterThan(collectedAt + ms - 5_000)
    expect(answer.until).toBeLessThanOrEqual(Date.now() + ms)
    expect(posts()).toHaveLength(1)
    expect(started()).toBe(0)
  })

  test.each<[string, Fault, number]>([
    ['a 502 after it was accepted', { kind: 'lost-after', status: 502 }, 1],
    ['a 500', answering(500, message('Server Error')), 0],
    ['a 503 that is a page', answering(503, '<html>'), 0],
    ['a 400 for another reason', answering(400, message('Problems parsing JSON')), 0],
    ['a 409', answering(409, message('Conflict')), 0],
    ['a reset before it arrived', { kind: 'reset' }, 0],
    ['a reset after it was accepted', { kind: 'lost' }, 1],
    ['no answer in time', { kind: 'delay', ms: 700 }, 0],
    ['a 200 that names no run', answering(200, {}), 0],
    ['a 200 with a wrong id', answering(200, { workflow_run_id: 0, run_url: 'x', html_url: 'x' }), 0],
    ['a 200 with an id as text', answering(200, { workflow_run_id: '7', run_url: 'x', html_url: 'x' }), 0],
    ['a 200 that is a page', answering(200, '<html>', { 'content-type': 'text/html' }), 0],
    ['a 200 that is cut short', answering(200, '{"workflow_run_id": 17'), 0],
    ['a 201', answering(201, { workflow_run_id: 17, run_url: 'x', html_url: 'x' }), 0],
  ])('a dispatch that got %s is unclear and is not repeated', async (_, fault, runs) => {
    harness.sandbox.faults.queue(routes.dispatch, fault)
    const answer = await harness.connect({ timeoutMs: 300 }).dispatch(ask)
    expect(answer).toMatchObject({ to: 'dispatch', answer: 'unclear', reason: expect.stringMatching(/./) })
    expect(posts()).toHaveLength(1)
    expect(started()).toBe(runs)
  })

  test('a dispatch without a connection was never sent', async () => {
    await harness.sandbox.close()
    expect(await harness.connect().dispatch(ask)).toMatchObject({ to: 'dispatch', answer: 'refused' })
  })

  test('a dispatch past its deadline is not sent, even if the client delayed it', async () => {
    const github = harness.connect()
    let may = true
    const first = github.dispatch(ask).then((answer) => {
      may = false
      return answer
    })
    const second = github.dispatch({ ...ask, maySend: async () => may })
    expect(await first).toMatchObject({ answer: 'run' })
    expect(await second).toMatchObject({ to: 'dispatch', answer: 'held back' })
    expect(posts()).toHaveLength(1)
  })

  test('a dispatch does not wait for an earlier rate limit, so two dispatches are two requests', async () => {
    const github = harness.connect()
    await Promise.all([github.dispatch(ask), github.dispatch({ ...ask, inputs: { environment: 'dev' } })])
    expect(started()).toBe(2)
    expect(posts()).toHaveLength(2)
  })
})

describe('cancellation of a run', () => {
  const running = async () => {
    harness.sandbox.world.next = { holdAt: 'Build' }
    const answer = await harness.connect().dispatch(ask)
    if (answer.answer !== 'run') throw new Error(answer.answer)
    return answer.runId
  }

  test('a cancellation is accepted, and the run ends', async () => {
    const runId = await running()
    const github = harness.connect()
    expect(await github.cancelRun({ repository, runId })).toMatchObject({
      to: 'cancel-run',
      answer: 'accepted',
    })
    await harness.sandbox.world.until((world) => world.find(runId).run.attempts[0]!.status === 'completed')
    expect(await github.cancelRun({ repository, runId })).toMatchObject({ answer: 'ended' })
  })

  test.each<[string, Fault]>([
    ['a 500', answering(500)],
    ['a reset', { kind: 'lost' }],
    ['a 403', answering(403, message('Resource not accessible by integration'))],
  ])('a cancellation that got %s is unclear and is not repeated', async (_, fault) => {
    const runId = await running()
    harness.sandbox.faults.queue(routes.cancel, fault)
    expect(await harness.connect().cancelRun({ repository, runId })).toMatchObject({ answer: 'unclear' })
    expect(harness.sandbox.log.of(routes.cancel)).toHaveLength(1)
    harness.sandbox.world.cancelRun(runId, 'forced')
  })
})
