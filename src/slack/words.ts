import { clean, decoded } from './escape.ts'

/** No command is longer; what comes after it is not read, characters. */
const longestText = 2_000

/** A word as typed, and as it is compared. */
export type Word = { readonly typed: string; readonly lower: string }

/** What people's keyboards and Slack's formatting put around a word, and no git ref has at its ends. */
const around = /^[*~`"'“”„‘’«»]+|[*~`"'“”„‘’«»,;]+$/gu

/** `_emphasis_`: on both sides, since a branch may begin or end so. */
const emphasis = /^_(.+)_$/su

/** Whether there is more than is read. */
export function isTooLong(text: string): boolean {
  return text.length > longestText
}

/** The typed text as it is read: Slack's entities decoded, without what cannot be seen. */
export function readable(text: string): string {
  return clean(decoded(text.slice(0, longestText)))
}

/** The words of a readable text, each without quotes, emphasis and backticks around it. */
export function words(text: string): readonly Word[] {
  return text
    .split(/\s+/u)
    .map((word) => word.replaceAll(around, '').replace(emphasis, '$1'))
    .filter((word) => word !== '')
    .map((typed) => ({ typed, lower: typed.toLowerCase() }))
}
