import { Temporal } from 'temporal-polyfill'
import type { Time } from '../release/names.ts'
import type { Freeze, FreezeWindow } from '../release/policy/freeze.ts'

/** Includes the first moment, excludes the last. */
type Span = { readonly from: Time; readonly to: Time }

/** How many freezes that follow one another are looked through: enough for one that begins anew each day of a month. */
const mostInARow = 40

/**
 * The freeze that applies at a moment: the strictest of several. It ends when its effect does: where a freeze of the same
 * effect follows at once, as Sunday follows Saturday, people have to wait for the end of that one. Null: none.
 */
export function freezeAt(windows: readonly FreezeWindow[], now: Time): Freeze | null {
  const first = strictestAt(windows, now)
  if (first === null) return null
  let { until } = first
  for (let row = 1; row < mostInARow; row += 1) {
    const next = strictestAt(windows, until)
    if (next === null || next.approvals !== first.approvals) return { ...first, until }
    until = next.until
  }
  return { ...first, isEndless: true }
}

/** The strictest freeze of a moment, of equals the one that ends last. */
function strictestAt(windows: readonly FreezeWindow[], now: Time): Freeze | null {
  const holding = windows.flatMap((window) => {
    const span = spansAround(window, now).find(({ from, to }) => from <= now && now < to)
    return span ? [{ until: span.to, approvals: window.approvals, reason: window.reason }] : []
  })
  return holding.toSorted(strictestFirst)[0] ?? null
}

function strictestFirst(one: Freeze, other: Freeze): number {
  const keys = ({ approvals }: Freeze) => approvals ?? Number.MAX_SAFE_INTEGER
  return keys(other) - keys(one) || other.until - one.until
}

/** The time ranges of the window: one, or those that began this week and the week before. */
function spansAround(window: FreezeWindow, now: Time): readonly Span[] {
  const { timezone } = window
  if (window.every === 'once')
    return [
      spanOf(Temporal.PlainDateTime.from(window.from), Temporal.PlainDateTime.from(window.to), timezone),
    ]
  const { from, to } = window
  const currentRules = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timezone).toPlainDate()
  const monday = currentRules.subtract({ days: currentRules.dayOfWeek - 1 })
  return [0, -7].map((days) => {
    const begins = atTime(monday.add({ days: days + from.day - 1 }), from.time)
    const ends = atTime(monday.add({ days: days + to.day - 1 }), to.time)
    const isNextWeek = Temporal.PlainDateTime.compare(ends, begins) <= 0
    return spanOf(begins, isNextWeek ? ends.add({ days: 7 }) : ends, timezone)
  })
}

function atTime(day: Temporal.PlainDate, time: string): Temporal.PlainDateTime {
  return day.toPlainDateTime(Temporal.PlainTime.from(time))
}

/** At a clock change a time may occur twice or not at all. Then the longer freeze applies. */
function spanOf(from: Temporal.PlainDateTime, to: Temporal.PlainDateTime, timezone: string): Span {
  return {
    from: from.toZonedDateTime(timezone, { disambiguation: 'earlier' }).epochMilliseconds,
    to: to.toZonedDateTime(timezone, { disambiguation: 'later' }).epochMilliseconds,
  }
}
