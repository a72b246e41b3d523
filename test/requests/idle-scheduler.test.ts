import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { IdleScheduler } from '../../src/requests/idle-scheduler.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function heard() {
  const work = vi.fn()
  const idle = new IdleScheduler(work)
  /** A request each so many ms. */
  const rush = ({ count, everyMs }: { count: number; everyMs: number }) => {
    for (let came = 0; came < count; came += 1) {
      idle.came()
      vi.advanceTimersByTime(everyMs)
    }
  }
  return { work, idle, rush }
}

describe('work gets its turns between requests', () => {
  it('requests that come apart are worked on one by one', () => {
    const { work, rush } = heard()
    rush({ count: 3, everyMs: 60 })
    expect(work).toHaveBeenCalledTimes(3)
  })

  it('requests one upon the other wait for the first idle moment', () => {
    const { work, rush } = heard()
    rush({ count: 100, everyMs: 1 })
    expect(work).not.toHaveBeenCalled()
    vi.advanceTimersByTime(20)
    expect(work).toHaveBeenCalledTimes(1)
  })

  it('in a rush without end a little is worked on after a second, and again each 50 ms', () => {
    const { work, rush } = heard()
    rush({ count: 1_000, everyMs: 1 })
    expect(work).not.toHaveBeenCalled()
    rush({ count: 200, everyMs: 1 })
    expect(work).toHaveBeenCalledTimes(4)
  })

  it('more work goes on at its pace, unless a rush comes', () => {
    const { work, idle, rush } = heard()
    work.mockImplementation(() => idle.more())
    idle.came()
    vi.advanceTimersByTime(44)
    expect(work).toHaveBeenCalledTimes(5)
    rush({ count: 500, everyMs: 1 })
    expect(work).toHaveBeenCalledTimes(5)
  })

  it('what is stopped works no more', () => {
    const { work, idle, rush } = heard()
    rush({ count: 5, everyMs: 1 })
    idle.stop()
    vi.advanceTimersByTime(2_000)
    expect(work).not.toHaveBeenCalled()
  })
})
