import { describe, expect, test } from 'vitest'
import type { ContainerImage } from '../../src/release/revision.ts'
import { ana, ben, chloe, minute, policy, ReleaseDriver, rollbackSubject } from './driver.ts'
import { image, oldCommit, revision, unseen } from './world.ts'

const known = { known: true, lines: [], total: 0 } as const
const other: ContainerImage = { ...image, digest: `sha256:${'b'.repeat(64)}` }
const untold: ContainerImage = { ...image, digest: null }
const proxy: ContainerImage = { container: 'proxy', image: 'proxy:1', digest: `sha256:${'c'.repeat(64)}` }

/** Ana requests a rollback to 41; with both approvals the last look is made. */
function ready(): ReleaseDriver {
  const driver = new ReleaseDriver({ subject: rollbackSubject() })
  driver.approve(ben)
  driver.approve(chloe)
  return driver
}

function shows(driver: ReleaseDriver, images: readonly ContainerImage[]): void {
  driver.world.rollbackTarget = {
    usable: true,
    active: [],
    images,
    serving: revision(42, oldCommit),
    difference: known,
  }
}

describe('what the approvals of a rollback are bound to', () => {
  test('each approval is recorded with the revision and its images', () => {
    const driver = ready()
    const approved = driver.audit.filter(({ what }) => what === 'approved')
    expect(approved).toHaveLength(2)
    for (const { detail } of approved)
      expect(detail).toMatchObject({ revision: revision(41).arn, images: [image] })
  })

  test('a rollback is sent if everything is as approved', () => {
    const driver = ready()
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    expect(driver.release.voided).toBeNull()
    expect(driver.audit.find(({ what }) => what === 'update marked')?.detail).toMatchObject({
      revision: revision(41).arn,
      images: [image],
    })
  })

  test.each<[string, readonly ContainerImage[]]>([
    ['another digest', [other]],
    ['a digest that ECS reports no longer', [untold]],
    ['another image', [{ ...image, image: 'blog-api:next' }]],
    ['one more container', [image, proxy]],
    ['one container less', []],
    ['two targets that ran different images', [image, other]],
  ])('%s: voids the approvals, sends nothing and asks again', (_, images) => {
    const driver = ready()
    shows(driver, images)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release).toMatchObject({ approvals: [], round: 1, subject: { images } })
    expect(driver.release.voided).toContain('blog-api:41')
    expect(driver.posts('voided')).toHaveLength(1)
    expect(driver.effectsOf('update')).toEqual([])
    expect(driver.audit.some(({ what }) => what === 'approvals voided')).toBe(true)
    // A click on the outdated card does not count; new approvals are for the current card.
    expect(driver.approve(ben, 0)?.code).toBe('card_outdated')
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    expect(driver.audit.filter(({ what }) => what === 'approved').at(-1)?.detail).toMatchObject({ images })
  })

  test('a digest that ECS shows only now voids the approvals too', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject(41, [untold]) })
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
  })

  test('a rollback is sent if ECS shows no digest, then and now', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject(41, [untold]) })
    shows(driver, [untold])
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('the order of the images does not matter', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject(41, [proxy, image]) })
    shows(driver, [image, proxy])
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('a rollback requested before images were stored needs new approvals', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject(41, []) })
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.subject).toMatchObject({ images: [image] })
  })

  test('a rollback without approvals continues with the current images', () => {
    const driver = new ReleaseDriver({
      subject: rollbackSubject(),
      policy: policy({ required: 0 }),
      eligible: 0,
    })
    shows(driver, [other])
    driver.look()
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    expect(driver.release.subject).toMatchObject({ images: [other] })
  })
})

describe('a revision that ECS would not accept', () => {
  test('a rollback to an unusable revision fails with the reason, and nothing is sent', () => {
    const driver = ready()
    driver.world.rollbackTarget = { usable: false, why: 'blog-api:41 was deregistered in ECS' }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('blog-api:41 was deregistered in ECS')
    expect(driver.effectsOf('update')).toEqual([])
    expect(driver.release.sentAt).toBeNull()
  })

  test('a rollback to an unusable revision replaces no deploy', () => {
    const deploy = new ReleaseDriver({ id: 'r0' }).release
    const driver = new ReleaseDriver({ subject: rollbackSubject() }, [deploy])
    driver.approve(ben)
    driver.approve(chloe)
    driver.world.rollbackTarget = { usable: false, why: 'gone' }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('supersede')).toEqual([])
  })
})

describe('a revision that cannot be read', () => {
  test('a rollback waits while its revision cannot be read for now', () => {
    const driver = ready()
    driver.world.trouble = { rollbackTarget: unseen('passing') }
    driver.watch(5 * minute)
    expect(driver.state).toBe('dispatching')
    expect(driver.effectsOf('update')).toEqual([])
    expect(driver.posts('blind')).toMatchObject([{ look: 'rollbackTarget' }])
    driver.world.trouble = {}
    driver.later(5_000)
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('a rollback fails if its revision can never be read, and nothing was sent', () => {
    const driver = ready()
    driver.world.trouble = { rollbackTarget: unseen('terminal', 'grant ecs:DescribeTaskDefinition') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('grant ecs:DescribeTaskDefinition')
    expect(driver.effectsOf('update')).toEqual([])
  })

  test('the requester cannot approve a rollback either', () => {
    const driver = ready()
    shows(driver, [other])
    driver.look()
    expect(driver.approve(ana)?.code).toBe('may_not_approve')
  })
})
