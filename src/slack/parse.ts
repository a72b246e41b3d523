import type { Asked } from '../shepherd/asked.ts'
import { parseDeploy } from './deploy-words.ts'
import { literal } from './escape.ts'
import { parseRollback } from './rollback-words.ts'
import { tooLong } from './unclear-words.ts'
import type { Meant, Vocabulary } from './vocabulary.ts'
import { isTooLong, peopleIn, readable, type Typed, words } from './words.ts'

export type { Vocabulary } from './vocabulary.ts'

export type Command = '/deploy' | '/rollback'

/** How much of what was typed is said back, characters. */
const saidBack = 100

/**
 * Reads a command as people type it. Whatever is not understood word by word is `unclear`, with the nearest
 * whole command to copy: a typo never deploys anything. Never throws.
 * @param text what follows the command, as Slack sends it
 */
export function parse(command: Command, text: string, vocabulary: Vocabulary): Asked {
  const typed = readable(text)
  const meant = isTooLong(text)
    ? { unclear: tooLong, nearest: `${command} help` }
    : read(command, { typed, people: peopleIn(text) }, vocabulary)
  if ('ask' in meant) return meant
  return {
    ask: 'unclear',
    command,
    said: literal(`${command} ${typed}`, saidBack),
    why: meant.unclear,
    nearest: meant.nearest,
  }
}

function read(command: Command, { typed, people }: Typed, vocabulary: Vocabulary): Meant {
  switch (command) {
    case '/deploy':
      return parseDeploy(words(typed), { typed, people }, vocabulary)
    case '/rollback':
      return parseRollback(words(typed), vocabulary)
  }
}
