import { describe, expect, test } from 'vitest'
import { rerunRoute } from '../scenarios/harness.ts'
import { gitHubForEach, repository } from './harness.ts'

const harness = gitHubForEach()
const world = () => harness.sandbox.world
const may = { maySend: async () => true }

/** A run that failed at Build, after its first job had succeeded. */
async function failedRun(): Promise<number> {
  world().next = { failStep: 'Build' }
  const run = world().startRun({ event: 'workflow_dispatch', inputs: { environment: 'production' } })
  await attemptEnds(run.id, 1)
  return run.id
}

const attemptEnds = (runId: number, attempt: number) =>
  world().until((now) => now.find(runId).run.attempts[attempt - 1]?.status === 'completed')

const sent = () => harness.sandbox.log.of(rerunRoute).length

describe('a re-run of failed jobs', () => {
  test('GitHub starts the next attempt, which is found as the account’s own', async () => {
    const runId = await failedRun()
    const github = harness.connect()
    const look = { repository, runId, attempt: 1 }
    expect(await github.findAttempt(look)).toEqual({ found: 'none' })
    expect(await github.rerun({ ...look, ...may })).toMatchObject({ answer: 'accepted' })
    expect(await github.findAttempt(look)).toMatchObject({
      found: 'one',
      run: { id: runId, attempt: 2, verdict: 'moving' },
    })
    expect(await github.failedRun({ repository, runId })).toMatchObject({
      found: 'run',
      attempt: 2,
      login: 'twokey-bot',
    })
  })

  test('the own attempt is found although somebody else has started a later one since', async () => {
    const runId = await failedRun()
    const github = harness.connect()
    const look = { repository, runId, attempt: 1 }
    world().next = { failStep: 'Build' }
    await github.rerun({ ...look, ...may })
    await attemptEnds(runId, 2)
    world().rerun(runId, 'chloe')
    expect(await github.findAttempt(look)).toMatchObject({
      found: 'one',
      run: { attempt: 2, verdict: 'failed' },
    })
  })

  test('an attempt of somebody else is not taken as own, nor is a later one of the account', async () => {
    const runId = await failedRun()
    const github = harness.connect()
    const look = { repository, runId, attempt: 1 }
    world().next = { failStep: 'Build' }
    world().rerun(runId, 'chloe')
    await attemptEnds(runId, 2)
    const theirs = { attempt: 2, login: 'chloe' }
    expect(await github.findAttempt(look)).toEqual({ found: 'others', attempts: [theirs] })
    await github.rerun({ ...look, attempt: 2, ...may })
    expect(await github.findAttempt(look)).toEqual({
      found: 'others',
      attempts: [theirs, { attempt: 3, login: 'twokey-bot' }],
    })
  })

  test('nothing is sent if the run was started again, is gone, or cannot be read', async () => {
    const runId = await failedRun()
    const github = harness.connect()
    world().rerun(runId, 'chloe')
    expect(await github.rerun({ repository, runId, attempt: 1, ...may })).toMatchObject({
      answer: 'held back',
    })
    expect(await github.rerun({ repository, runId: 1, attempt: 1, ...may })).toMatchObject({
      answer: 'held back',
    })
    expect(await github.failedRun({ repository, runId: 1 })).toEqual({ found: 'none' })
    expect(sent()).toBe(0)
  })

  test('nothing is sent once it is no longer wanted', async () => {
    const runId = await failedRun()
    const answer = await harness
      .connect()
      .rerun({ repository, runId, attempt: 1, maySend: async () => false })
    expect(answer).toMatchObject({ answer: 'held back' })
    expect(sent()).toBe(0)
  })

  test.each([
    [
      'refuses it',
      { kind: 'answer', status: 403, body: { message: 'This workflow is already running' } },
      'refused',
    ],
    ['has a rate limit', { kind: 'answer', status: 429, headers: { 'retry-after': '60' } }, 'limited'],
    ['fails', { kind: 'answer', status: 502 }, 'unclear'],
    ['starts it and does not answer', { kind: 'lost' }, 'unclear'],
    ['answers something else', { kind: 'answer', status: 202, body: {} }, 'unclear'],
  ] as const)(
    'exactly one request is sent, and the answer is known for what it proves, if GitHub %s',
    async (_, fault, is) => {
      const runId = await failedRun()
      harness.sandbox.faults.queue(rerunRoute, fault)
      expect(await harness.connect().rerun({ repository, runId, attempt: 1, ...may })).toMatchObject({
        answer: is,
      })
      expect(sent()).toBe(1)
    },
  )

  test('a run that is too old is refused in the words of GitHub', async () => {
    const runId = await failedRun()
    Object.assign(world().find(runId).run, { createdAt: Date.now() - 31 * 24 * 60 * 60_000 })
    expect(await harness.connect().rerun({ repository, runId, attempt: 1, ...may })).toMatchObject({
      answer: 'refused',
      reason: expect.stringContaining('created over a month ago (403)'),
    })
  })
})
