import { describe, expect, test } from 'vitest'
import type { JobSighting, RunSighting } from '../../src/release/sighting.ts'
import { ben, gateSubject, minute, policy, ReleaseDriver, underway } from './driver.ts'
import { runSighting, start } from './world.ts'

/** One run deploys to staging, then to production; the release is of staging, whose job has ended. */
const job = (part: Partial<JobSighting> = {}): JobSighting => ({
  id: 1,
  name: 'staging',
  verdict: 'succeeded',
  startedAt: start,
  completedAt: start + minute,
  url: '',
  step: null,
  ...part,
})

const rest = job({ id: 2, name: 'production', verdict: 'queued', startedAt: null, completedAt: null })

const atTheNextGate = (
  part: Partial<RunSighting> = {},
  restAt: readonly string[] | undefined = ['production'],
) =>
  runSighting({
    reason: 'the run is waiting',
    heldBy: { kind: 'gate', words: 'it waits for a review', ...(restAt && { restAt }) },
    jobs: [job(), rest],
    ...part,
  })

/** A push to staging that its gate let through. */
function staging(): ReleaseDriver {
  const subject = gateSubject()
  if (subject.kind !== 'gate') throw new Error('not a gate')
  const driver = new ReleaseDriver({
    subject: { ...subject, githubEnvironment: 'Staging' },
    policy: policy({ required: 0 }),
    migration: null,
  })
  driver.look()
  driver.answer({ to: 'review-gate', verdict: 'approved', answer: 'taken', reason: '' })
  return driver
}

function waits(driver: ReleaseDriver, run: RunSighting): void {
  driver.world.run = { found: 'one', run }
  driver.look()
}

describe('a run whose rest waits at the gate of another environment', () => {
  test('ends the release of the environment that it has deployed to, and frees its lane', () => {
    const driver = staging()
    driver.world.rollout({ verdict: 'succeeded' })
    waits(driver, atTheNextGate())
    expect(driver.outcome).toBe(null)
    driver.watch(3 * minute)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.release.tracks.run?.seen).toMatchObject({ verdict: 'succeeded', restAt: ['production'] })
    expect(driver.release.tracks.run?.seen?.endedAt).toBe(start + minute)
  })

  test('ends a release that twokey dispatched in the same way', () => {
    const driver = underway({ migration: null })
    driver.world.rollout({ verdict: 'succeeded' })
    waits(driver, atTheNextGate({}, ['production-eu']))
    driver.watch(3 * minute)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a rollout that ECS rolls back meanwhile is still the end', () => {
    const driver = staging()
    driver.world.rollout({ verdict: 'moving' })
    waits(driver, atTheNextGate())
    driver.watch(3 * minute)
    expect(driver.state).toBe('rolling out')
    driver.world.rollout({ verdict: 'rolled back', reason: 'the breaker took it back' })
    driver.watch(minute)
    expect(driver.outcome).toBe('rolled back')
  })

  test.each<[string, (driver: ReleaseDriver) => RunSighting]>([
    ['the gate of its own environment is among them', () => atTheNextGate({}, ['production', 'staging'])],
    [
      'something else is left of the run',
      () => ({ ...atTheNextGate(), heldBy: { kind: 'gate', words: '' } }),
    ],
    [
      'a job failed, which only the end of the run judges',
      () => atTheNextGate({ jobs: [job({ verdict: 'failed' }), rest] }),
    ],
    [
      'nothing was rolled out yet',
      (driver) => {
        driver.world.targets = driver.world.targets.map((each) => ({ ...each, rollouts: [] }))
        return atTheNextGate()
      },
    ],
    [
      'somebody cancels the run',
      (driver) => {
        driver.cancel(ben)
        return atTheNextGate()
      },
    ],
  ])('does not end the release while %s', (_, prepare) => {
    const driver = staging()
    driver.world.rollout({ verdict: 'succeeded' })
    waits(driver, prepare(driver))
    driver.watch(5 * minute)
    expect(driver.outcome).toBe(null)
  })
})
