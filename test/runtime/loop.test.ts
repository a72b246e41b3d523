import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Loop, type LoopDeps } from '../../src/runtime/loop.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const untilWoken = Number.POSITIVE_INFINITY
const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms)

function opened(differs: Partial<LoopDeps> = {}) {
  const log = { error: vi.fn() }
  const round = vi.fn(async () => untilWoken)
  const loop = new Loop({
    round,
    onError: { message: 'the store did not answer', backOffMs: 1_000 },
    log,
    ...differs,
  })
  return { loop, round, log }
}

/** A loop whose round lasts until it is released. */
function slow() {
  let letGo = () => {}
  const round = vi.fn(() => new Promise<number>((resolve) => (letGo = () => resolve(untilWoken))))
  return { ...opened({ round }), round, letGo: () => letGo() }
}

describe('a loop', () => {
  it('a loop begins with the first wake', async () => {
    const { loop, round } = opened()
    await passes(60_000)
    expect(round).not.toHaveBeenCalled()
    loop.wake()
    await passes(0)
    expect(round).toHaveBeenCalledTimes(1)
  })

  it('a loop sleeps between two rounds for as long as the last one returned', async () => {
    const { loop, round } = opened()
    round.mockImplementation(async () => 500)
    loop.wake()
    await passes(499)
    expect(round).toHaveBeenCalledTimes(1)
    await passes(1)
    expect(round).toHaveBeenCalledTimes(2)
  })

  it('a loop wakes sooner than planned, never later', async () => {
    const { loop, round } = opened()
    loop.wakeIn(500)
    loop.wakeIn(900)
    await passes(500)
    expect(round).toHaveBeenCalledTimes(1)
    loop.wakeIn(500)
    loop.wakeIn(100)
    await passes(100)
    expect(round).toHaveBeenCalledTimes(2)
    await passes(60_000)
    expect(round).toHaveBeenCalledTimes(2)
  })

  it('a loop treats many wakes in a row as one', async () => {
    const { loop, round } = opened()
    for (let count = 0; count < 100; count += 1) loop.wake()
    await passes(60_000)
    expect(round).toHaveBeenCalledTimes(1)
  })

  it('a loop runs one more round if it was woken during a round', async () => {
    const { loop, round, letGo } = slow()
    loop.wake()
    await passes(0)
    for (let count = 0; count < 3; count += 1) {
      loop.wake()
      await passes(10)
    }
    expect(round).toHaveBeenCalledTimes(1)
    letGo()
    await passes(0)
    expect(round).toHaveBeenCalledTimes(2)
    letGo()
    await passes(60_000)
    expect(round).toHaveBeenCalledTimes(2)
  })

  it('a loop logs a round that throws once, backs off, and continues', async () => {
    const { loop, round, log } = opened()
    const err = new Error('SQLITE_FULL')
    round.mockRejectedValueOnce(err)
    loop.wake()
    await passes(999)
    expect(log.error.mock.calls).toEqual([[{ err }, 'the store did not answer']])
    expect(round).toHaveBeenCalledTimes(1)
    await passes(1)
    expect(round).toHaveBeenCalledTimes(2)
    await passes(60_000)
    expect(log.error).toHaveBeenCalledTimes(1)
    expect(round).toHaveBeenCalledTimes(2)
  })

  it('a loop delays a due round for as long as its pace says', async () => {
    let busyUntil = 300
    const began = performance.now()
    const { loop, round } = opened({ pace: () => busyUntil - (performance.now() - began) })
    loop.wake()
    await passes(200)
    busyUntil = 400
    await passes(199)
    expect(round).not.toHaveBeenCalled()
    await passes(1)
    expect(round).toHaveBeenCalledTimes(1)
  })

  it('a loop continues to sleep if a timer cannot run that long', async () => {
    const { loop, round } = opened()
    loop.wakeIn(2 ** 40)
    await passes(60_000)
    expect(round).not.toHaveBeenCalled()
    await loop.stop()
  })
})

describe('a loop that is stopped', () => {
  it('a stopped loop waits for the round in progress, and begins no other', async () => {
    const { loop, round, letGo } = slow()
    loop.wake()
    await passes(0)
    loop.wake()
    let isOver = false
    const stopped = loop.stop().then(() => {
      isOver = true
    })
    expect(loop.isStopped).toBe(true)
    await passes(60_000)
    expect(isOver).toBe(false)
    letGo()
    await stopped
    await passes(60_000)
    expect(round).toHaveBeenCalledTimes(1)
  })

  it('a stopped loop forgets the due round and any later wake', async () => {
    const { loop, round } = opened()
    loop.wakeIn(10)
    await loop.stop()
    loop.wake()
    await passes(60_000)
    expect(round).not.toHaveBeenCalled()
  })

  it('a stopped loop does not continue after a round that throws', async () => {
    const { loop, round, log } = opened()
    round.mockImplementation(async () => {
      void loop.stop()
      throw new Error('closed')
    })
    loop.wake()
    await passes(60_000)
    expect(round).toHaveBeenCalledTimes(1)
    expect(log.error).toHaveBeenCalledTimes(1)
  })
})
