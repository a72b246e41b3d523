import { Temporal } from 'temporal-polyfill'
import { troubleOf } from '../engine/observe.ts'
import type { Period } from '../messages/intent.ts'
import type { People } from '../ports/ports.ts'
import type { PersonId, Time } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import { couldNotReadDay, periodReversed } from '../release/refusals/asking.ts'

/** A period in time. `since` inclusive, `until` exclusive. `days`: the same period by dates; absent: it has no limits. */
export type Times = { readonly since?: Time; readonly until?: Time; readonly days?: Period }

/** When the days of a period begin and end in the person's zone, or why that cannot be determined. */
export async function resolvePeriod(
  period: Period | undefined,
  { people, asker, now }: { people: Pick<People, 'zone'>; asker: PersonId; now: Time },
): Promise<Times | { readonly refused: Refusal }> {
  if (period === undefined) return {}
  try {
    return timesOf(period, await people.zone(asker), now)
  } catch (error) {
    return { refused: couldNotReadDay(troubleOf(error).reason) }
  }
}

/** Throws for a zone that does not exist. */
function timesOf(period: Period, zone: string, now: Time): Times | { readonly refused: Refusal } {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate()
  const since = period.since === undefined ? undefined : dayMeant(period.since, today)
  const until = period.until === undefined ? undefined : lastDayMeant(period.until, since, today)
  if (since && until && Temporal.PlainDate.compare(since, until) > 0)
    return { refused: periodReversed(`${since}`, `${until}`) }
  return {
    ...(since && { since: beginOf(since, zone) }),
    ...(until && { until: beginOf(until.add({ days: 1 }), zone) }),
    days: { ...(since && { since: `${since}` }), ...(until && { until: `${until}` }) },
  }
}

/** A weekday is the last one of that name, or today. */
function dayMeant(day: string, today: Temporal.PlainDate): Temporal.PlainDate {
  if (day === 'today') return today
  if (day === 'yesterday') return today.subtract({ days: 1 })
  const number = weekdays.indexOf(day) + 1
  if (number === 0) return Temporal.PlainDate.from(day)
  return today.subtract({ days: daysFrom(number, today.dayOfWeek) })
}

/** After a first day, a weekday is the next one of that name: `since friday until monday`. */
function lastDayMeant(
  day: string,
  since: Temporal.PlainDate | undefined,
  today: Temporal.PlainDate,
): Temporal.PlainDate {
  const number = weekdays.indexOf(day) + 1
  if (since === undefined || number === 0) return dayMeant(day, today)
  return since.add({ days: daysFrom(since.dayOfWeek, number) })
}

/** How many days one weekday is after another, both counted from 1. */
function daysFrom(one: number, other: number): number {
  return (other - one + 7) % 7
}

const weekdays: readonly string[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
]

function beginOf(day: Temporal.PlainDate, zone: string): Time {
  return day.toZonedDateTime(zone).epochMilliseconds
}
