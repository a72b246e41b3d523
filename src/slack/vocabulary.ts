import type { Asked } from '../messages/intent.ts'
import { actions } from '../release/actions/actions.ts'
import { mistyped, oneEditAway } from './nearest.ts'
import type { Word } from './words.ts'

/** The names in the config file. */
export type Vocabulary = { readonly services: readonly string[]; readonly environments: readonly string[] }

export type Command = '/deploy' | '/rollback'

/** First words after `/deploy` that request something other than a deploy. */
export const subcommands = [
  'help',
  'status',
  'history',
  'lock',
  'unlock',
  'cancel',
  'notify',
  'doctor',
] as const
export type Subcommand = (typeof subcommands)[number]

/** The buttons of a card that have no command, by the word that people type for them. */
const buttons = new Map(
  Object.values(actions)
    .map(({ label }) => [label.split(' ')[0]?.toLowerCase() ?? label, label] as const)
    .filter(([word]) => word !== 'roll' && !subcommands.some((name) => name === word)),
)

/** The label of the button that a word names, also one edit away; undefined if it names none. */
export function buttonNamed({ lower }: Word): string | undefined {
  const [near = lower] = buttons.has(lower) ? [] : oneEditAway(lower, [...buttons.keys()])
  return buttons.get(near)
}

/** Whether a word means `/rollback`, also one edit away. */
export function meansRollback({ lower }: Word): boolean {
  return /^(?:roll|rollback|roll-back)$/.test(lower) || oneEditAway(lower, ['rollback']).length > 0
}

/** The words that ask for help with any command. */
export const helpText: readonly string[] = ['help', '?', '-h', '-help', '--help', '—help', '–help']

/**
 * Planned commands of `/deploy`, and the planned flag of a deploy, as people type it and as phones change it. All are refused
 * as not supported yet.
 */
export const notBuilt = {
  commands: ['stats'],
  plan: /^(?:--?|—|–)plan(?:=.*)?$/,
} as const

/** The request that was understood, or why it was not understood. */
export type Parsed = Exclude<Asked, { ask: 'unclear' | 'action' | 'reason' }> | { readonly unclear: string }

/** Services and environments among the words, in any order, and the remaining words. */
export type Named = {
  readonly services: readonly string[]
  readonly environments: readonly string[]
  readonly rest: readonly Word[]
}

/** The name as the config file spells it; undefined if the file has none. */
export function known({ lower }: Word, names: readonly string[]): string | undefined {
  return names.find((name) => name.toLowerCase() === lower)
}

/** Sorts words into names and the rest. A word that is the name of both counts as the environment first, then as the service. */
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

/** Whether the word is so close to a name that it must be a mistyped one. */
export function isSlip({ lower }: Word, vocabulary: Vocabulary): boolean {
  return mistyped(lower, [...vocabulary.environments, ...vocabulary.services, ...subcommands]) !== null
}

export function oneOf(names: readonly string[]): string {
  const shown = names.slice(0, 10)
  const more = names.length > shown.length ? ', …' : ''
  return shown.length < 2 || more !== ''
    ? shown.join(', ') + more
    : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`
}
