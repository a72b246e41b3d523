import type { WeekTime } from '../release/policy/freeze.ts'

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

const weekTime = '([a-z]+)\\s+(\\d{1,2}:\\d\\d)'
const week = new RegExp(`^\\s*${weekTime}\\s*(?:–|—|-|\\sto\\s)\\s*${weekTime}\\s*$`, 'i')

/** Parses `Fri 16:00 – Mon 08:00`; undefined for anything else. */
export function weeklyWindow(text: string): { readonly from: WeekTime; readonly to: WeekTime } | undefined {
  const [, fromDay, fromTime, toDay, toTime] = week.exec(text) ?? []
  const from = timeOfWeek(fromDay, fromTime)
  const to = timeOfWeek(toDay, toTime)
  return from && to && { from, to }
}

/** Accepts the day's full name or its first three letters. */
function timeOfWeek(name = '', clock = ''): WeekTime | undefined {
  const word = name.toLowerCase()
  const day = days.findIndex((full) => full === word || full.slice(0, 3) === word) + 1
  const time = timeOfDay(clock)
  return day > 0 && time ? { day, time } : undefined
}

/** Parses `2026-12-20 00:00` to `2026-12-20T00:00`; undefined for anything else, and for a day that does not exist. */
export function localTime(text: string): string | undefined {
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)[ T](\d{1,2}:\d\d)$/.exec(text) ?? []
  const time = clock && timeOfDay(clock)
  if (!day || !time) return undefined
  const written = `${day}T${time}`
  const at = Date.parse(`${written}Z`)
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 16) !== written ? undefined : written
}

function timeOfDay(text: string): string | undefined {
  return /^(?:[01]?\d|2[0-3]):[0-5]\d$/.test(text) ? text.padStart(5, '0') : undefined
}

/** Whether it is the name of a time zone. A bare offset such as `+01:00` has no summer time and is not accepted. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The names of all time zones that this Node knows. */
export function timeZones(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')]
}
