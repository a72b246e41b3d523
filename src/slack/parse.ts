import type { Asked } from '../messages/intent.ts'
import { parseDeploy } from './deploy-words.ts'
import { literal } from './escape.ts'
import { parseRollback } from './rollback-words.ts'
import { suggestion } from './suggestion.ts'
import { tooLong } from './unclear-words.ts'
import { usage } from './usage.ts'
import type { Command, Parsed, Vocabulary } from './vocabulary.ts'
import { isTooLong, peopleIn, readable, type Typed, words } from './words.ts'

export type { Command, Vocabulary } from './vocabulary.ts'

/** How many characters of the typed text an answer repeats. */
const repeatedLength = 100

/**
 * Reads a command as people type it. If a word is not understood, the result is `unclear`: with a command to copy if one
 * mistyped word explains it, else with the usage. A typo never deploys anything. Never throws.
 * @param text what follows the command, as Slack sends it
 */
export function parse(command: Command, text: string, vocabulary: Vocabulary): Asked {
  const typed = readable(text)
  const people = peopleIn(text)
  const understood = (at: Command, line: string) => read(at, { typed: line, people }, vocabulary)
  const parsed = isTooLong(text) ? { unclear: tooLong } : understood(command, typed)
  if ('ask' in parsed) return parsed
  return {
    ask: 'unclear',
    command,
    said: literal(`${command} ${typed}`, repeatedLength),
    why: parsed.unclear,
    nearest: isTooLong(text) ? null : suggestion({ command, typed }, vocabulary, understood),
    usage: usage(command, typed),
  }
}

function read(command: Command, { typed, people }: Typed, vocabulary: Vocabulary): Parsed {
  switch (command) {
    case '/deploy':
      return parseDeploy(words(typed), { typed, people }, vocabulary)
    case '/rollback':
      return parseRollback(words(typed), vocabulary)
  }
}
