import type { PersonId } from '../release/names.ts'
import { clean, decoded } from './escape.ts'

/** No command is longer; what comes after it is not read, characters. */
const longestText = 2_000

/** A word as typed, and as it is compared. */
export type Word = { readonly typed: string; readonly lower: string }

/** What was typed, and the people it names, by their words. */
export type Typed = { readonly typed: string; readonly people: ReadonlyMap<string, PersonId> }

/** What people's keyboards and Slack's formatting put around a word, and no git ref has at its ends. */
const around = /^[*~`"'“”„‘’«»]+|[*~`"'“”„‘’«»,;]+$/gu

/** `_emphasis_`: on both sides, since a branch may begin or end so. */
const emphasis = /^_(.+)_$/su

/** Whether there is more than is read. */
export function isTooLong(text: string): boolean {
  return text.length > longestText
}

/**
 * The typed text as it is read: in people's words where Slack wrote ids and links (`<@U0ANA|ana>` is `@ana`), its entities
 * decoded, without what cannot be read.
 */
export function readable(text: string): string {
  return clean(decoded(text.slice(0, longestText).replaceAll(token, (_, inside: string) => wordOf(inside))))
}

/** The people whom Slack named by id, by the word that stands for them in the readable text, in lower case. */
export function peopleIn(text: string): ReadonlyMap<string, PersonId> {
  const people = new Map<string, PersonId>()
  for (const [, inside = ''] of text.slice(0, longestText).matchAll(token)) {
    const id = /^@([UW][A-Z0-9]{1,30})(?:\||$)/.exec(inside)?.[1]
    if (id !== undefined) people.set(clean(decoded(wordOf(inside))).toLowerCase(), id)
  }
  return people
}

/** What Slack puts in place of people, channels, groups and links. Source: docs.slack.dev, slash commands, `should_escape`. */
const token = /<([@#!]?[^<>]+)>/g

/** `@ana`, `#deploys`, `@deployers`, each one word; a link as it was typed. */
function wordOf(inside: string): string {
  const [target = '', label = ''] = inside.split('|', 2)
  const sign = /^[@#]/.exec(inside)?.[0] ?? (inside.startsWith('!') ? '@' : '')
  const name = label.trim() || target.replace(/^(?:[@#]|!(?:subteam\^)?|mailto:)/, '')
  if (sign === '') return name
  return (name.startsWith(sign) ? name : sign + name).replaceAll(/\s+/gu, '.')
}

/** The words of a readable text, each without quotes, emphasis and backticks around it. */
export function words(text: string): readonly Word[] {
  return text
    .split(/\s+/u)
    .map((word) => word.replaceAll(around, '').replace(emphasis, '$1'))
    .filter((word) => word !== '')
    .map((typed) => ({ typed, lower: typed.toLowerCase() }))
}
