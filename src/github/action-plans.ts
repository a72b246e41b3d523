import { posix } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { ActionPlan } from './job-plans.ts'
import type { NotBound } from './not-bound.ts'
import type { Tree } from './tree.ts'
import { readAction } from './workflow-file.ts'
import type { RepositoryPath } from './workspace.ts'

/** Reads the text of a file at a commit; null if the file does not exist there. */
export type ReadText = (file: { readonly commit: string; readonly path: string }) => Promise<string | null>

/** File names in which a runner looks for an action's metadata. */
export const metadataFiles = ['action.yml', 'action.yaml']
/** Limit of actions read in total. */
const maxActions = 50

/** `why`: the action cannot be read. Null: it has no `action.yml`; an action may consist of a Dockerfile alone. */
type Read = ActionPlan | { readonly why: string } | null

/** Reads what the repository's own actions run, each action once. */
export class ActionPlans {
  readonly #readText: ReadText
  readonly #plans = new Map<string, Promise<Read>>()
  /** Actions that are not read because the limit was reached. */
  readonly #beyond = new Set<string>()

  constructor(readText: ReadText) {
    this.#readText = readText
  }

  /** Throws `Trouble`. */
  async of({ path, tree }: RepositoryPath): Promise<Read> {
    const key = `${tree.commit}:${path}`
    const known = this.#plans.get(key)
    if (known) return known
    if (this.#plans.size >= maxActions) {
      this.#beyond.add(key)
      return null
    }
    const plan = this.#readPlan(path, tree)
    this.#plans.set(key, plan)
    return plan
  }

  /** Adds one note for all unread actions: the note says that there are more, not which. */
  noteUnread(notBound: NotBound): void {
    if (this.#beyond.size > 0)
      notBound.unread(
        `${this.#beyond.size} actions`,
        `there are more than the ${maxActions} that twokey reads`,
      )
  }

  async #readPlan(path: string, tree: Tree): Promise<Read> {
    const found = await tree.find(path)
    const commit = tree.commit.slice(0, 7)
    if (found.found === 'link') return { why: `${found.link.path} is a ${found.link.kind} in ${commit}` }
    if (found.found === 'unread') return { why: 'it is below more folders than twokey reads' }
    if (found.found !== 'folder') return { why: `there is no such action in ${commit}` }
    const text = await this.#metadata(path, tree)
    // Yield to the event loop: reading a file and the files it names may take a tenth of a second.
    await turn()
    return text === null ? null : readAction(text)
  }

  /** Requests only files that the folder contains: each 404 counts against the rate limit. */
  async #metadata(path: string, tree: Tree): Promise<string | null> {
    for (const name of metadataFiles) {
      const file = posix.join(path, name)
      const { found } = await tree.find(file)
      if (found === 'file' || found === 'link') return this.#readText({ commit: tree.commit, path: file })
    }
    return null
  }
}
