import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { type GitHub, Trouble } from '../../ports/ports.ts'
import type { Carried } from '../../release/carried.ts'
import { type CommitSource, isOfCommit } from '../../release/commit-source.ts'
import type { Revision, UnknownCommit } from '../../release/revision.ts'
import { revisionLabel, textsOf, whyNoCommit } from './commit-places.ts'
import { commitText } from './commit-words.ts'
import type { Definition } from './reads.ts'
import { lastPart } from './words.ts'

/** Looks up which words are commits of a repository. */
export type CommitLookup = GitHub['commitsAmong']

/** The commits that the images of a task definition were built from. */
export type Built = {
  /** One per configured container; empty if none is configured. */
  readonly carried: readonly Carried[]
  /** All commits, without duplicates. */
  readonly commits: readonly string[]
  /** Why no single commit is known. */
  readonly unknown?: UnknownCommit
}

type CommitQuery = {
  readonly source: CommitSource
  /** A commit that is already known: its short sha needs no lookup. */
  readonly known?: string | null
}

/** Determines the commits of task definitions. */
export type Commits = {
  /** Throws `Trouble` if GitHub cannot be reached. */
  built(definition: Definition, asked: CommitQuery): Promise<Built>
  /** The same, but if GitHub cannot be reached, the result says so as the reason why no commit is known. */
  builtOrUnread(definition: Definition, asked: CommitQuery): Promise<Built>
  /** A revision with its commit. Does not throw `Trouble`. */
  revision(arn: string, definition: Definition | undefined, asked: CommitQuery): Promise<Revision>
}

/** Limit of words of one task definition that are looked up. */
const maxLookups = 50

/** Determines the commits of task definitions by looking up their words. */
export function commitsBy(lookup: CommitLookup): Commits {
  /** The commits among the words of the first text that contains any. */
  function finder({ source: { repository }, known }: CommitQuery, name: string) {
    let lookups = 0
    async function commitsAmong(words: readonly string[]): Promise<readonly string[]> {
      const own = known ? words.filter((word) => isOfCommit(word, known)) : []
      const open = words.filter((word) => !own.includes(word))
      lookups += open.length
      if (lookups > maxLookups)
        throw new Trouble('terminal', `${name} has more than ${maxLookups} words that may be commits`)
      const found = open.length === 0 ? new Map() : await lookup({ repository, words: open })
      const commits = words.flatMap((word) => (own.includes(word) ? (known ?? []) : (found.get(word) ?? [])))
      return each(commits)
    }
    return async (texts: readonly string[]): Promise<readonly string[]> => {
      for (const text of texts) {
        const words = commitText(text)
        const commits = words.length === 0 ? [] : await commitsAmong(words)
        if (commits.length > 0) return commits
      }
      return []
    }
  }

  async function built({ definition, tags }: Definition, asked: CommitQuery): Promise<Built> {
    const name = lastPart(definition.taskDefinitionArn ?? '')
    const find = finder(asked, name)
    const all = definition.containerDefinitions ?? []
    const { containers, commitFrom } = asked.source
    const names = containers.length === 0 ? all.map((each) => each.name ?? '') : containers
    const own = await Promise.all(
      names.map(async (container): Promise<Carrier> => {
        const found = all.find((each) => each.name === container)
        return { container, found, commits: found ? await find(textsOf(found, commitFrom)) : [] }
      }),
    )
    const isNamed = own.some(({ commits }) => commits.length > 0)
    const ofAll = isNamed || commitFrom ? [] : await find([taggedWith(tags)])
    const carriers = isNamed ? own : own.map((each) => (each.found ? { ...each, commits: ofAll } : each))
    const commits = each(carriers.flatMap((carrier) => carrier.commits))
    const unknown = unknownBy(carriers, { name, commits, source: asked.source })
    return {
      carried: containers.length === 0 ? [] : carriers.map(carriedBy),
      commits,
      ...(unknown && { unknown }),
    }
  }

  const builtOrUnread: Commits['builtOrUnread'] = async (definition, asked) => {
    try {
      return await built(definition, asked)
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      return { carried: [], commits: [], unknown: { because: 'unread', reason: error.message } }
    }
  }

  return {
    built,
    builtOrUnread,
    async revision(arn, definition, asked) {
      if (definition) return revisionOf(arn, await builtOrUnread(definition, asked))
      const reason = `ECS does not show the task definition ${lastPart(arn)}`
      return revisionOf(arn, { carried: [], commits: [], unknown: { because: 'missing', reason } })
    },
  }
}

/** The revision with its single commit, or why none is known. */
export function revisionOf(arn: string, { commits, unknown }: Built): Revision {
  const commit = commits.length === 1 ? (commits[0] ?? null) : null
  return { name: lastPart(arn), arn, commit, ...(commit === null && unknown && { unknown }) }
}

/** Whether the task definition names this commit in any place that counts, even among others. */
export function mentions(
  { definition, tags }: Definition,
  { containers, commitFrom }: CommitSource,
  sha: string,
): boolean {
  const counting = (definition.containerDefinitions ?? []).filter(
    ({ name = '' }) => containers.length === 0 || containers.includes(name),
  )
  const texts = counting.flatMap((container) => textsOf(container, commitFrom))
  return [...texts, ...(commitFrom ? [] : [taggedWith(tags)])].some((text) =>
    commitText(text).some((word) => isOfCommit(word, sha)),
  )
}

/** The revision tag of the task definition itself. */
function taggedWith(tags: Definition['tags']): string {
  return tags.find(({ key }) => key === revisionLabel)?.value ?? ''
}

/** `found` absent: the task definition has no container of this name. */
type Carrier = {
  readonly container: string
  readonly found: ContainerDefinition | undefined
  readonly commits: readonly string[]
}

function carriedBy({ container, found, commits }: Carrier): Carried {
  const [commit, ...others] = commits
  if (!found) return { container, carries: 'missing' }
  if (commit === undefined) return { container, carries: 'nothing' }
  return others.length === 0
    ? { container, carries: 'commit', commit }
    : { container, carries: 'several', commits }
}

function unknownBy(
  carriers: readonly Carrier[],
  known: { readonly name: string; readonly commits: readonly string[]; readonly source: CommitSource },
): UnknownCommit | undefined {
  const { name, commits, source } = known
  if (commits.length > 1) return { because: 'several', commits }
  // The missing containers may be in another target; each container that is present must name the commit.
  const there = carriers.filter(({ found }) => found)
  const [reason] = (there.length > 0 ? there : carriers).flatMap(({ container, found }) => {
    if (!found) return `${name} has no container ${container}, which twokey.yml lists`
    const { commitFrom, repository } = source
    return commitFrom
      ? whyNoCommit(found, { commitFrom, name: `container ${container} of ${name}`, repository })
      : []
  })
  return reason !== undefined && commits.length === 0 ? { because: 'missing', reason } : undefined
}

function each(commits: readonly string[]): readonly string[] {
  return [...new Set(commits)]
}
