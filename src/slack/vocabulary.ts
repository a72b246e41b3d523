import type { Asked } from '../messages/intent.ts'
import { mistyped } from './nearest.ts'
import type { Word } from './words.ts'

/** The names that the config file knows. */
export type Vocabulary = { readonly services: readonly string[]; readonly environments: readonly string[] }

export type Command = '/deploy' | '/rollback'

/** What words after `/deploy` ask for something else than a deploy. */
export const subcommands = ['help', 'status', 'history', 'lock', 'unlock', 'cancel'] as const
export type Subcommand = (typeof subcommands)[number]

/** How people ask any command for its usage. */
export const helpWords: readonly string[] = ['help', '?', '-h', '-help', '--help', '—help', '–help']

/** What `/deploy` will understand and does not yet: its commands, and the flag of a deploy, as it is typed and as phones write it. */
export const notBuilt = {
  commands: ['doctor', 'stats', 'notify'],
  plan: /^(?:--?|—|–)plan(?:=.*)?$/,
} as const

/** What was understood, or why it was not. */
export type Meant = Exclude<Asked, { ask: 'unclear' | 'action' | 'reason' }> | { readonly unclear: string }

/** The service and the environment among words, in either order; what is neither is left over. */
export type Named = {
  readonly services: readonly string[]
  readonly environments: readonly string[]
  readonly rest: readonly Word[]
}

/** The name as the config file spells it; undefined where it knows none. */
export function known({ lower }: Word, names: readonly string[]): string | undefined {
  return names.find((name) => name.toLowerCase() === lower)
}

/** Sorts words into names and the rest. A name that is both goes where one is missing, the environment first. */
export function named(words: readonly Word[], vocabulary: Vocabulary): Named {
  const services: string[] = []
  const environments: string[] = []
  const rest: Word[] = []
  for (const word of words) {
    const environment = known(word, vocabulary.environments)
    const service = known(word, vocabulary.services)
    if (environment !== undefined && (service === undefined || environments.length === 0))
      environments.push(environment)
    else if (service !== undefined) services.push(service)
    else rest.push(word)
  }
  return { services, environments, rest }
}

/** Whether the word is so near a name that it is none of its own. */
export function isSlip({ lower }: Word, vocabulary: Vocabulary): boolean {
  return mistyped(lower, [...vocabulary.environments, ...vocabulary.services, ...subcommands]) !== null
}

/** `prod, dev or staging`. */
export function oneOf(names: readonly string[]): string {
  const shown = names.slice(0, 10)
  const more = names.length > shown.length ? ', …' : ''
  return shown.length < 2 || more !== ''
    ? shown.join(', ') + more
    : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`
}
