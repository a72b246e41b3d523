import { afterEach, describe, expect, test, vi } from 'vitest'
import { RemoteClock } from '../../src/runtime/remote-clock.ts'
import { account, prod, source } from './account.ts'

afterEach(() => vi.restoreAllMocks())

const noon = Date.UTC(2026, 10, 23, 12)
const minute = 60_000

describe('the clock of AWS', () => {
  test('uses our clock until AWS has answered, and if its answers have no date', () => {
    const clock = new RemoteClock(() => noon)
    for (const answer of [undefined, null, '', 'soon']) clock.hear(answer)
    expect(clock.now()).toBe(noon)
  })

  test('advances from the last answer', () => {
    let ours = noon
    const clock = new RemoteClock(() => ours)
    clock.hear('Mon, 23 Nov 2026 11:00:00 GMT')
    clock.hear('Mon, 23 Nov 2026 11:58:00 GMT')
    ours += minute
    expect(clock.now()).toBe(noon - minute)
  })

  test.each([-2 * minute, 2 * minute])(
    'the clock of AWS is updated by each answer of ECS if our clock is off by %i ms',
    async (off) => {
      const { now } = Date
      const { ecs } = await account()
      vi.spyOn(Date, 'now').mockImplementation(() => now() + off)
      await ecs.before({ targets: [prod], source })
      expect(Math.abs(ecs.now() - now())).toBeLessThan(30_000)
    },
  )
})
