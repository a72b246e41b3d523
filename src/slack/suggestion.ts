import { isPlaceholder, splitEmergency } from './deploy-words.ts'
import { oneEditAway } from './nearest.ts'
import { noReason } from './unclear-words.ts'
import { buttonNamed, type Command, known, type Parsed, subcommands, type Vocabulary } from './vocabulary.ts'
import { type Word, words } from './words.ts'

/** A longer command is not suggested: it would be cut and lose what it names. Characters. */
const longestSuggestion = 400

/** The typed command: the words of the request, and the unchanged text from `--emergency` on. */
type Line = { readonly command: Command; readonly asking: readonly string[]; readonly reason: string }

type Understand = (command: Command, typed: string) => Parsed
type Understood = Exclude<Parsed, { unclear: string }>

/**
 * The command that was probably meant, to copy: the same words with one of them corrected by one edit, or only written in
 * another way. The parser understands it, and it keeps everything that was named. Null if there is no such command, or several.
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

/** A token as the parser reads it; undefined if nothing is left of it. */
function wordOf(token: string): Word | undefined {
  return words(token)[0]
}

/** The line, if the parser understands it; with `<reason>` at its end if only a reason is missing. */
function offered({ command, asking, reason }: Line, understand: Understand): string | null {
  const tokens = [...asking, ...tokensOf(reason)]
  const parsed = understand(command, tokens.join(' '))
  if ('ask' in parsed) return spelled(parsed, [command, ...tokens])
  if (parsed.unclear !== noReason) return null
  const named = tokens.filter((token) => !isPlaceholder(token))
  const whole = understand(command, [...named, 'why'].join(' '))
  if (!('ask' in whole)) return null
  return spelled(whole, [command, ...named, 'why'])?.replace(/why$/, '<reason>') ?? null
}

/** A deploy or rollback in the order of the usage, any other command as typed; null for commands that cannot be suggested. */
function spelled(parsed: Understood, tokens: readonly string[]): string | null {
  const typed = tokens.join(' ')
  switch (parsed.ask) {
    case 'unsupported':
      return null
    case 'deploy': {
      const { environment, service, ref, emergency } = parsed
      const place = ['/deploy', environment, service, ref].filter((word) => word !== null).join(' ')
      if (emergency === undefined) return place
      // A reason that was too long has been cut, and the suggestion would change it.
      return typed.endsWith(emergency) ? `${place} --emergency ${emergency}` : null
    }
    case 'rollback': {
      const { service, revision, environment } = parsed
      return ['/rollback', service, revision, environment].filter((word) => word !== null).join(' ')
    }
    default:
      return typed
  }
}

/**
 * `/deploy rollback …` becomes `/rollback …`, `/rollback status …` becomes `/deploy status …`, and `/deploy blog-api:42`
 * becomes a rollback.
 */
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

/** Splits `service@version` in two words, drops `to` and `in`, and moves the version to the end, where a deploy has it. */
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

/** Versions and commits, which are never a mistyped name. */
function isVersion(word: Word | undefined): boolean {
  return word !== undefined && /^(?:v?\d+(?:\.\d+)+\S*|v\d+|(?=\S*\d)[0-9a-f]{7,40})$/.test(word.lower)
}

/** Every line with one word corrected by one edit. Known names and versions stay. */
function corrections(line: Line, vocabulary: Vocabulary): readonly Line[] {
  const { asking } = line
  const firstWord = asking[0] === undefined ? undefined : wordOf(asking[0])
  const first = firstWord?.lower
  const isButton = firstWord !== undefined && buttonNamed(firstWord) !== undefined
  const isWhole = (index: number) => index === 0 && (isSubcommand(first) || first === 'rollback' || isButton)
  return asking.flatMap((token, index) => {
    const word = wordOf(token)
    if (word === undefined || isWhole(index) || isName(word, vocabulary) || isVersion(word)) return []
    const parsed = [
      ...(index === 0 ? [...subcommands, ...(line.command === '/deploy' ? ['rollback'] : [])] : []),
      ...namesOf(vocabulary),
      ...wordsAfter(first),
    ]
    const asTyped = word.lower.replace(/^[—–]/u, '--')
    return oneEditAway(asTyped, parsed).map((name) => ({ ...line, asking: asking.with(index, name) }))
  })
}

/** What may follow the names, by the first word. */
function wordsAfter(first: string | undefined): readonly string[] {
  if (first === 'lock') return ['for', 'until', '--take']
  if (first === 'notify') return ['on', 'off']
  return first === 'history' ? ['since', 'until', 'requested', 'approved'] : ['--emergency']
}

function namesOf({ environments, services }: Vocabulary): readonly string[] {
  return [...environments, ...services]
}

function isName(word: Word, { environments, services }: Vocabulary): boolean {
  return known(word, environments) !== undefined || known(word, services) !== undefined
}
