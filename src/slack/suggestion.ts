import { isPlaceholder, splitEmergency } from './deploy-words.ts'
import { oneEditAway } from './nearest.ts'
import { noReason } from './unclear-words.ts'
import { type Command, known, type Meant, subcommands, type Vocabulary } from './vocabulary.ts'
import { type Word, words } from './words.ts'

/** A longer command is not offered to copy: it would be shown in part, and lose what it names. Characters. */
const longestSuggestion = 400

/** What was typed: the words that ask, and a reason that follows `--emergency`, with that word, as it is. */
type Line = { readonly command: Command; readonly asking: readonly string[]; readonly reason: string }

type Understand = (command: Command, typed: string) => Meant
type Understood = Exclude<Meant, { unclear: string }>

/**
 * The command that was meant, to copy: the same words with one of them corrected by one edit, or none corrected and only
 * written in another way. It is understood as it stands and keeps everything that was named. Null where no such command
 * is understood, or several are.
 */
export function suggestion(
  { command, typed }: { readonly command: Command; readonly typed: string },
  vocabulary: Vocabulary,
  understand: Understand,
): string | null {
  const asked = splitEmergency(typed)?.asked ?? typed
  const line = { command, asking: tokensOf(asked), reason: typed.slice(asked.length).trim() }
  const forms = [line, rewritten(line, vocabulary)]
  const attempts = [forms, forms.flatMap((form) => corrections(form, vocabulary))]
  for (const lines of attempts) {
    const found = new Set(lines.map(moved).flatMap((attempt) => offered(attempt, understand) ?? []))
    const [only] = found
    if (only !== undefined) return found.size === 1 && only.length <= longestSuggestion ? only : null
  }
  return null
}

function tokensOf(text: string): readonly string[] {
  return text.split(/\s+/u).filter((token) => token !== '')
}

/** A token as the parser reads it; undefined where nothing is left of it. */
function wordOf(token: string): Word | undefined {
  return words(token)[0]
}

/** The line where it is understood; with `<reason>` at its end where a reason is all that is missing. */
function offered({ command, asking, reason }: Line, understand: Understand): string | null {
  const tokens = [...asking, ...tokensOf(reason)]
  const meant = understand(command, tokens.join(' '))
  if ('ask' in meant) return spelled(meant, [command, ...tokens])
  if (meant.unclear !== noReason) return null
  const named = tokens.filter((token) => !isPlaceholder(token))
  const whole = understand(command, [...named, 'why'].join(' '))
  if (!('ask' in whole)) return null
  return spelled(whole, [command, ...named, 'why'])?.replace(/why$/, '<reason>') ?? null
}

/** A deploy and a rollback in the order of the usage, all else as it was typed; null for what cannot be offered. */
function spelled(meant: Understood, tokens: readonly string[]): string | null {
  const typed = tokens.join(' ')
  switch (meant.ask) {
    case 'unsupported':
      return null
    case 'deploy': {
      const { environment, service, ref, emergency } = meant
      const place = ['/deploy', environment, service, ref].filter((word) => word !== null).join(' ')
      if (emergency === undefined) return place
      // A reason that is too long was cut: offered so, it would be another one.
      return typed.endsWith(emergency) ? `${place} --emergency ${emergency}` : null
    }
    case 'rollback': {
      const { service, revision, environment } = meant
      return ['/rollback', service, revision, environment].filter((word) => word !== null).join(' ')
    }
    default:
      return typed
  }
}

/** `/deploy rollback …` is `/rollback …`, `/rollback status …` is `/deploy status …`, and `/deploy blog-api:42` goes back. */
function moved(line: Line): Line {
  const { command, asking, reason } = line
  const [first, ...rest] = asking
  const word = first === undefined ? undefined : wordOf(first)?.lower
  if (command === '/rollback')
    return subcommands.some((name) => name === word) ? { ...line, command: '/deploy' } : line
  if (reason !== '') return line
  if (word === 'rollback' && rest.length > 0) return { ...line, command: '/rollback', asking: rest }
  const revisions = asking.filter((token) => revision.test(wordOf(token)?.lower ?? ''))
  if (revisions.length === 0 || isSubcommand(word)) return line
  const apart = asking.flatMap((token) => (revisions.includes(token) ? token.split(':') : [token]))
  return { ...line, command: '/rollback', asking: apart }
}

/** A task definition revision, as ECS writes it. */
const revision = /^[a-z0-9][a-z0-9_-]*:\d{1,9}$/

function isSubcommand(word: string | undefined): boolean {
  return subcommands.some((name) => name === word)
}

/** The same with `service@version` as two words, without `to` and `in`, and the version last, where a deploy has it. */
function rewritten(line: Line, vocabulary: Vocabulary): Line {
  const [first] = line.asking
  if (isSubcommand(first === undefined ? undefined : wordOf(first)?.lower)) return line
  const asking = line.asking
    .flatMap((token) => apart(token, vocabulary))
    .filter((token, index, all) => index === 0 || index === all.length - 1 || !isFiller(token, vocabulary))
  if (line.command === '/rollback') return { ...line, asking }
  const versions = asking.filter((token) => isVersion(wordOf(token)))
  const [version] = versions
  if (version === undefined || versions.length > 1) return { ...line, asking }
  return { ...line, asking: [...asking.filter((token) => token !== version), version] }
}

function apart(token: string, vocabulary: Vocabulary): readonly string[] {
  const [, name = '', version = ''] = /^([^@]+)@([^@]+)$/.exec(token) ?? []
  const names = namesOf(vocabulary)
  const isNamed = names.some((known) => known === name.toLowerCase()) || oneEditAway(name, names).length > 0
  return isNamed ? [name, version] : [token]
}

function isFiller(token: string, vocabulary: Vocabulary): boolean {
  const word = wordOf(token)
  return word !== undefined && /^(?:to|in)$/.test(word.lower) && !isName(word, vocabulary)
}

/** Words of the one kind that is no slip of a name: versions and commits. */
function isVersion(word: Word | undefined): boolean {
  return word !== undefined && /^(?:v?\d+(?:\.\d+)+\S*|v\d+|(?=\S*\d)[0-9a-f]{7,40})$/.test(word.lower)
}

/** The line with one word corrected, in each way that one edit allows. What is known already, or a version, stands. */
function corrections(line: Line, vocabulary: Vocabulary): readonly Line[] {
  const { asking } = line
  const first = asking[0] === undefined ? undefined : wordOf(asking[0])?.lower
  const isLock = first === 'lock'
  const isWhole = (index: number) => index === 0 && (isSubcommand(first) || first === 'rollback')
  return asking.flatMap((token, index) => {
    const word = wordOf(token)
    if (word === undefined || isWhole(index) || isName(word, vocabulary) || isVersion(word)) return []
    const meant = [
      ...(index === 0 ? [...subcommands, ...(line.command === '/deploy' ? ['rollback'] : [])] : []),
      ...namesOf(vocabulary),
      ...(isLock ? ['for', 'until', '--take'] : ['--emergency']),
    ]
    const asTyped = word.lower.replace(/^[—–]/u, '--')
    return oneEditAway(asTyped, meant).map((name) => ({ ...line, asking: asking.with(index, name) }))
  })
}

function namesOf({ environments, services }: Vocabulary): readonly string[] {
  return [...environments, ...services]
}

function isName(word: Word, { environments, services }: Vocabulary): boolean {
  return known(word, environments) !== undefined || known(word, services) !== undefined
}
