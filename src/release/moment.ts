import type { Time } from './names.ts'

/** A time in a sentence, to the minute: `2026-11-23 12:00 UTC`. Slack shows it in each reader's own zone. */
export function moment(at: Time): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
