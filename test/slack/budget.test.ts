import { describe, expect, it } from 'vitest'
import { Budget } from '../../src/slack/budget.ts'

const progress = { spend: 'edit', urgency: 'progress' } as const
const urgent = { spend: 'edit', urgency: 'now' } as const
const post = (channel: string) => ({ spend: 'post', channel }) as const

/** How often it may be sent from 0 to `until`, asked for at each moment that the budget names. */
function sentWithin(until: number, spend: Parameters<Budget['spend']>[0], budget = new Budget()): number {
  let [now, sent] = [0, 0]
  while (now < until) {
    const again = budget.spend(spend, now)
    if (again === null) sent += 1
    else now = again
  }
  return sent
}

describe('what Slack takes', () => {
  it('is never more than 50 edits in a minute, however many cards move', () => {
    expect(sentWithin(60_000, urgent)).toBeLessThanOrEqual(50)
    expect(sentWithin(600_000, urgent)).toBeGreaterThan(400)
  })

  it('is one post a second in a channel, each channel by itself', () => {
    const budget = new Budget()
    expect(budget.spend(post('C1'), 0)).toBeNull()
    expect(budget.spend(post('C1'), 0)).toBe(1_100)
    expect(budget.spend(post('C2'), 0)).toBeNull()
    expect(budget.spend(post('C1'), 1_100)).toBeNull()
  })

  it('keeps edits back for what people wait for', () => {
    const budget = new Budget()
    while (budget.spend(progress, 0) === null);
    expect(budget.spend(urgent, 0)).toBeNull()
  })

  it('closes only what was answered 429, until then', () => {
    const budget = new Budget()
    budget.close(urgent, 30_000)
    expect(budget.spend(urgent, 1_000)).toBe(30_000)
    expect(budget.spend(post('C1'), 1_100)).toBeNull()
    expect(budget.spend(urgent, 30_000)).toBeNull()
  })

  it('does not mind a clock that goes back', () => {
    const budget = new Budget()
    expect(budget.spend(post('C1'), 5_000)).toBeNull()
    expect(budget.spend(post('C1'), 4_000)).toBe(5_100)
  })
})
