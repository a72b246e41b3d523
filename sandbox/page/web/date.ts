import { own, type Reader } from './reader.ts'

type When = Pick<Reader, 'zone' | 'locale' | 'now'>

/**
 * Renders `<!date^…>` in the reader's time zone and language, by the tokens of
 * docs.slack.dev/messaging/formatting-message-text.
 */
export function dateText(seconds: number, format: string, when: When): string {
  const at = seconds * 1000
  const write = (options: Intl.DateTimeFormatOptions) => written(at, options, when)
  const isThisYear = write({ year: 'numeric' }) === written(when.now, { year: 'numeric' }, when)
  const year: Intl.DateTimeFormatOptions = isThisYear ? {} : { year: 'numeric' }
  const near = nearDay(at, when)
  const tokens: Record<string, () => string> = {
    date_num: () => written(at, { year: 'numeric', month: '2-digit', day: '2-digit' }, isoLike(when)),
    date_slash: () => write({ year: 'numeric', month: '2-digit', day: '2-digit' }),
    date: () => write({ day: 'numeric', month: 'long', ...year }),
    date_pretty: () => near ?? write({ day: 'numeric', month: 'long', ...year }),
    date_short: () => write({ day: 'numeric', month: 'short', ...year }),
    date_short_pretty: () => near ?? write({ day: 'numeric', month: 'short', ...year }),
    date_long: () => write({ weekday: 'long', day: 'numeric', month: 'long', ...year }),
    date_long_pretty: () => near ?? write({ weekday: 'long', day: 'numeric', month: 'long', ...year }),
    day_divider_pretty: () => near ?? write({ weekday: 'long', day: 'numeric', month: 'long', ...year }),
    time: () => clock(at, when),
    time_secs: () => write({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
    ago: () => ago(at, when),
  }
  return format.replaceAll(/\{(\w+)\}/g, (token, name: string) => own(tokens, name)?.() ?? token)
}

/** The time of day: 14:02. */
export function clock(at: number, when: When): string {
  return written(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, when)
}

/** The text of a day divider. */
export function dayText(at: number, when: When): string {
  const day = dateText(at / 1000, '{day_divider_pretty}', when)
  return day.charAt(0).toUpperCase() + day.slice(1)
}

/** The time of a message with this `ts`, ms since the epoch. */
export function timeOf(ts: string): number {
  return Math.floor(Number(ts) * 1000)
}

function written(at: number, options: Intl.DateTimeFormatOptions, { zone, locale }: When): string {
  const key = JSON.stringify([locale, zone, options])
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: zone, ...options })
  formats.set(key, format)
  return format.format(at)
}

/** Formats are slow to create, and a channel uses the same few again and again. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** The Swedish locale formats dates as in ISO 8601. */
function isoLike(when: When): When {
  return { ...when, locale: 'sv-SE' }
}

/** Today, yesterday or tomorrow, if the time is on one of these days. */
function nearDay(at: number, when: When): string | undefined {
  const dayOf = (time: number) => written(time, { year: 'numeric', month: '2-digit', day: '2-digit' }, when)
  const days: Record<string, number> = { today: 0, yesterday: -1, tomorrow: 1 }
  return Object.keys(days).find((name) => dayOf(when.now + (days[name] ?? 0) * 86_400_000) === dayOf(at))
}

function ago(at: number, { locale, now }: When): string {
  const seconds = Math.round((at - now) / 1000)
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  if (Math.abs(seconds) < 60) return format.format(seconds, 'second')
  if (Math.abs(seconds) < 3_600) return format.format(Math.round(seconds / 60), 'minute')
  if (Math.abs(seconds) < 86_400) return format.format(Math.round(seconds / 3_600), 'hour')
  return format.format(Math.round(seconds / 86_400), 'day')
}
