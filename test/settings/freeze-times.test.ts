import { describe, expect, it } from 'vitest'
import type { FreezeWindow } from '../../src/release/policy/freeze.ts'
import { freezeAt } from '../../src/settings/freeze-times.ts'

type Common = Pick<FreezeWindow, 'timezone' | 'approvals' | 'reason'>
const common: Common = { timezone: 'Europe/Paris', approvals: null, reason: null }
const week = (
  from: readonly [number, string],
  to: readonly [number, string],
  part: Partial<Common> = {},
): FreezeWindow => ({
  every: 'week',
  from: { day: from[0], time: from[1] },
  to: { day: to[0], time: to[1] },
  ...common,
  ...part,
})
const once = (from: string, to: string, part: Partial<Common> = {}): FreezeWindow => ({
  every: 'once',
  from,
  to,
  ...common,
  ...part,
})

const weekend = week([5, '16:00'], [1, '08:00'])
const workday = week([2, '09:00'], [2, '17:00'])
const always = week([1, '00:00'], [1, '00:00'])
const holidays = once('2026-12-20T00:00', '2027-01-02T08:00')
const night = week([7, '02:30'], [7, '05:00'])
const untilGap = week([6, '20:00'], [7, '02:30'])

/** 2026: summer time in Paris from 29 March 01:00Z to 25 October 01:00Z. The 23rd of November is a Monday. */
const rows: readonly (readonly [string, FreezeWindow, string, string | null])[] = [
  ['before it begins', weekend, '2026-11-20T14:59:59Z', null],
  ['at its first moment', weekend, '2026-11-20T15:00:00Z', '2026-11-23T07:00:00Z'],
  ['on Sunday', weekend, '2026-11-22T12:00:00Z', '2026-11-23T07:00:00Z'],
  ['on Monday, begun the week before', weekend, '2026-11-23T06:59:59Z', '2026-11-23T07:00:00Z'],
  ['at its last moment', weekend, '2026-11-23T07:00:00Z', null],
  ['within one day', workday, '2026-11-24T12:00:00Z', '2026-11-24T16:00:00Z'],
  ['another day', workday, '2026-11-25T12:00:00Z', null],
  [
    'the same time of day in summer, which is another hour',
    weekend,
    '2026-07-03T14:00:00Z',
    '2026-07-06T06:00:00Z',
  ],
  ['over the change in spring', weekend, '2026-03-27T15:00:00Z', '2026-03-30T06:00:00Z'],
  ['over the change in autumn', weekend, '2026-10-23T14:00:00Z', '2026-10-26T07:00:00Z'],
  [
    'from a time that does not occur in spring: an hour earlier',
    night,
    '2026-03-29T00:30:00Z',
    '2026-03-29T03:00:00Z',
  ],
  ['to a time that does not occur: an hour later', untilGap, '2026-03-29T01:15:00Z', '2026-03-29T01:30:00Z'],
  [
    'from a time that occurs twice in autumn: the first',
    night,
    '2026-10-25T00:30:00Z',
    '2026-10-25T04:00:00Z',
  ],
  ['to a time that occurs twice: the second', untilGap, '2026-10-25T01:29:00Z', '2026-10-25T01:30:00Z'],
  ['the whole week, on a Wednesday', always, '2026-11-25T12:00:00Z', '2026-11-29T23:00:00Z'],
  ['the whole week, at its first moment', always, '2026-11-22T23:00:00Z', '2026-11-29T23:00:00Z'],
  ['over the end of the year', holidays, '2026-12-31T23:30:00Z', '2027-01-02T07:00:00Z'],
  ['the day before them', holidays, '2026-12-19T22:59:00Z', null],
  ['a year later', holidays, '2027-12-25T12:00:00Z', null],
  ['a weekend over the end of the year', weekend, '2027-01-01T15:00:00Z', '2027-01-04T07:00:00Z'],
  [
    'a zone of half an hour, Monday there and Sunday in UTC',
    week([1, '00:00'], [1, '01:00'], { timezone: 'Asia/Kolkata' }),
    '2026-11-22T18:30:00Z',
    '2026-11-22T19:30:00Z',
  ],
  [
    'a zone of three quarters of an hour',
    week([1, '00:00'], [1, '01:00'], { timezone: 'Asia/Kathmandu' }),
    '2026-11-22T18:14:59Z',
    null,
  ],
  [
    'a summer time of half an hour',
    once('2026-10-04T01:00', '2026-10-04T03:00', { timezone: 'Australia/Lord_Howe' }),
    '2026-10-03T15:00:00Z',
    '2026-10-03T16:00:00Z',
  ],
  [
    'a day that its zone skipped',
    once('2011-12-29T12:00', '2011-12-31T12:00', { timezone: 'Pacific/Apia' }),
    '2011-12-30T10:30:00Z',
    '2011-12-30T22:00:00Z',
  ],
]

describe('the times of a freeze', () => {
  it.each(rows)('computes the freeze: %s', (_, window, at, until) => {
    const freeze = freezeAt([window], Date.parse(at))
    expect(freeze && new Date(freeze.until).toISOString()).toBe(until && new Date(until).toISOString())
  })
})

describe('freezes that follow one another', () => {
  const saturday = week([6, '00:00'], [7, '00:00'])
  const sunday = week([7, '00:00'], [1, '00:00'], { reason: 'Sunday' })
  const now = Date.parse('2026-11-28T12:00:00Z')
  const end = Date.parse('2026-11-29T23:00:00Z')

  it('such freezes last until the end of the last one, and give the reason of the first', () => {
    expect(freezeAt([sunday, saturday], now)).toEqual({ until: end, approvals: null, reason: null })
  })

  it('the stronger freeze ends where a weaker one begins', () => {
    const weaker = week([7, '00:00'], [1, '00:00'], { approvals: 3 })
    expect(freezeAt([saturday, weaker], now)?.until).toBe(Date.parse('2026-11-28T23:00:00Z'))
  })

  it.each([
    ['one of the whole week', [always]],
    ['one for each half of the week', [week([1, '00:00'], [4, '12:00']), week([4, '12:00'], [1, '00:00'])]],
  ])('such freezes have no end: %s', (_, windows) => {
    const freeze = freezeAt(windows, now)
    expect(freeze?.isEndless).toBe(true)
    expect(freeze?.until).toBe(end)
  })

  it('a single freeze has an end', () => {
    expect(freezeAt([holidays], Date.parse('2026-12-25T12:00:00Z'))).not.toHaveProperty('isEndless')
  })
})

describe('overlapping freezes', () => {
  const now = Date.parse('2026-12-26T12:00:00Z')
  const three = week([5, '16:00'], [1, '08:00'], { approvals: 3 })
  const four = once('2026-12-24T00:00', '2026-12-27T00:00', { approvals: 4, reason: 'Christmas' })

  it.each([
    ['the higher number', [three, four], 4],
    ['in either order', [four, three], 4],
    ['no approvals before any number', [four, holidays, three], null],
  ])('applies the strictest freeze: %s', (_, windows, approvals) => {
    expect(freezeAt(windows, now)?.approvals).toBe(approvals)
  })

  it('applies the freeze that ends last among equals', () => {
    const longer = once('2026-12-25T00:00', '2026-12-30T00:00', { approvals: 4 })
    expect(freezeAt([four, longer], now)?.until).toBe(Date.parse('2026-12-29T23:00:00Z'))
    expect(freezeAt([longer, four], now)?.until).toBe(Date.parse('2026-12-29T23:00:00Z'))
  })

  it('applies no freeze if none is configured', () => {
    expect(freezeAt([], now)).toBeNull()
  })
})
