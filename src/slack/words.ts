import { clean, decoded } from './escape.ts'

/** No command is longer; what comes after it is not read, characters. */
const longestText = 2_000

/** A word as typed, and as it is compared. */
export type Word = { readonly typed: string; readonly lower: string }

/** What people's keyboards and Slack's formatting put around a word. */
const around = /^[*_~`"'“”„‘’«»,;]+|[*_~`"'“”„‘’«»,;]+$/gu

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
    .map((word) => word.replaceAll(around, ''))
    .filter((word) => word !== '')
    .map((typed) => ({ typed, lower: typed.toLowerCase() }))
}
