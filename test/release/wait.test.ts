import { describe, expect, test } from 'vitest'
import { ben, chloe, minute, ReleaseDriver } from './driver.ts'
import { unseen } from './world.ts'

function waiting(): ReleaseDriver {
  const driver = new ReleaseDriver({ waitMs: 5 * minute })
  driver.approve(ben)
  driver.approve(chloe)
  return driver
}

describe('the wait after the last approval', () => {
  test('a wait that the current config makes longer is longer, even while it runs', () => {
    const driver = waiting()
    driver.waitMs = 15 * minute
    driver.later(6 * minute)
    expect(driver.state).toBe('waiting')
    expect(driver.audit).toContainEqual({
      actor: 'twokey',
      what: 'wait lengthened',
      detail: { from: 5 * minute, to: 15 * minute },
    })
    driver.later(10 * minute)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a wait that the current config makes longer delays a release that was about to be sent', () => {
    const driver = waiting()
    driver.world.trouble = { tip: unseen('passing') }
    driver.later(5 * minute)
    driver.later(minute)
    expect(driver.release.stage.at).toBe('ready')
    driver.world.trouble = {}
    driver.waitMs = 15 * minute
    driver.later(minute)
    expect(driver.state).toBe('waiting')
    driver.later(7 * minute)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
    driver.later(minute)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a wait that the current config makes shorter stays as it was announced', () => {
    const driver = waiting()
    driver.waitMs = 0
    driver.later(4 * minute)
    expect(driver.state).toBe('waiting')
  })

  test('a new wait delays a release that awaits its last approval', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.waitMs = 5 * minute
    driver.approve(chloe)
    expect(driver.state).toBe('waiting')
  })
})
