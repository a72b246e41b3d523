import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Lull, type Pressure } from '../../src/shepherd/lull.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function heard() {
  const worked: Pressure[] = []
  const lull = new Lull((pressure) => worked.push(pressure))
  /** A request each so many ms. */
  const rush = ({ count, everyMs }: { count: number; everyMs: number }) => {
    for (let came = 0; came < count; came += 1) {
      lull.came()
      vi.advanceTimersByTime(everyMs)
    }
  }
  return { worked, lull, rush }
}

describe('work is put off in a rush', () => {
  it('a request that comes alone is worked on at once', () => {
    const { worked, rush } = heard()
    rush({ count: 3, everyMs: 10 })
    expect(worked).toEqual(['lull', 'lull', 'lull'])
  })

  it('requests one upon the other wait for the first lull', () => {
    const { worked, rush } = heard()
    rush({ count: 100, everyMs: 1 })
    expect(worked).toEqual(['lull'])
    vi.advanceTimersByTime(5)
    expect(worked).toEqual(['lull', 'lull'])
  })

  it('in a rush without end a little is worked on after a second, and goes on', () => {
    const { worked, rush } = heard()
    rush({ count: 1_000, everyMs: 1 })
    expect(worked).toEqual(['lull'])
    rush({ count: 200, everyMs: 1 })
    expect(worked.slice(1)).toEqual(['rush', 'rush', 'rush', 'rush'])
  })

  it('what is stopped works no more', () => {
    const { worked, lull, rush } = heard()
    rush({ count: 5, everyMs: 1 })
    lull.stop()
    vi.advanceTimersByTime(2_000)
    expect(worked).toEqual(['lull'])
  })
})
