import { LRUCache } from 'lru-cache'
import { Trouble } from '../ports/ports.ts'
import { bytesOf, inTime, mib } from '../runtime/bounded.ts'
import type { Client } from './client.ts'
import { findCommit } from './commit.ts'
import { checkRepositoryAccess, isRefName } from './refs.ts'

/** Limits of the cache as a whole. */
const limits = { max: 5_000, maxSize: 2 * mib }

/** How long a look waits for GitHub, ms. The caller continues without the answer, which is available for the next look. */
const defaultWaitMs = 5_000

/**
 * How long the answer that a word is not a commit is cached, ms. A commit that was just pushed may not be visible yet; a word
 * that is still unknown a minute later is a build number or a date.
 */
const noCommitForMs = { atFirst: 60_000, later: 600_000 }

/** `now`: a monotonic clock. */
type Timing = { readonly now: () => number; readonly waitMs: number }

type Answer = { readonly sha: string | null; readonly until: number }
type Asking = { readonly answer: Promise<string | null>; readonly since: number }

/** Determines which words are commits of a repository. A commit stays a commit, so it is looked up once. */
export class KnownCommits {
  readonly #client: Client
  readonly #answers = new LRUCache<string, Answer>(limits)
  readonly #asking = new Map<string, Asking>()
  readonly #timing: Timing

  constructor(client: Client, timing: Partial<Timing> = {}) {
    this.#client = client
    this.#timing = { now: () => performance.now(), waitMs: defaultWaitMs, ...timing }
  }

  /** Throws `Trouble` if one word could not be checked, because that does not mean "no commit". */
  async among(repository: string, words: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const found = await Promise.all(
      [...new Set(words)].map(async (word) => [word, await this.#one(repository, word)] as const),
    )
    return new Map(found)
  }

  async #one(repository: string, word: string): Promise<string | null> {
    const key = `${repository.toLowerCase()}:${word}`
    const before = this.#answers.get(key)
    const { now, waitMs } = this.#timing
    if (before && now() < before.until) return before.sha
    const { answer, since } = this.#asking.get(key) ?? this.#ask(key, repository, word)
    return inTime(answer, since + waitMs - now(), () => {
      const question = `whether ${word} is a commit of ${repository}`
      throw new Trouble('passing', `GitHub has not answered within ${waitMs / 1_000} s ${question}`)
    })
  }

  #ask(key: string, repository: string, word: string): Asking {
    const answer = this.#look(repository, word)
      .then((sha) => {
        const noCommitFor = this.#answers.has(key) ? noCommitForMs.later : noCommitForMs.atFirst
        const until = sha === null ? this.#timing.now() + noCommitFor : Number.POSITIVE_INFINITY
        this.#answers.set(key, { sha, until }, { size: bytesOf([key, sha]) })
        return sha
      })
      .finally(() => this.#asking.delete(key))
    // Callers receive the error through their own promise; this avoids an unhandled rejection when none is waiting.
    answer.catch(() => {})
    const asking = { answer, since: this.#timing.now() }
    this.#asking.set(key, asking)
    return asking
  }

  /** GitHub resolves a branch or a tag of that name before the short commit. */
  async #look(repository: string, word: string): Promise<string | null> {
    const commit = await findCommit(this.#client, repository, word)
    // GitHub gives the same answer for a repository that the token cannot read.
    if (commit === null) await checkRepositoryAccess(this.#client, repository)
    if (!commit?.sha.startsWith(word)) return null
    return word.length < 40 && (await isRefName(this.#client, repository, word)) ? null : commit.sha
  }
}
