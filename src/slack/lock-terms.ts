import type { Until } from '../messages/intent.ts'
import type { Hold } from '../release/policy/locking.ts'
import { isDate } from './date.ts'
import { mistyped } from './nearest.ts'
import { noLength, noOption, noPreposition, noTime, timeAlone, twoTimes } from './unclear-words.ts'
import type { Word } from './words.ts'

/**
 * The end time and options between the names and the reason of a lock, and how many words they take; or why they are not clear.
 */
export type LockTerms =
  | { readonly until: Until | null; readonly as: Hold; readonly count: number }
  | { readonly unclear: string }

const minute = 60_000
const units = { m: minute, min: minute, h: 60 * minute, d: 24 * 60 * minute } as const

const duration = /^(\d{1,4})(m|min|h|d)$/
const clock = /^(?:[01]?\d|2[0-3]):[0-5]\d$/

/** `--take`, and as phones change it. */
const take = /^(?:--?|—|–)take$/
const option = /^(?:--|—|–)\S/

/**
 * Reads `for 2h`, `until 18:00`, `until tomorrow 9:00`, `until 2026-11-24 09:00` and `--take`, in any order, up to the reason.
 * Words that only resemble a time are unclear: nothing is guessed.
 */
export function lockTerms(words: readonly Word[]): LockTerms {
  let until: Until | null = null
  let as: Hold = { hold: 'free' }
  let count = 0
  for (;;) {
    const word = words[count]
    if (word && take.test(word.lower)) {
      as = { hold: 'take', shown: null }
      count += 1
      continue
    }
    if (word?.lower !== 'for' && word?.lower !== 'until') break
    if (!meansTime(words[count + 1])) break
    if (until) return { unclear: twoTimes }
    const time = timeAfter(word.lower, words.slice(count + 1))
    if ('unclear' in time) return time
    until = time.until
    count += 1 + time.count
  }
  const doubt = doubtful(words.slice(count))
  return doubt === null ? { until, as, count } : { unclear: doubt }
}

/** An end time at the end of a reason, and how many words it takes; null if there is none; or why it is not clear. */
export type TrailingTerm =
  | { readonly until: Until; readonly count: number }
  | { readonly unclear: string }
  | null

/**
 * Reads an end time behind the reason, where people put it: `load test for 2h`, `sale until tomorrow 9:00`. The time takes all
 * words to the end, so `(until 5pm)`, `waiting for 2 reviews` and `for tomorrow` stay reasons.
 */
export function trailingTerm(words: readonly Word[]): TrailingTerm {
  const at = words.findLastIndex(({ lower }) => lower === 'for' || lower === 'until')
  const preposition = words[at]
  const after = words.slice(at + 1).map(withoutStop)
  const [first, second] = after
  if (!preposition || !first || after.length > 2) return null
  const time = timeAfter(preposition.lower === 'for' ? 'for' : 'until', after)
  if (!('unclear' in time)) return time.count === after.length ? { ...time, count: 1 + time.count } : null
  if (after.length === 1 && days.has(first.lower)) return preposition.lower === 'until' ? time : null
  return looksLikeTime({ typed: '', lower: first.lower + (second?.lower ?? '') }) ? time : null
}

function withoutStop({ typed, lower }: Word): Word {
  return { typed: typed.replace(/[.!]+$/, ''), lower: lower.replace(/[.!]+$/, '') }
}

const days = new Set(
  'monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun today tomorrow tonight noon midnight'.split(
    ' ',
  ),
)

/** Words that refer to a time without naming one that twokey can read. */
const vague = new Set([...days, ...'a an one two three half some morning evening'.split(' ')])

/** Whether a time follows `for` or `until`, or should. `for maintenance` and `until further notice` are reasons. */
function meansTime(word: Word | undefined): boolean {
  return word === undefined || /^\d/.test(word.lower) || vague.has(word.lower)
}

type TimeRead = { readonly until: Until; readonly count: number } | { readonly unclear: string }

function timeAfter(preposition: 'for' | 'until', [first, second]: readonly Word[]): TimeRead {
  if (preposition === 'for') {
    const afterMs = first && durationMs(first.lower)
    return afterMs === undefined ? { unclear: noLength(first, 'for') } : { until: { afterMs }, count: 1 }
  }
  if (first && clock.test(first.lower))
    return { until: { day: 'today', time: padded(first.lower) }, count: 1 }
  const isDay = first && (first.lower === 'today' || first.lower === 'tomorrow' || isDate(first.lower))
  if (isDay && second && clock.test(second.lower))
    return { until: { day: first.lower, time: padded(second.lower) }, count: 2 }
  return { unclear: isDay ? noTime(second, first.lower) : noTime(first, 'until') }
}

function durationMs(text: string): number | undefined {
  const [, number, unit] = duration.exec(text) ?? []
  return number && unit ? Number(number) * units[unit as keyof typeof units] : undefined
}

function padded(time: string): string {
  return time.padStart(5, '0')
}

/** Why the reason may have been meant as something else; null if it is a reason. */
function doubtful([first, second]: readonly Word[]): string | null {
  if (first === undefined) return null
  if (option.test(first.lower)) return noOption(first)
  if (looksLikeTime(first)) return timeAlone(first)
  const meantUntil = first.lower === 'till' || mistyped(first.lower, ['until', 'til']) !== null
  if (second && looksLikeTime(second) && (meantUntil || mistyped(first.lower, ['for']) !== null))
    return noPreposition(first)
  return null
}

function looksLikeTime({ lower }: Word): boolean {
  return (
    /^\d{1,2}[:.h]\d\d$/.test(lower) ||
    /^\d+\s?(?:m|min|mins|h|hrs?|hours?|d|days?|am|pm)$/.test(lower) ||
    /^\d{4}-\d{1,2}-\d{1,2}$/.test(lower) ||
    lower === 'tomorrow'
  )
}
