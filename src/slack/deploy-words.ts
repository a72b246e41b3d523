import { oneLine, shorten } from './escape.ts'
import { lockTerms } from './lock-terms.ts'
import { mistyped } from './nearest.ts'
import {
  nearName,
  noCommit,
  noEnvironment,
  noName,
  noPerson,
  noReason,
  nothingAfter,
  twoEnvironments,
  twoPeople,
  twoServices,
} from './unclear-words.ts'
import {
  corrected,
  isSlip,
  known,
  type Meant,
  type Named,
  named,
  type Subcommand,
  subcommands,
  type Vocabulary,
} from './vocabulary.ts'
import { type Typed, type Word, words as wordsOf } from './words.ts'

/** How long a lock's reason may be, characters. */
const longestReason = 300

/** Whether git takes it for a branch, a tag or a commit. Source: git-check-ref-format. */
export function isRef(text: string): boolean {
  return ref.test(text)
}

const ref = /^(?!-)(?!.*(?:\.\.|\/\/|@\{))[^\s~^:?*[\\\p{C}]{1,250}$/u

/** What follows `/deploy`. @param said the text that the words are of, for a lock's reason, and the people it names */
export function parseDeploy(words: readonly Word[], said: Typed, vocabulary: Vocabulary): Meant {
  const [first, ...rest] = words
  if (first === undefined) return { ask: 'form' }
  const subcommand = subcommands.find((name) => name === first.lower)
  if (subcommand) return other(subcommand, { rest, ...said, vocabulary })
  const emergency = splitEmergency(said.typed)
  return emergency ? emergencyDeploy(emergency, vocabulary) : deploy(words, vocabulary)
}

/** `--emergency` as it is typed, and as phones write it. */
const emergencyWord = /(?:^|\s)["'“”*_`]?(?:--?|—|–)emergency(?=$|[\s:=,"'”*_`])[:=,"'”*_`]*/iu

/** What is asked before the word, and the reason that follows it; null where it is not there. */
function splitEmergency(typed: string): { readonly asked: string; readonly why: string } | null {
  const found = emergencyWord.exec(typed)
  if (!found) return null
  const why = oneLine(typed.slice(found.index + found[0].length))
  return { asked: typed.slice(0, found.index), why: shorten(why, longestReason) }
}

function emergencyDeploy(
  { asked, why }: { readonly asked: string; readonly why: string },
  vocabulary: Vocabulary,
): Meant {
  const meant = deploy(wordsOf(asked), vocabulary)
  if ('unclear' in meant)
    return { ...meant, nearest: meant.nearest && `${meant.nearest} --emergency <reason>` }
  if (meant.ask !== 'deploy') return meant
  if (why !== '' && !isPlaceholder(why)) return { ...meant, emergency: why }
  const { environment, service, ref: commit } = meant
  const names = [environment, service, commit].filter((name) => name !== null)
  return unclear(noReason, `/deploy ${names.join(' ')} --emergency <reason>`)
}

type After = Typed & { readonly rest: readonly Word[]; readonly vocabulary: Vocabulary }

function other(subcommand: Subcommand, after: After): Meant {
  switch (subcommand) {
    case 'help':
      return { ask: 'help', command: '/deploy' }
    case 'status':
      return status(after)
    case 'cancel':
      if (after.rest.length === 0) return { ask: subcommand }
      return unclear(nothingAfter(subcommand), `/deploy ${subcommand}`)
    case 'history':
      return history(after)
    case 'lock':
      return lock(after)
    case 'unlock':
      return unlock(after)
  }
}

function status({ rest, vocabulary }: After): Meant {
  const names = named(rest, vocabulary)
  const trouble = twice(names) ?? stranger(names)
  if (!trouble) return { ask: 'status', ...placeOf(names), page: 0 }
  return unclear(trouble, spelled('/deploy status', named(corrected(rest, vocabulary), vocabulary)))
}

/** `me` is a person, unless something is called so. */
function history({ rest, people, vocabulary }: After): Meant {
  const isPerson = ({ lower }: Word) => lower === 'me' || people.has(lower)
  const all = named(rest, vocabulary)
  const asking = all.rest.filter(isPerson).map(({ lower }) => people.get(lower) ?? 'me')
  const names = { ...all, rest: all.rest.filter((word) => !isPerson(word)) }
  const severalPeople = asking.length > 1 ? twoPeople : null
  const trouble = twice(names) ?? severalPeople ?? unknownPerson(names) ?? stranger(names)
  if (!trouble) return { ask: 'history', ...placeOf(names), requester: asking[0] ?? null, from: null }
  const places = rest.filter((word) => !isPerson(word))
  return unclear(trouble, spelled('/deploy history', named(corrected(places, vocabulary), vocabulary)))
}

function unknownPerson({ rest }: Named): string | null {
  const word = rest.find(({ typed }) => typed.startsWith('@'))
  return word ? noPerson(word) : null
}

function placeOf({ services, environments }: Named) {
  return { service: services[0] ?? null, environment: environments[0] ?? null }
}

function unlock({ rest, vocabulary }: After): Meant {
  const names = named(rest, vocabulary)
  const [environment] = names.environments
  const trouble = twice(names) ?? stranger(names)
  if (!trouble && environment !== undefined)
    return { ask: 'unlock', environment, service: names.services[0] ?? null }
  return unclear(
    trouble ?? noEnvironment(vocabulary.environments),
    withEnvironment('/deploy unlock', rest, vocabulary),
  )
}

/** The environment, the service or both come first, then until when; the reason is what follows, as it was typed. */
function lock({ rest, typed, vocabulary }: After): Meant {
  const first = rest.findIndex((word) => !isName(word, vocabulary))
  const count = Math.min(2, first === -1 ? rest.length : first)
  const names = named(rest.slice(0, count), vocabulary)
  const [environment] = names.environments
  const terms = lockTerms(rest.slice(count))
  const nearest = `${withEnvironment('/deploy lock', rest.slice(0, 2), vocabulary)} <reason>`
  const trouble = twice(names)
  if (trouble) return unclear(trouble, nearest)
  if (environment === undefined) return unclear(noEnvironment(vocabulary.environments), nearest)
  if ('unclear' in terms) return unclear(terms.unclear, nearest)
  const { until, as } = terms
  const next = rest[count + terms.count]
  if (next === undefined || isPlaceholder(next.typed)) return unclear(noReason, nearest)
  if (isAlmostName(next, vocabulary)) return unclear(nearName(next), nearest)
  const reason = shorten(oneLine(afterWords(typed, 1 + count + terms.count)), longestReason)
  return { ask: 'lock', environment, service: names.services[0] ?? null, reason, until, as }
}

/** As our own answers write what a person is to fill in: copied as it is, it says nothing. */
function isPlaceholder(text: string): boolean {
  return /^<[a-z]+>$/i.test(text)
}

/** One slip from a name: a short word, or one that is further from it, begins a reason. */
function isAlmostName({ lower }: Word, { environments, services }: Vocabulary): boolean {
  return lower.length > 3 && mistyped(lower, [...environments, ...services], 1) !== null
}

function deploy(words: readonly Word[], vocabulary: Vocabulary): Meant {
  const last = words.at(-1)
  const all = named(words, vocabulary)
  const candidate = all.rest.length === 1 && all.rest[0] === last ? last : undefined
  const names = candidate ? named(words.slice(0, -1), vocabulary) : all
  const [environment] = names.environments
  const service = names.services[0] ?? null
  const trouble = twice(names) ?? stranger(names)
  const nearest = () => nearestDeploy(words, vocabulary)
  if (trouble) return unclear(trouble, nearest())
  if (candidate === undefined) {
    if (environment === undefined) return unclear(noEnvironment(vocabulary.environments), nearest())
    return { ask: 'deploy', service, environment, ref: null }
  }
  const isPlaced = environment !== undefined && (service !== null || vocabulary.services.length === 1)
  if (!isPlaced || isSlip(candidate, vocabulary) || !isRef(candidate.typed))
    return unclear(notUnderstood(candidate, { environment, service }), nearest())
  return { ask: 'deploy', service, environment, ref: candidate.typed }
}

function notUnderstood(
  word: Word,
  { environment, service }: { environment: string | undefined; service: string | null },
): string {
  return environment === undefined || service === null ? noName(word) : noCommit(word)
}

/** The whole command that was meant most likely. */
function nearestDeploy(words: readonly Word[], vocabulary: Vocabulary): string {
  const [first, ...others] = words
  const subcommand = first && mistyped(first.lower, [...subcommands])
  const names = first && mistyped(first.lower, [...vocabulary.environments, ...vocabulary.services])
  if (subcommand && (names === null || others.length === 0) && !isName(first, vocabulary))
    return spelled(`/deploy ${subcommand}`, named(takesNames(subcommand) ? others : [], vocabulary))
  const revision = words.flatMap(({ lower }) => [...lower.matchAll(/^(?:.+:)?(\d{1,9})$/g)])[0]?.[1]
  const parts = words.flatMap(({ lower }) => lower.split(':')).map((lower) => ({ typed: lower, lower }))
  const service = named(corrected(parts, vocabulary), vocabulary).services[0]
  if (revision !== undefined && service !== undefined) return `/rollback ${service} ${revision}`
  return withEnvironment('/deploy', words, vocabulary)
}

function takesNames(subcommand: string): boolean {
  return (
    subcommand === 'status' || subcommand === 'history' || subcommand === 'unlock' || subcommand === 'lock'
  )
}

/** The command with the names that were meant, and an environment where none was. */
function withEnvironment(start: string, words: readonly Word[], vocabulary: Vocabulary): string {
  const names = named(corrected(words, vocabulary), vocabulary)
  const environments = names.environments.length > 0 ? names.environments : vocabulary.environments
  return spelled(start, { ...names, environments })
}

function spelled(
  start: string,
  { services, environments }: Pick<Named, 'services' | 'environments'>,
): string {
  return [start, ...environments.slice(0, 1), ...services.slice(0, 1)].join(' ')
}

function isName(word: Word, { services, environments }: Vocabulary): boolean {
  return known(word, services) !== undefined || known(word, environments) !== undefined
}

function twice({ services, environments }: Named): string | null {
  if (environments.length > 1) return twoEnvironments
  return services.length > 1 ? twoServices : null
}

function stranger({ rest: [word] }: Named): string | null {
  return word ? noName(word) : null
}

/** The text after its first words. */
function afterWords(text: string, count: number): string {
  return text.trim().split(/\s+/u).slice(count).join(' ')
}

function unclear(why: string, nearest: string): Meant {
  return { unclear: why, nearest }
}
