import { describe, expect, test } from 'vitest'
import type { Answer } from '../../src/release/answer.ts'
import type { Subject } from '../../src/release/subject.ts'
import { type ReleaseDriver, sendingBack } from './driver.ts'
import { image, oldCommit, revision, target } from './world.ts'

const back = {
  revision: revision(41),
  commits: [],
  arn: 'arn:rollout/back',
  deploymentId: 'ecs-svc/99',
} as const

/** A rollback in production to a revision of the given commit. */
function goingBack(commit: string | null = oldCommit): ReleaseDriver {
  const subject: Subject = {
    kind: 'rollback',
    repository: 'myorg/blog-api',
    githubEnvironment: 'production',
    revision: { ...revision(41), commit },
    images: [image],
    difference: { known: true, lines: [], total: 0 },
  }
  const driver = sendingBack({ subject })
  driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
  driver.world.rollout(back)
  driver.later(5_000)
  return driver
}

function succeeds(driver: ReleaseDriver): ReleaseDriver {
  driver.world.rollout({ ...back, verdict: 'succeeded' })
  driver.later(5_000)
  expect(driver.outcome).toBe('succeeded')
  return driver
}

const shown = (driver: ReleaseDriver) => driver.effectsOf('show-deployment')
const answered = (answer: 'shown' | 'refused' | 'unclear'): Answer => ({
  to: 'show-deployment',
  answer,
  reason: 'GitHub answered',
})

describe('what GitHub shows after a rollback', () => {
  test('GitHub is shown the commit once it runs, and only once', () => {
    const driver = goingBack()
    expect(shown(driver)).toEqual([])
    succeeds(driver)
    driver.look()
    expect(shown(driver)).toMatchObject([
      {
        repository: 'myorg/blog-api',
        environment: 'production',
        commit: oldCommit,
        release: 'r1',
        description: 'Rollback to blog-api:41 (release r1)',
      },
    ])
    driver.answer(answered('shown'))
    driver.later(5_000)
    expect(shown(driver)).toHaveLength(1)
  })

  test('a refusal is an audit row, and is not repeated', () => {
    const driver = succeeds(goingBack())
    driver.look()
    driver.answer(answered('refused'))
    driver.later(5_000)
    expect(shown(driver)).toHaveLength(1)
    expect(driver.audit.map(({ what }) => what)).toContain('show-deployment refused')
  })

  test('an answer that is unclear, or lost in a crash, is asked for again, three times in all', () => {
    const driver = succeeds(goingBack())
    driver.look()
    driver.answer(answered('unclear'))
    for (let looks = 0; looks < 4; looks += 1) driver.look()
    expect(shown(driver)).toHaveLength(3)
  })

  test('nothing is shown of a revision whose commit is not known, or of a rollback that failed', () => {
    const unknown = succeeds(goingBack(null))
    unknown.look()
    expect(shown(unknown)).toEqual([])
    const failed = goingBack()
    failed.world.rollout({ ...back, verdict: 'failed' })
    failed.later(5_000)
    failed.look()
    expect(failed.outcome).not.toBe('succeeded')
    expect(shown(failed)).toEqual([])
  })
})
