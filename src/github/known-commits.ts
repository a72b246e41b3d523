import { type Client, ownerAndName } from './client.ts'
import { findCommit } from './commit.ts'
import { isRefName } from './refs.ts'

/** How many answers are kept. */
const kept = 1_000
/** How long it is believed that a word is no commit, ms: one that was just pushed may not be everywhere yet. */
const unknownForMs = 60_000

type Answer = { readonly sha: string | null; readonly until: number }

/** Which words are commits of a repository. A commit stays one: it is asked for once. */
export class KnownCommits {
  readonly #client: Client
  readonly #answers = new Map<string, Answer>()

  constructor(client: Client) {
    this.#client = client
  }

  /** Throws `Trouble`. */
  async among(repository: string, words: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const found = await Promise.all(
      [...new Set(words)].map(async (word) => [word, await this.#one(repository, word)] as const),
    )
    return new Map(found)
  }

  async #one(repository: string, word: string): Promise<string | null> {
    const key = `${Object.values(ownerAndName(repository)).join('/')}:${word}`
    const before = this.#answers.get(key)
    if (before && Date.now() < before.until) return before.sha
    const sha = await this.#look(repository, word)
    this.#answers.delete(key)
    this.#answers.set(key, {
      sha,
      until: sha === null ? Date.now() + unknownForMs : Number.POSITIVE_INFINITY,
    })
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > kept && oldest !== undefined) this.#answers.delete(oldest)
    return sha
  }

  /** A branch or a tag of that name is found before the short commit. */
  async #look(repository: string, word: string): Promise<string | null> {
    const commit = await findCommit(this.#client, repository, word)
    if (!commit?.sha.startsWith(word)) return null
    return word.length < 40 && (await isRefName(this.#client, repository, word)) ? null : commit.sha
  }
}
