import { literal, oneLine, shorten } from './escape.ts'
import { mistyped } from './nearest.ts'
import {
  corrected,
  isSlip,
  known,
  type Meant,
  type Named,
  named,
  oneOf,
  type Subcommand,
  subcommands,
  type Vocabulary,
} from './vocabulary.ts'
import type { Word } from './words.ts'

/** How long a lock's reason may be, characters. */
const longestReason = 300

/** Whether git takes it for a branch, a tag or a commit. Source: git-check-ref-format. */
export function isRef(text: string): boolean {
  return ref.test(text)
}

const ref = /^(?!-)(?!.*(?:\.\.|\/\/|@\{))[^\s~^:?*[\\\p{C}]{1,250}$/u

/** What follows `/deploy`. @param typed the text that the words are of, for a lock's reason */
export function parseDeploy(words: readonly Word[], typed: string, vocabulary: Vocabulary): Meant {
  const [first, ...rest] = words
  if (first === undefined) return { ask: 'form' }
  const subcommand = subcommands.find((name) => name === first.lower)
  return subcommand ? other(subcommand, { rest, typed, vocabulary }) : deploy(words, vocabulary)
}

type After = { readonly rest: readonly Word[]; readonly typed: string; readonly vocabulary: Vocabulary }

function other(subcommand: Subcommand, after: After): Meant {
  switch (subcommand) {
    case 'help':
      return { ask: 'help', command: '/deploy' }
    case 'status':
    case 'cancel':
      if (after.rest.length === 0) return { ask: subcommand }
      return unclear(`\`/deploy ${subcommand}\` takes nothing after it`, `/deploy ${subcommand}`)
    case 'history':
      return history(after)
    case 'lock':
      return lock(after)
    case 'unlock':
      return unlock(after)
  }
}

function history({ rest, vocabulary }: After): Meant {
  const names = named(rest, vocabulary)
  const trouble = twice(names) ?? stranger(names)
  if (!trouble)
    return { ask: 'history', service: names.services[0] ?? null, environment: names.environments[0] ?? null }
  return unclear(trouble, spelled('/deploy history', named(corrected(rest, vocabulary), vocabulary)))
}

function unlock({ rest, vocabulary }: After): Meant {
  const names = named(rest, vocabulary)
  const [environment] = names.environments
  const trouble = twice(names) ?? stranger(names)
  if (!trouble && environment !== undefined)
    return { ask: 'unlock', environment, service: names.services[0] ?? null }
  return unclear(trouble ?? noEnvironment(vocabulary), withEnvironment('/deploy unlock', rest, vocabulary))
}

/** The environment, the service or both come first; the reason is what follows, as it was typed. */
function lock({ rest, typed, vocabulary }: After): Meant {
  const first = rest.findIndex((word) => !isName(word, vocabulary))
  const count = Math.min(2, first === -1 ? rest.length : first)
  const names = named(rest.slice(0, count), vocabulary)
  const [environment] = names.environments
  const next = rest[count]
  const nearest = `${withEnvironment('/deploy lock', rest.slice(0, 2), vocabulary)} <reason>`
  const trouble = twice(names)
  if (trouble) return unclear(trouble, nearest)
  if (environment === undefined) return unclear(noEnvironment(vocabulary), nearest)
  if (next === undefined) return unclear('a reason is missing', nearest)
  if (mistyped(next.lower, [...vocabulary.environments, ...vocabulary.services]) !== null)
    return unclear(`${quoted(next)} is close to a name, so it is not taken for a reason`, nearest)
  const reason = shorten(oneLine(afterWords(typed, 1 + count)), longestReason)
  return { ask: 'lock', environment, service: names.services[0] ?? null, reason }
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
    if (environment === undefined) return unclear(noEnvironment(vocabulary), nearest())
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
  if (environment === undefined || service === null) return `${quoted(word)} is no service and no environment`
  return `${quoted(word)} is no branch, tag or commit that can be told from a mistyped name`
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
  return subcommand === 'history' || subcommand === 'unlock' || subcommand === 'lock'
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
  if (environments.length > 1) return 'it names two environments'
  return services.length > 1 ? 'it names two services' : null
}

function stranger({ rest: [word] }: Named): string | null {
  return word ? `${quoted(word)} is no service and no environment` : null
}

function noEnvironment({ environments }: Vocabulary): string {
  return `it names no environment: say which, ${oneOf(environments)}`
}

function quoted({ typed }: Word): string {
  return `“${literal(typed, 60)}”`
}

/** The text after its first words. */
function afterWords(text: string, count: number): string {
  return text.trim().split(/\s+/u).slice(count).join(' ')
}

function unclear(why: string, nearest: string): Meant {
  return { unclear: why, nearest }
}
