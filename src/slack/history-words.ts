import type { HistoryAsked, Period } from '../messages/intent.ts'
import { isDate } from './date.ts'
import { firstNames, severalNames, unknownWord } from './named-words.ts'
import { mistyped } from './nearest.ts'
import { noDay, noPerson, onePeriod, twoPeople, whose } from './unclear-words.ts'
import { known, type Named, named, type Parsed, type Vocabulary } from './vocabulary.ts'
import type { Typed, Word } from './words.ts'

type After = Typed & { readonly rest: readonly Word[]; readonly vocabulary: Vocabulary }

/**
 * Reads what follows `/deploy history`: names, a person with `requested by` or `approved by` before, `since` and `until` with a
 * day, or a day alone, in any order. `me` means the caller, unless a service or environment has that name.
 */
export function history({ rest, people, vocabulary }: After): Parsed {
  const isPerson = ({ lower }: Word) => lower === 'me' || people.has(lower)
  const roles = rolesIn(rest, (word) => isPerson(word) && !isName(word, vocabulary))
  const days = daysIn(roles.rest, vocabulary)
  if ('unclear' in days) return days
  const all = named(days.rest, vocabulary)
  const asking = all.rest.filter(isPerson).map(({ lower }) => people.get(lower) ?? 'me')
  const names = { ...all, rest: all.rest.filter((word) => !isPerson(word)) }
  const severalPeople = asking.length > 1 ? twoPeople : null
  const trouble =
    severalNames(names) ?? severalPeople ?? unknownPerson(names) ?? roles.trouble ?? unknownWord(names)
  if (trouble) return { unclear: trouble }
  const [requester = null] = asking
  return {
    ask: 'history',
    ...firstNames(names),
    requester,
    ...(requester !== null && roles.as !== 'requester' && { as: roles.as }),
    ...(days.period && { period: days.period }),
    from: null,
  }
}

type Roles = {
  readonly as: 'requester' | NonNullable<HistoryAsked['as']>
  /** Why it is unclear whose releases are meant; null: it is clear. */
  readonly trouble: string | null
  readonly rest: readonly Word[]
}

/** `requested by @ana`, `approved by @ana`, `by @ana`. */
function rolesIn(words: readonly Word[], isPerson: (word: Word) => boolean): Roles {
  const at = words.findIndex(
    ({ lower }, index) =>
      isRole(lower) || (lower === 'by' && isPerson(words[index + 1] ?? { typed: '', lower: '' })),
  )
  const word = words[at]
  if (word === undefined) return { as: 'requester or approver', trouble: null, rest: words }
  const count = isRole(word.lower) && words[at + 1]?.lower === 'by' ? 2 : 1
  const person = words[at + count]
  const as =
    word.lower === 'requested'
      ? 'requester'
      : word.lower === 'approved'
        ? 'approver'
        : 'requester or approver'
  const trouble = person && (isPerson(person) || person.typed.startsWith('@')) ? null : whose(word)
  return { as, trouble, rest: words.toSpliced(at, count) }
}

function isRole(lower: string): boolean {
  return lower === 'requested' || lower === 'approved'
}

type Days = { readonly period: Period | null; readonly rest: readonly Word[] } | { readonly unclear: string }

/** A service or environment may be called like a day: then the word is a day only after `since` and `until`. */
function daysIn(words: readonly Word[], vocabulary: Vocabulary): Days {
  const rest: Word[] = []
  let since: string | undefined
  let until: string | undefined
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]
    if (word === undefined) break
    const isAlone = !isName(word, vocabulary) && parseDay(word) !== null
    const preposition = isPreposition(word, words[index + 1], vocabulary) ? word.lower : null
    if (preposition === null && !isAlone) {
      if (looksLikeDay(word) && !isName(word, vocabulary)) return { unclear: noDay(word, word.lower) }
      rest.push(word)
      continue
    }
    if (preposition !== null) index += 1
    const said = preposition === null ? word : words[index]
    const day = said ? parseDay(said) : null
    if (day === null) return { unclear: noDay(said, word.lower) }
    const isFirst = preposition !== 'until'
    const isLast = preposition !== 'since'
    if ((isFirst && since !== undefined) || (isLast && until !== undefined)) return { unclear: onePeriod }
    if (isFirst) since = day
    if (isLast) until = day
  }
  const period = { ...(since !== undefined && { since }), ...(until !== undefined && { until }) }
  return { period: since === undefined && until === undefined ? null : period, rest }
}

/** `on` is one only before a day. */
function isPreposition(word: Word, next: Word | undefined, vocabulary: Vocabulary): boolean {
  if (isName(word, vocabulary)) return false
  if (word.lower === 'on') return next !== undefined && parseDay(next) !== null
  return word.lower === 'since' || word.lower === 'until'
}

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** The day as a period has it; null if the word is none. */
function parseDay({ lower }: Word): string | null {
  if (lower === 'today' || lower === 'yesterday' || isDate(lower)) return lower
  return weekdays.find((day) => day === lower || (lower.length >= 3 && day.startsWith(lower))) ?? null
}

/** A date in another form, one that the calendar does not have, or a mistyped day. */
function looksLikeDay({ lower }: Word): boolean {
  return (
    /^\d{1,4}[-./]\d{1,2}(?:[-./]\d{0,4})?$/.test(lower) ||
    mistyped(lower, [...weekdays, 'yesterday'], 1) !== null ||
    lower === 'tomorrow'
  )
}

function isName(word: Word, { services, environments }: Vocabulary): boolean {
  return known(word, services) !== undefined || known(word, environments) !== undefined
}

function unknownPerson({ rest }: Named): string | null {
  const word = rest.find(({ typed }) => typed.startsWith('@'))
  return word ? noPerson(word) : null
}
