import { describe, expect, it } from 'vitest'
import { Budget } from '../../src/slack/budget.ts'

const progress = { spend: 'edit', urgency: 'progress' } as const
const urgent = { spend: 'edit', urgency: 'now' } as const
const post = (channel: string) => ({ spend: 'post', channel }) as const

/** How many messages the budget allows from 0 to `until`, asking at each moment that it names. */
function sentWithin(until: number, spend: Parameters<Budget['spend']>[0], budget = new Budget()): number {
  let [now, sent] = [0, 0]
  while (now < until) {
    const again = budget.spend(spend, now)
    if (again === null) sent += 1
    else now = again
  }
  return sent
}

describe('Slack’s rate limits', () => {
  it('sends at most 50 edits in a minute, however many cards change', () => {
    expect(sentWithin(60_000, urgent)).toBeLessThanOrEqual(50)
    expect(sentWithin(600_000, urgent)).toBeGreaterThan(400)
  })

  it('sends one post a second in each channel', () => {
    const budget = new Budget()
    expect(budget.spend(post('C1'), 0)).toBeNull()
    expect(budget.spend(post('C1'), 0)).toBe(1_100)
    expect(budget.spend(post('C2'), 0)).toBeNull()
    expect(budget.spend(post('C1'), 1_100)).toBeNull()
  })

  it('reserves edits for what people wait for', () => {
    const budget = new Budget()
    while (budget.spend(progress, 0) === null);
    expect(budget.spend(urgent, 0)).toBeNull()
  })

  it('pauses only the method that Slack answered with 429, until the given time', () => {
    const budget = new Budget()
    budget.close(urgent, 30_000)
    expect(budget.spend(urgent, 1_000)).toBe(30_000)
    expect(budget.spend(post('C1'), 1_100)).toBeNull()
    expect(budget.spend(urgent, 30_000)).toBeNull()
  })

  it('keeps its limits when the clock is set back', () => {
    const budget = new Budget()
    expect(budget.spend(post('C1'), 5_000)).toBeNull()
    expect(budget.spend(post('C1'), 4_000)).toBe(5_100)
  })
})
