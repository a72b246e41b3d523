import { describe, expect, test } from 'vitest'
import { ben, chloe, minute, Tale } from './driver.ts'
import { unseen } from './world.ts'

function waiting(): Tale {
  const tale = new Tale({ waitMs: 5 * minute })
  tale.approve(ben)
  tale.approve(chloe)
  return tale
}

describe('the wait after the last key', () => {
  test('that today’s config makes longer is longer, also while it runs', () => {
    const tale = waiting()
    tale.waitMs = 15 * minute
    tale.later(6 * minute)
    expect(tale.state).toBe('waiting')
    expect(tale.audit).toContainEqual({
      actor: 'twokey',
      what: 'wait lengthened',
      detail: { from: 5 * minute, to: 15 * minute },
    })
    tale.later(10 * minute)
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('that today’s config makes longer holds what was about to be sent, until its time is over', () => {
    const tale = waiting()
    tale.world.trouble = { tip: unseen('passing') }
    tale.later(5 * minute)
    tale.later(minute)
    expect(tale.release.stage.at).toBe('ready')
    tale.world.trouble = {}
    tale.waitMs = 15 * minute
    tale.later(minute)
    expect(tale.state).toBe('waiting')
    tale.later(7 * minute)
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(0)
    tale.later(minute)
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('that today’s config makes shorter stays as it was told', () => {
    const tale = waiting()
    tale.waitMs = 0
    tale.later(4 * minute)
    expect(tale.state).toBe('waiting')
  })

  test('that is new holds a release which awaits its last key', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.waitMs = 5 * minute
    tale.approve(chloe)
    expect(tale.state).toBe('waiting')
  })
})
