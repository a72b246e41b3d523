import type { Time } from '../release/names.ts'

/** A point in time in the reader's own zone, or in UTC if Slack cannot show it. */
export function date(at: Time, format = '{date_short_pretty} {time}'): string {
  const fallback = new Date(at).toISOString().slice(0, 16).replace('T', ' ')
  return `<!date^${Math.floor(at / 1000)}^${format}|${fallback} UTC>`
}

/** Shows the times in a sentence, written as `2026-11-23 12:00 UTC`, in the reader's own zone. */
export function withDates(text: string): string {
  return text.replaceAll(/\b(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC\b/g, (written, day: string, time: string) => {
    const at = Date.parse(`${day}T${time}Z`)
    return Number.isNaN(at) ? written : date(at)
  })
}

/** Whether a text is a day of the calendar, as `2026-11-24`. */
export function isDate(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00Z`) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}
