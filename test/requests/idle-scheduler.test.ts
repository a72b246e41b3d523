import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { IdleScheduler, moreMs } from '../../src/requests/idle-scheduler.ts'
import { Loop } from '../../src/runtime/loop.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function scheduled() {
  /** The pause after each piece of work, ms. */
  const work = vi.fn(() => Number.POSITIVE_INFINITY)
  const idle = new IdleScheduler()
  const loop = new Loop({
    round: async () => work(),
    onError: { message: 'failed', backOffMs: 1 },
    pace: () => idle.waitMs(),
    log: pino({ level: 'silent' }),
  })
  /** A request at this interval, ms. */
  const rush = async ({ count, everyMs }: { count: number; everyMs: number }) => {
    for (let came = 0; came < count; came += 1) {
      idle.onRequest()
      loop.wakeIn(idle.waitMs())
      await vi.advanceTimersByTimeAsync(everyMs)
    }
  }
  return { work, loop, rush }
}

describe('runs work between requests', () => {
  it('work on a single request begins at once, and again after a second without any', async () => {
    const { work, rush } = scheduled()
    await rush({ count: 1, everyMs: 0 })
    expect(work).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1_000)
    await rush({ count: 1, everyMs: 0 })
    expect(work).toHaveBeenCalledTimes(2)
  })

  it('handles separate requests one by one', async () => {
    const { work, rush } = scheduled()
    await rush({ count: 3, everyMs: 60 })
    expect(work).toHaveBeenCalledTimes(3)
  })

  it('work waits for the first idle moment between close requests', async () => {
    const { work, rush } = scheduled()
    await rush({ count: 100, everyMs: 1 })
    expect(work).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(20)
    expect(work).toHaveBeenCalledTimes(2)
  })

  it('runs a little work after a second of constant requests, and again every 50 ms', async () => {
    const { work, rush } = scheduled()
    await rush({ count: 1_000, everyMs: 1 })
    expect(work).toHaveBeenCalledTimes(1)
    await rush({ count: 200, everyMs: 1 })
    expect(work).toHaveBeenCalledTimes(5)
  })

  it('more work runs at its pace unless many requests come', async () => {
    const { work, rush } = scheduled()
    work.mockImplementation(() => moreMs)
    await rush({ count: 1, everyMs: 44 })
    expect(work).toHaveBeenCalledTimes(9)
    await rush({ count: 500, everyMs: 1 })
    expect(work).toHaveBeenCalledTimes(9)
  })

  it('a stopped scheduler runs no more work', async () => {
    const { work, loop, rush } = scheduled()
    await rush({ count: 5, everyMs: 1 })
    await loop.stop()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(work).toHaveBeenCalledTimes(1)
  })
})
