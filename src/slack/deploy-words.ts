import { oneLine, shorten } from './escape.ts'
import { history } from './history-words.ts'
import { lockTerms, trailingTerm } from './lock-terms.ts'
import { firstNames, severalNames, unknownWord } from './named-words.ts'
import { mistyped } from './nearest.ts'
import {
  buttonInstead,
  environmentsOnly,
  nearName,
  noEnvironment,
  noName,
  noReason,
  notACommitText,
  nothingAfter,
  onOrOff,
  rollbackInstead,
  twoTimes,
} from './unclear-words.ts'
import {
  buttonNamed,
  helpText,
  isSlip,
  known,
  meansRollback,
  named,
  notBuilt,
  type Parsed,
  type Subcommand,
  subcommands,
  type Vocabulary,
} from './vocabulary.ts'
import { type Typed, type Word, words as wordsOf } from './words.ts'

/** The longest reason of a lock, in characters. */
const longestReason = 300

/** Whether git accepts the text as a branch, a tag or a commit. Source: git-check-ref-format. */
export function isRef(text: string): boolean {
  return ref.test(text)
}

const ref = /^(?!-)(?!.*(?:\.\.|\/\/|@\{))[^\s~^:?*[\\\p{C}]{1,250}$/u

/** Parses what follows `/deploy`. @param said the text of these words (for a lock's reason) and the people that it names */
export function parseDeploy(words: readonly Word[], said: Typed, vocabulary: Vocabulary): Parsed {
  const [first, ...rest] = words
  if (first === undefined) return { ask: 'form' }
  if (rest.length === 0 && helpText.includes(first.lower)) return { ask: 'help', command: '/deploy' }
  const subcommand = subcommands.find((name) => name === first.lower)
  if (subcommand) return other(subcommand, { rest, ...said, vocabulary })
  const later = isName(first, vocabulary) ? undefined : notBuilt.commands.find((name) => name === first.lower)
  if (later !== undefined) return { ask: 'unsupported', what: `/deploy ${later}` }
  const elsewhere = isName(first, vocabulary) ? null : otherThanDeploy(words, vocabulary)
  if (elsewhere !== null) return unclear(elsewhere)
  const emergency = splitEmergency(said.typed)
  const asked = emergency ? wordsOf(emergency.asked) : words
  if (asked.some(({ lower }) => notBuilt.plan.test(lower))) return { ask: 'unsupported', what: '--plan' }
  return emergency ? emergencyDeploy(asked, emergency.why, vocabulary) : deploy(words, vocabulary)
}

/** What to do instead if the first word names something that is no deploy; null if it names nothing of the kind. */
function otherThanDeploy([first, ...rest]: readonly Word[], vocabulary: Vocabulary): string | null {
  if (first === undefined) return null
  if (meansRollback(first)) return rollbackInstead(named(rest, vocabulary), vocabulary)
  const label = buttonNamed(first)
  return label === undefined ? null : buttonInstead(label)
}

/** `--emergency` as people type it, and as phones change it. */
const emergencyWord = /(?:^|\s)["'“”*_`]?(?:--?|—|–)emergency(?=$|[\s:=,"'”*_`])[:=,"'”*_`]*/iu

/** The request before `--emergency` and the reason after it; null without `--emergency`. */
export function splitEmergency(typed: string): { readonly asked: string; readonly why: string } | null {
  const found = emergencyWord.exec(typed)
  if (!found) return null
  const why = oneLine(typed.slice(found.index + found[0].length))
  return { asked: typed.slice(0, found.index), why: shorten(why, longestReason) }
}

function emergencyDeploy(asked: readonly Word[], why: string, vocabulary: Vocabulary): Parsed {
  const parsed = deploy(asked, vocabulary)
  if ('unclear' in parsed || parsed.ask !== 'deploy') return parsed
  return why === '' || isPlaceholder(why) ? unclear(noReason) : { ...parsed, emergency: why }
}

type After = Typed & { readonly rest: readonly Word[]; readonly vocabulary: Vocabulary }

function other(subcommand: Subcommand, after: After): Parsed {
  switch (subcommand) {
    case 'help':
      return { ask: 'help', command: '/deploy' }
    case 'status':
      return status(after)
    case 'cancel':
      if (after.rest.length === 0) return { ask: subcommand }
      return unclear(nothingAfter(subcommand))
    case 'history':
      return history(after)
    case 'notify':
      return notify(after)
    case 'doctor':
      return doctor(after)
    case 'lock':
      return lock(after)
    case 'unlock':
      return unlock(after)
  }
}

function status({ rest, vocabulary }: After): Parsed {
  const names = named(rest, vocabulary)
  const trouble = severalNames(names) ?? unknownWord(names)
  if (!trouble) return { ask: 'status', ...firstNames(names), page: 0 }
  return unclear(trouble)
}

/** An environment, or nothing for all of them. */
function doctor({ rest, vocabulary }: After): Parsed {
  const names = named(rest, vocabulary)
  const [service] = names.services
  const trouble = severalNames(names) ?? unknownWord(names)
  if (trouble) return unclear(trouble)
  return service === undefined
    ? { ask: 'doctor', environment: names.environments[0] ?? null }
    : unclear(environmentsOnly(service))
}

/** `on`, `off`, or nothing to ask for the present state. */
function notify({ rest: [word, ...more] }: After): Parsed {
  if (word === undefined) return { ask: 'notify', choice: null }
  if (more.length > 0 || (word.lower !== 'on' && word.lower !== 'off')) return unclear(onOrOff)
  return { ask: 'notify', choice: word.lower }
}

function unlock({ rest, vocabulary }: After): Parsed {
  const names = named(rest, vocabulary)
  const [environment] = names.environments
  const trouble = severalNames(names) ?? unknownWord(names)
  if (!trouble && environment !== undefined)
    return { ask: 'unlock', environment, service: names.services[0] ?? null }
  return unclear(trouble ?? noEnvironment(vocabulary.environments))
}

/** The environment, the service or both come first, then the reason, as typed; the end time stands before or after it. */
function lock({ rest, typed, vocabulary }: After): Parsed {
  const first = rest.findIndex((word) => !isName(word, vocabulary))
  const count = Math.min(2, first === -1 ? rest.length : first)
  const names = named(rest.slice(0, count), vocabulary)
  const [environment] = names.environments
  const terms = lockTerms(rest.slice(count))
  const trouble = severalNames(names)
  if (trouble) return unclear(trouble)
  if (environment === undefined) return unclear(noEnvironment(vocabulary.environments))
  if ('unclear' in terms) return unclear(terms.unclear)
  const { until, as } = terms
  const next = rest[count + terms.count]
  if (next === undefined || isPlaceholder(next.typed)) return unclear(noReason)
  if (isAlmostName(next, vocabulary)) return unclear(nearName(next))
  const trailing = trailingTerm(rest.slice(count + terms.count + 1))
  if (trailing && 'unclear' in trailing) return unclear(trailing.unclear)
  if (trailing && until) return unclear(twoTimes)
  const reason = withoutLast(afterText(typed, 1 + count + terms.count), trailing?.count ?? 0)
  return {
    ask: 'lock',
    environment,
    service: names.services[0] ?? null,
    reason: shorten(oneLine(reason), longestReason),
    until: until ?? trailing?.until ?? null,
    as,
  }
}

/** A placeholder such as `<reason>`, copied from twokey's own usage text. It is no reason. */
export function isPlaceholder(text: string): boolean {
  return /^<[a-z]+>$/i.test(text)
}

/** Whether the word is one edit from a name. Short words, and words further from every name, begin a reason. */
function isAlmostName({ lower }: Word, { environments, services }: Vocabulary): boolean {
  return lower.length > 3 && mistyped(lower, [...environments, ...services], 1) !== null
}

function deploy(words: readonly Word[], vocabulary: Vocabulary): Parsed {
  const last = words.at(-1)
  const all = named(words, vocabulary)
  const candidate = all.rest.length === 1 && all.rest[0] === last ? last : undefined
  const names = candidate ? named(words.slice(0, -1), vocabulary) : all
  const [environment] = names.environments
  const service = names.services[0] ?? null
  const trouble = severalNames(names) ?? unknownWord(names)
  if (trouble) return unclear(trouble)
  if (candidate === undefined) {
    if (environment === undefined) return unclear(noEnvironment(vocabulary.environments))
    return { ask: 'deploy', service, environment, ref: null }
  }
  const isPlaced = environment !== undefined && (service !== null || vocabulary.services.length === 1)
  if (!isPlaced || isSlip(candidate, vocabulary) || !isRef(candidate.typed))
    return unclear(notUnderstood(candidate, { environment, service }))
  return { ask: 'deploy', service, environment, ref: candidate.typed }
}

function notUnderstood(
  word: Word,
  { environment, service }: { environment: string | undefined; service: string | null },
): string {
  return environment === undefined || service === null ? noName(word) : notACommitText(word)
}

function isName(word: Word, { services, environments }: Vocabulary): boolean {
  return known(word, services) !== undefined || known(word, environments) !== undefined
}

/** The text without its first words. */
function afterText(text: string, count: number): string {
  return text.trim().split(/\s+/u).slice(count).join(' ')
}

/** The text without its last words. */
function withoutLast(text: string, count: number): string {
  const all = text.trim().split(/\s+/u)
  return count === 0 ? text : all.slice(0, all.length - count).join(' ')
}

function unclear(why: string): Parsed {
  return { unclear: why }
}
