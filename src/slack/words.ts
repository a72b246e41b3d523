import type { PersonId } from '../release/names.ts'
import { clean, decoded } from './escape.ts'

/** Text beyond this many characters is not read: no command is longer. */
const longestText = 2_000

/** A word as typed, and in lower case for comparisons. */
export type Word = { readonly typed: string; readonly lower: string }

/** The typed text, and the people that its words name. */
export type Typed = { readonly typed: string; readonly people: ReadonlyMap<string, PersonId> }

/** Characters that keyboards and Slack's formatting put around a word, and that no git ref has at its ends. */
const around = /^[*~`"'“”„‘’«»]+|[*~`"'“”„‘’«»,;]+$/gu

/** `_emphasis_`. It needs both sides, because a branch may begin or end with `_`. */
const emphasis = /^_(.+)_$/su

/** Whether the text is longer than twokey reads. */
export function isTooLong(text: string): boolean {
  return text.length > longestText
}

/**
 * The typed text for parsing: with names in place of Slack's ids and links (`<@U0ANA|ana>` becomes `@ana`), entities decoded,
 * and invisible characters removed.
 */
export function readable(text: string): string {
  return clean(decoded(text.slice(0, longestText).replaceAll(token, (_, inside: string) => wordOf(inside))))
}

/** The people that Slack named by id, by their word in the readable text, in lower case. */
export function peopleIn(text: string): ReadonlyMap<string, PersonId> {
  const people = new Map<string, PersonId>()
  for (const [, inside = ''] of text.slice(0, longestText).matchAll(token)) {
    const id = /^@([UW][A-Z0-9]{1,30})(?:\||$)/.exec(inside)?.[1]
    if (id !== undefined) people.set(clean(decoded(wordOf(inside))).toLowerCase(), id)
  }
  return people
}

/** How Slack encodes people, channels, groups and links. Source: docs.slack.dev, slash commands, `should_escape`. */
const token = /<([@#!]?[^<>]+)>/g

/** `@ana`, `#deploys`, `@deployers`, each one word; a link as it was typed. */
function wordOf(inside: string): string {
  const [target = '', label = ''] = inside.split('|', 2)
  const sign = /^[@#]/.exec(inside)?.[0] ?? (inside.startsWith('!') ? '@' : '')
  const name = label.trim() || target.replace(/^(?:[@#]|!(?:subteam\^)?|mailto:)/, '')
  if (sign === '') return name
  return (name.startsWith(sign) ? name : sign + name).replaceAll(/\s+/gu, '.')
}

/** The words of a readable text, without quotes, emphasis and backticks around them. */
export function words(text: string): readonly Word[] {
  return text
    .split(/\s+/u)
    .map((word) => word.replaceAll(around, '').replace(emphasis, '$1'))
    .filter((word) => word !== '')
    .map((typed) => ({ typed, lower: typed.toLowerCase() }))
}
