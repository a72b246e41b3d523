import { describe, expect, test } from 'vitest'
import type { ContainerImage } from '../../src/release/release.ts'
import { ana, ben, chloe, minute, policy, rollbackSubject, Tale } from './driver.ts'
import { image, oldCommit, revision, unseen } from './world.ts'

const known = { known: true, lines: [], total: 0 } as const
const other: ContainerImage = { ...image, digest: `sha256:${'b'.repeat(64)}` }
const untold: ContainerImage = { ...image, digest: null }
const proxy: ContainerImage = { container: 'proxy', image: 'proxy:1', digest: `sha256:${'c'.repeat(64)}` }

/** Ana asks to go back to 41; both keys are in, and the last look comes. */
function ready(): Tale {
  const tale = new Tale({ subject: rollbackSubject() })
  tale.approve(ben)
  tale.approve(chloe)
  return tale
}

function shows(tale: Tale, images: readonly ContainerImage[]): void {
  tale.world.rollbackTarget = { usable: true, images, serving: revision(42, oldCommit), difference: known }
}

describe('what the keys of a rollback are bound to', () => {
  test('each approval is written down with the revision and its images', () => {
    const tale = ready()
    const approved = tale.audit.filter(({ what }) => what === 'approved')
    expect(approved).toHaveLength(2)
    for (const { detail } of approved)
      expect(detail).toMatchObject({ revision: revision(41).arn, images: [image] })
  })

  test('all is as it was approved: sent', () => {
    const tale = ready()
    tale.look()
    expect(tale.wanted('update')).toHaveLength(1)
    expect(tale.release.voided).toBeNull()
    expect(tale.audit.find(({ what }) => what === 'update marked')?.detail).toMatchObject({
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
  ])('%s: the keys are void, nothing is sent, and it is asked for anew', (_, images) => {
    const tale = ready()
    shows(tale, images)
    tale.look()
    expect(tale.state).toBe('awaiting approval')
    expect(tale.release).toMatchObject({ approvals: [], round: 1, subject: { images } })
    expect(tale.release.voided).toContain('blog-api:41')
    expect(tale.stories('voided')).toHaveLength(1)
    expect(tale.wanted('update')).toEqual([])
    expect(tale.audit.some(({ what }) => what === 'approvals voided')).toBe(true)
    // A click on the card as it was does not count; new keys are for what is there now.
    expect(tale.approve(ben, 0)?.code).toBe('card_outdated')
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.wanted('update')).toHaveLength(1)
    expect(tale.audit.filter(({ what }) => what === 'approved').at(-1)?.detail).toMatchObject({ images })
  })

  test('a digest that ECS tells by now: asked for anew as well', () => {
    const tale = new Tale({ subject: rollbackSubject(41, [untold]) })
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.state).toBe('awaiting approval')
  })

  test('no digest is told, now as then: sent', () => {
    const tale = new Tale({ subject: rollbackSubject(41, [untold]) })
    shows(tale, [untold])
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.wanted('update')).toHaveLength(1)
  })

  test('the order of the images says nothing', () => {
    const tale = new Tale({ subject: rollbackSubject(41, [proxy, image]) })
    shows(tale, [image, proxy])
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.wanted('update')).toHaveLength(1)
  })

  test('asked for before images were read: asked for anew', () => {
    const tale = new Tale({ subject: rollbackSubject(41, []) })
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.state).toBe('awaiting approval')
    expect(tale.release.subject).toMatchObject({ images: [image] })
  })

  test('without keys to void it goes on with what is there now', () => {
    const tale = new Tale({ subject: rollbackSubject(), policy: policy({ required: 0 }), eligible: 0 })
    shows(tale, [other])
    tale.look()
    tale.look()
    expect(tale.wanted('update')).toHaveLength(1)
    expect(tale.release.subject).toMatchObject({ images: [other] })
  })
})

describe('a revision that ECS would not take back', () => {
  test('is not sent: failed, with the reason, and nothing wanted', () => {
    const tale = ready()
    tale.world.rollbackTarget = { usable: false, why: 'blog-api:41 was deregistered in ECS' }
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.reason).toContain('blog-api:41 was deregistered in ECS')
    expect(tale.wanted('update')).toEqual([])
    expect(tale.release.sentAt).toBeNull()
  })

  test('takes no deploy’s place', () => {
    const deploy = new Tale({ id: 'r0' }).release
    const tale = new Tale({ subject: rollbackSubject() }, [deploy])
    tale.approve(ben)
    tale.approve(chloe)
    tale.world.rollbackTarget = { usable: false, why: 'gone' }
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('supersede')).toEqual([])
  })
})

describe('a revision that cannot be read', () => {
  test('is waited for while that may pass', () => {
    const tale = ready()
    tale.world.trouble = { rollbackTarget: unseen('passing') }
    tale.watch(5 * minute)
    expect(tale.state).toBe('dispatching')
    expect(tale.wanted('update')).toEqual([])
    expect(tale.stories('blind')).toMatchObject([{ look: 'rollbackTarget' }])
    tale.world.trouble = {}
    tale.later(5_000)
    expect(tale.wanted('update')).toHaveLength(1)
  })

  test('fails where it will not pass: nothing was sent', () => {
    const tale = ready()
    tale.world.trouble = { rollbackTarget: unseen('terminal', 'grant ecs:DescribeTaskDefinition') }
    tale.watch(5 * minute)
    expect(tale.outcome).toBe('failed')
    expect(tale.reason).toContain('grant ecs:DescribeTaskDefinition')
    expect(tale.wanted('update')).toEqual([])
  })

  test('a click of the requester is no key for it either', () => {
    const tale = ready()
    shows(tale, [other])
    tale.look()
    expect(tale.approve(ana)?.code).toBe('may_not_approve')
  })
})
