import { describe, expect, test } from 'vitest'
import type { JobAnswer } from '../../src/github/run-shapes.ts'
import { jobSighting, runVerdict, verdictOf } from '../../src/github/verdict.ts'
import type { JobSighting } from '../../src/release/sighting.ts'

describe('verdict on a run', () => {
  test.each([
    ['queued', null, 'moving'],
    ['requested', null, 'moving'],
    ['waiting', null, 'moving'],
    ['pending', null, 'moving'],
    ['in_progress', null, 'moving'],
    ['a word of tomorrow', null, 'moving'],
    [null, null, 'moving'],
    ['in_progress', 'failure', 'moving'],
    ['completed', 'success', 'succeeded'],
    ['completed', 'failure', 'failed'],
    ['completed', 'timed_out', 'failed'],
    ['completed', 'startup_failure', 'failed'],
    ['completed', 'action_required', 'moving'],
    ['completed', 'stale', 'failed'],
    ['completed', 'skipped', 'failed'],
    ['completed', 'neutral', 'failed'],
    ['completed', 'cancelled', 'cancelled'],
    ['completed', null, 'unknown'],
    ['completed', 'a word of tomorrow', 'unknown'],
    ['completed', 'constructor', 'unknown'],
  ] as const)('a run with %s, %s is %s', (status, conclusion, verdict) => {
    expect(verdictOf({ status, conclusion })).toBe(verdict)
  })
})

const job = (its: Partial<JobAnswer>): JobAnswer => ({
  id: 7,
  name: 'deploy',
  status: 'completed',
  conclusion: 'success',
  started_at: '2026-11-23T01:00:00Z',
  completed_at: '2026-11-23T01:05:00Z',
  html_url: 'https://github.com/myorg/blog-api/actions/runs/1/job/7',
  steps: [],
  ...its,
})

const step = (name: string, status: string, conclusion: string | null = null) => ({
  name,
  status,
  conclusion,
})

describe('verdict on a job', () => {
  test.each([
    ['queued', null, 'queued'],
    ['waiting', null, 'queued'],
    ['pending', null, 'queued'],
    ['in_progress', null, 'moving'],
    ['completed', 'success', 'succeeded'],
    ['completed', 'skipped', 'skipped'],
    ['completed', 'action_required', 'failed'],
    ['completed', 'failure', 'failed'],
    ['completed', 'timed_out', 'failed'],
    ['completed', 'cancelled', 'cancelled'],
    ['completed', 'a word of tomorrow', 'unknown'],
  ] as const)('a job with %s, %s is %s', (status, conclusion, verdict) => {
    expect(jobSighting(job({ status, conclusion })).verdict).toBe(verdict)
  })

  test('names the step that runs', () => {
    const steps = [
      step('Build', 'completed', 'success'),
      step('Migrate', 'in_progress'),
      step('Deploy', 'queued'),
    ]
    expect(jobSighting(job({ status: 'in_progress', conclusion: null, steps })).step).toBe('Migrate')
  })

  test('names the failed step of a job, not those that were skipped after it', () => {
    const steps = [
      step('Build', 'completed', 'success'),
      step('Migrate', 'completed', 'failure'),
      step('Deploy', 'completed', 'skipped'),
    ]
    expect(jobSighting(job({ conclusion: 'failure', steps })).step).toBe('Migrate')
  })

  test('a waiting job has not started, whatever time GitHub returns', () => {
    expect(jobSighting(job({ status: 'waiting', conclusion: null, completed_at: null }))).toMatchObject({
      startedAt: null,
      completedAt: null,
    })
    expect(jobSighting(job({}))).toMatchObject({
      startedAt: Date.parse('2026-11-23T01:00:00Z'),
      completedAt: Date.parse('2026-11-23T01:05:00Z'),
    })
  })
})

describe('reason for the verdict on a run', () => {
  const failed = jobSighting(job({ conclusion: 'failure', steps: [step('Migrate', 'completed', 'failure')] }))
  const moving = jobSighting(
    job({ status: 'in_progress', conclusion: null, steps: [step('Deploy', 'in_progress')] }),
  )
  const waiting = jobSighting(job({ status: 'queued', conclusion: null }))
  const gone = jobSighting(job({ conclusion: 'cancelled' }))

  test.each<[string, { status: string; conclusion: string | null }, JobSighting[], readonly string[]]>([
    ['a failure', { status: 'completed', conclusion: 'failure' }, [failed], ['failed', 'deploy', 'Migrate']],
    ['a timeout', { status: 'completed', conclusion: 'timed_out' }, [failed], ['timed out', 'Migrate']],
    ['a broken file', { status: 'completed', conclusion: 'startup_failure' }, [], ['workflow file']],
    ['under way', { status: 'in_progress', conclusion: null }, [moving], ['deploy', 'Deploy']],
    ['at a gate', { status: 'waiting', conclusion: null }, [waiting], ['waiting']],
    ['not allowed yet', { status: 'completed', conclusion: 'action_required' }, [], ['action_required']],
    [
      'cancelled early',
      { status: 'completed', conclusion: 'cancelled' },
      [{ ...gone, startedAt: null }],
      ['before any'],
    ],
    ['cancelled later', { status: 'completed', conclusion: 'cancelled' }, [gone], ['deploy']],
    ['a new word', { status: 'completed', conclusion: 'evaporated' }, [], ['evaporated']],
  ])('explains a run: %s', (_, words, jobs, parts) => {
    const { reason } = runVerdict(words, jobs)
    for (const part of parts) expect(reason).toContain(part)
  })
})
