import { noNameOrRevision, noService, twoEnvironments, twoRevisions, twoServices } from './unclear-words.ts'
import { helpText, named, type Parsed, type Vocabulary } from './vocabulary.ts'
import type { Word } from './words.ts'

const number = /^#?([1-9]\d{0,8})$/

/**
 * Parses what follows `/rollback`: a service, a revision number and an environment, in any order. `blog-api:42` is a service
 * and a number.
 */
export function parseRollback(words: readonly Word[], vocabulary: Vocabulary): Parsed {
  const [first] = words
  if (first && words.length === 1 && helpText.includes(first.lower))
    return { ask: 'help', command: '/rollback' }
  const apart = words.flatMap(split)
  const numbers = apart.map(({ lower }) => number.exec(lower)?.[1]).filter((found) => found !== undefined)
  const rest = apart.filter(({ lower }) => !number.test(lower))
  const names = named(rest, vocabulary)
  const [service = onlyOne(vocabulary, rest, numbers)] = names.services
  const trouble = troubleWith({ names, numbers, service, vocabulary })
  if (trouble === null && service !== undefined)
    return {
      ask: 'rollback',
      service,
      environment: names.environments[0] ?? null,
      revision: numbers[0] === undefined ? null : Number(numbers[0]),
    }
  return { unclear: trouble ?? noService(vocabulary.services) }
}

/** Without a service, revisions are listed only if there is just one service. */
function onlyOne(
  { services }: Vocabulary,
  rest: readonly Word[],
  numbers: readonly string[],
): string | undefined {
  return services.length === 1 && rest.length === 0 && numbers.length === 0 ? services[0] : undefined
}

type Read = {
  readonly names: ReturnType<typeof named>
  readonly numbers: readonly string[]
  readonly service: string | undefined
  readonly vocabulary: Vocabulary
}

function troubleWith({ names, numbers, service, vocabulary }: Read): string | null {
  const [unknownWord] = names.rest
  if (unknownWord) return noNameOrRevision(unknownWord)
  if (names.environments.length > 1) return twoEnvironments
  if (names.services.length > 1) return twoServices
  if (numbers.length > 1) return twoRevisions
  if (service === undefined) return noService(vocabulary.services)
  return null
}

function split(word: Word): readonly Word[] {
  const [, name, revision] = /^(.+):(#?\d+)$/.exec(word.typed) ?? []
  return name === undefined || revision === undefined
    ? [word]
    : [name, revision].map((typed) => ({ typed, lower: typed.toLowerCase() }))
}
