import { posix } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { ActionPlan } from './job-plans.ts'
import type { NotBound } from './not-bound.ts'
import type { Tree } from './tree.ts'
import { readAction } from './workflow-file.ts'
import type { Place } from './workspace.ts'

/** The text of a file at a commit; null: it is not there. */
export type ReadText = (file: { readonly commit: string; readonly path: string }) => Promise<string | null>

/** Where an action says what it runs, as a runner looks for it. */
export const metadataFiles = ['action.yml', 'action.yaml']
/** How many actions are read in all. */
const mostActions = 50

/** `why`: it cannot be read. Null: it has no `action.yml`, as an action may be a Dockerfile alone. */
type Read = ActionPlan | { readonly why: string } | null

/** What the actions of the repository run, each read once. */
export class ActionPlans {
  readonly #readText: ReadText
  readonly #plans = new Map<string, Promise<Read>>()
  /** Those that are not read, as there were enough before. */
  readonly #beyond = new Set<string>()

  constructor(readText: ReadText) {
    this.#readText = readText
  }

  /** Throws `Trouble`. */
  async of({ path, tree }: Place): Promise<Read> {
    const key = `${tree.commit}:${path}`
    const known = this.#plans.get(key)
    if (known) return known
    if (this.#plans.size >= mostActions) {
      this.#beyond.add(key)
      return null
    }
    const plan = this.#readPlan(path, tree)
    this.#plans.set(key, plan)
    return plan
  }

  /** In one line: that they are more is what counts. */
  noteUnread(notBound: NotBound): void {
    if (this.#beyond.size > 0)
      notBound.unread(
        `${this.#beyond.size} actions`,
        `there are more than the ${mostActions} that twokey reads`,
      )
  }

  async #readPlan(path: string, tree: Tree): Promise<Read> {
    const found = await tree.find(path)
    const commit = tree.commit.slice(0, 7)
    if (found.found === 'link') return { why: `${found.link.path} is a ${found.link.kind} in ${commit}` }
    if (found.found === 'unread') return { why: 'it lies in more folders than twokey reads' }
    if (found.found !== 'folder') return { why: `there is no such action in ${commit}` }
    const text = await this.#metadata(path, tree)
    // Others have a turn: to read a file and what it names may take a tenth of a second.
    await turn()
    return text === null ? null : readAction(text)
  }

  /** Asks for what the folder has: an answer that there is nothing costs of the rate limit each time. */
  async #metadata(path: string, tree: Tree): Promise<string | null> {
    for (const name of metadataFiles) {
      const file = posix.join(path, name)
      const { found } = await tree.find(file)
      if (found === 'file' || found === 'link') return this.#readText({ commit: tree.commit, path: file })
    }
    return null
  }
}
