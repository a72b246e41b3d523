import { describe, expect, test } from 'vitest'
import type { ContainerImage } from '../../src/release/revision.ts'
import { ana, ben, chloe, minute, policy, ReleaseDriver, rollbackSubject } from './driver.ts'
import { image, oldCommit, revision, unseen } from './world.ts'

const known = { known: true, lines: [], total: 0 } as const
const other: ContainerImage = { ...image, digest: `sha256:${'b'.repeat(64)}` }
const untold: ContainerImage = { ...image, digest: null }
const proxy: ContainerImage = { container: 'proxy', image: 'proxy:1', digest: `sha256:${'c'.repeat(64)}` }

/** Ana asks to go back to 41; both approvals are in, and the last look comes. */
function ready(): ReleaseDriver {
  const driver = new ReleaseDriver({ subject: rollbackSubject() })
  driver.approve(ben)
  driver.approve(chloe)
  return driver
}

function shows(driver: ReleaseDriver, images: readonly ContainerImage[]): void {
  driver.world.rollbackTarget = { usable: true, images, serving: revision(42, oldCommit), difference: known }
}

describe('what the approvals of a rollback are bound to', () => {
  test('each approval is written down with the revision and its images', () => {
    const driver = ready()
    const approved = driver.audit.filter(({ what }) => what === 'approved')
    expect(approved).toHaveLength(2)
    for (const { detail } of approved)
      expect(detail).toMatchObject({ revision: revision(41).arn, images: [image] })
  })

  test('all is as it was approved: sent', () => {
    const driver = ready()
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
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
  ])('%s: the approvals are void, nothing is sent, and it is asked for anew', (_, images) => {
    const driver = ready()
    shows(driver, images)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release).toMatchObject({ approvals: [], round: 1, subject: { images } })
    expect(driver.release.voided).toContain('blog-api:41')
    expect(driver.stories('voided')).toHaveLength(1)
    expect(driver.wanted('update')).toEqual([])
    expect(driver.audit.some(({ what }) => what === 'approvals voided')).toBe(true)
    // A click on the card as it was does not count; new keys are for what is there now.
    expect(driver.approve(ben, 0)?.code).toBe('card_outdated')
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
    expect(driver.audit.filter(({ what }) => what === 'approved').at(-1)?.detail).toMatchObject({ images })
  })

  test('a digest that ECS tells by now: asked for anew as well', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject(41, [untold]) })
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
  })

  test('no digest is told, now as then: sent', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject(41, [untold]) })
    shows(driver, [untold])
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('the order of the images says nothing', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject(41, [proxy, image]) })
    shows(driver, [image, proxy])
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('asked for before images were read: asked for anew', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject(41, []) })
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.subject).toMatchObject({ images: [image] })
  })

  test('without approvals to void it goes on with what is there now', () => {
    const driver = new ReleaseDriver({
      subject: rollbackSubject(),
      policy: policy({ required: 0 }),
      eligible: 0,
    })
    shows(driver, [other])
    driver.look()
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
    expect(driver.release.subject).toMatchObject({ images: [other] })
  })
})

describe('a revision that ECS would not take back', () => {
  test('is not sent: failed, with the reason, and nothing wanted', () => {
    const driver = ready()
    driver.world.rollbackTarget = { usable: false, why: 'blog-api:41 was deregistered in ECS' }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('blog-api:41 was deregistered in ECS')
    expect(driver.wanted('update')).toEqual([])
    expect(driver.release.sentAt).toBeNull()
  })

  test('takes no deploy’s place', () => {
    const deploy = new ReleaseDriver({ id: 'r0' }).release
    const driver = new ReleaseDriver({ subject: rollbackSubject() }, [deploy])
    driver.approve(ben)
    driver.approve(chloe)
    driver.world.rollbackTarget = { usable: false, why: 'gone' }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.wanted('supersede')).toEqual([])
  })
})

describe('a revision that cannot be read', () => {
  test('is waited for while that may pass', () => {
    const driver = ready()
    driver.world.trouble = { rollbackTarget: unseen('passing') }
    driver.watch(5 * minute)
    expect(driver.state).toBe('dispatching')
    expect(driver.wanted('update')).toEqual([])
    expect(driver.stories('blind')).toMatchObject([{ look: 'rollbackTarget' }])
    driver.world.trouble = {}
    driver.later(5_000)
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('fails where it will not pass: nothing was sent', () => {
    const driver = ready()
    driver.world.trouble = { rollbackTarget: unseen('terminal', 'grant ecs:DescribeTaskDefinition') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('grant ecs:DescribeTaskDefinition')
    expect(driver.wanted('update')).toEqual([])
  })

  test('a click of the requester is no approval of it either', () => {
    const driver = ready()
    shows(driver, [other])
    driver.look()
    expect(driver.approve(ana)?.code).toBe('may_not_approve')
  })
})
