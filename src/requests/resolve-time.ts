import { Temporal } from 'temporal-polyfill'
import { troubleOf } from '../engine/observe.ts'
import type { Until } from '../messages/intent.ts'
import type { People } from '../ports/ports.ts'
import type { PersonId, Time } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import { couldNotReadZone } from '../release/refusals/trouble.ts'

/**
 * The time that was meant, or why it cannot be determined. A time of day is in the person's own zone, as Slack knows
 * it.
 */
export async function resolveTime(
  until: Until | null,
  { people, asker, now }: { people: Pick<People, 'zone'>; asker: PersonId; now: Time },
): Promise<{ readonly until: Time | null } | { readonly refused: Refusal }> {
  if (until === null) return { until: null }
  if ('afterMs' in until) return { until: now + until.afterMs }
  try {
    return { until: inZone(until, await people.zone(asker), now) }
  } catch (error) {
    return { refused: couldNotReadZone(until.time, troubleOf(error).reason) }
  }
}

/**
 * At a change of clocks a time may come twice, or not at all: the later one is meant, which locks longer. Throws for
 * an unknown zone.
 */
export function inZone({ day, time }: Extract<Until, { day: string }>, zone: string, now: Time): Time {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate()
  return dayMeant(day, today)
    .toPlainDateTime(Temporal.PlainTime.from(time))
    .toZonedDateTime(zone, { disambiguation: 'later' }).epochMilliseconds
}

function dayMeant(day: string, today: Temporal.PlainDate): Temporal.PlainDate {
  switch (day) {
    case 'today':
      return today
    case 'tomorrow':
      return today.add({ days: 1 })
    default:
      return Temporal.PlainDate.from(day)
  }
}
