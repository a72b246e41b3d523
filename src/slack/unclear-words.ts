import { foreign } from '../release/foreign.ts'
import { literal } from './escape.ts'
import { type Named, oneOf, type Subcommand, type Vocabulary } from './vocabulary.ts'
import type { Word } from './words.ts'

/** Why a command was not understood. Each text follows `… was not understood, and nothing was done:`. */

export const tooLong = 'it is too long to be a command'
export const noReason = 'a reason is missing'
export const twoEnvironments = 'it has two environments'
export const twoServices = 'it has two services'
export const twoPeople = 'it has two people'
export const twoRevisions = 'it has two revisions'
export const twoTimes = 'it has two end times'
export const onePeriod = 'it has more than one day or period: write `since tuesday until friday`, or one day'

export const onOrOff = '`/deploy notify` accepts `on`, `off` or no argument'

/** Extra words after a command that takes none, as `/deploy cancel`. */
export function nothingAfter(subcommand: Subcommand): string {
  return `\`/deploy ${subcommand}\` takes no arguments`
}

/** Doctor looks at whole environments. */
export function environmentsOnly(service: string): string {
  return `${service} is a service, and \`/deploy doctor\` looks at all services of an environment`
}

/** `/deploy approve` and the like: what a card's button does has no command. */
export function buttonInstead(label: string): string {
  return `${label} is a button: press ${label} on the card of the release, which \`/deploy status\` or \`/deploy history\` links`
}

/** `/deploy rollback prod`: the command to copy, with what was named. It lists revisions and rolls nothing back. */
export function rollbackInstead({ services, environments }: Named, vocabulary: Vocabulary): string {
  const [service = vocabulary.services.length === 1 ? vocabulary.services[0] : '<service>'] = services
  const command = ['/rollback', service, ...environments.slice(0, 1)].join(' ')
  return `\`/deploy\` does not roll back; \`${command}\` lists the revisions to choose from`
}

export function noEnvironment(environments: readonly string[]): string {
  return `the environment is missing: add ${oneOf(environments)}`
}

export function noService(services: readonly string[]): string {
  return `the service is missing: add ${oneOf(services)}`
}

/** A word in the place of a name that is no name. */
export function noName(word: Word): string {
  return `there is no service or environment named ${quoted(word)}`
}

export function noNameOrRevision(word: Word): string {
  return `${quoted(word)} is not a service, an environment or a revision number`
}

export function notACommitText(word: Word): string {
  return `${quoted(word)} is not a branch, tag or commit that can be distinguished from a mistyped name`
}

export function noPerson(word: Word): string {
  return `${quoted(word)} is not a person that Slack knows: pick the person from the list that Slack shows after the @`
}

/** `requested by` or `approved by` without a person. */
export function whose(word: Word): string {
  return `after ${quoted(word)} a person is missing: write \`me\`, or pick a person from the list that Slack shows after the @`
}

/** @param after the preceding word, quoted if the value is missing */
export function noDay(word: Word | undefined, after: string): string {
  return `${unread('past day', word, after)}. Examples: \`since tuesday\`, \`since 2026-11-24\`, \`until yesterday\`, or a day alone`
}

/** A word at the beginning of a lock's reason that resembles a name. */
export function nearName(word: Word): string {
  return `${quoted(word)} is close to a name, so it does not count as a reason`
}

/** @param after the preceding word, quoted if the value is missing */
export function noLength(word: Word | undefined, after: string): string {
  return `${unread('duration', word, after)}. Examples: \`for 30m\`, \`for 2h\`, \`for 3d\``
}

/** @param after the preceding word, quoted if the value is missing */
export function noTime(word: Word | undefined, after: string): string {
  return `${unread('time', word, after)}. Examples: \`until 18:00\`, \`until tomorrow 9:00\`, \`until 2026-11-24 09:00\``
}

export function noOption(word: Word): string {
  return `${quoted(word)} is not an option of this command; \`--take\` is the only one`
}

export function timeAlone(word: Word): string {
  return `${quoted(word)} stands where the reason should begin: write \`for\` or \`until\` before a time`
}

export function noPreposition(word: Word): string {
  return `${quoted(word)} is neither \`for\` nor \`until\``
}

function unread(what: 'duration' | 'time' | 'past day', word: Word | undefined, after: string): string {
  if (word) return `${quoted(word)} is not a valid ${what}`
  return `after “${foreign(literal(after, 60))}” a ${what} is missing`
}

function quoted({ typed }: Word): string {
  return `“${foreign(literal(typed, 60))}”`
}
