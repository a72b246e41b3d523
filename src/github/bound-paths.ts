import { posix } from 'node:path'
import type { WorkflowPath } from '../release/workflow-path.ts'
import { metadataFiles } from './action-plans.ts'
import type { NotBound } from './not-bound.ts'
import { withinWorkspace } from './script-paths.ts'
import type { Link, Tree } from './tree.ts'
import type { Place } from './workspace.ts'

/** The files that may say what an action runs, as a runner looks for them. */
const actionFiles = [...metadataFiles, 'Dockerfile']
/** How many paths are bound. */
const mostPaths = 50
/** How many files one name may fit, where a part of it is known only in the run: more are but files of the tip. */
const mostFitting = 10
/** How many such names are looked for. */
const mostPatterns = 200

/**
 * The paths outside `.github` that run from the tip, each with its git object: actions by their folders, and the files that
 * scripts and settings name. A folder that a script works in is not bound, as each push to a service would void all approvals.
 */
export class BoundPaths {
  readonly #notBound: NotBound
  readonly #paths = new Map<string, string | null>()
  /** Whether something of `.github` runs from the tip while the approved commit may be another. */
  #usesGithub = false
  #patterns = 0

  constructor(notBound: NotBound) {
    this.#notBound = notBound
  }

  list(): readonly WorkflowPath[] {
    return [...this.#paths].sort().map(([path, sha]) => ({ path, sha }))
  }

  /** Throws `Trouble`. */
  async action(place: Place): Promise<void> {
    if (place.origin !== 'tip') return
    this.#usesGithub = true
    await (place.path === '' ? this.#rootAction(place) : this.#bind(place))
  }

  /** The folder of an action in the root is all of the repository: bound are the files that say what it runs. */
  async #rootAction(root: Place): Promise<void> {
    for (const path of actionFiles) {
      await this.#bind({ ...root, path })
      if ((await root.tree.find(path)).found !== 'nothing') return
    }
  }

  /** Files of an action are bound with its folder, unless they lie elsewhere, or it is the root. Throws `Trouble`. */
  async filesOf(action: Place, files: readonly string[]): Promise<void> {
    if (action.origin !== 'tip') return
    for (const file of files) {
      const path = withinWorkspace(posix.join(action.path, file))
      if (path && !path.startsWith(`${action.path}/`)) await this.#bind({ ...action, path })
    }
  }

  /** What a script or a setting may name, where it is there. Throws `Trouble`. @param named its path may have `*` in it */
  async named(named: Place): Promise<void> {
    const { path, origin, tree } = named
    if (origin !== 'tip') return
    if (isOfGithub(path)) this.#usesGithub = true
    for (const each of path.includes('*') ? await this.#fitting(named) : [path]) {
      const { found } = await tree.find(each)
      if (found !== 'nothing' && found !== 'folder') await this.#bind({ ...named, path: each })
    }
  }

  /** What is in `.github` is bound with it, but not what a symlink there leads to. Throws `Trouble`. */
  async github(tip: Tree): Promise<void> {
    const sha = this.#usesGithub ? await tip.github() : null
    if (sha !== null) await this.#linksIn({ path: '.github', sha }, tip)
  }

  async #fitting({ path, tree }: Place): Promise<readonly string[]> {
    this.#patterns += 1
    const fitting = this.#patterns <= mostPatterns ? await tree.fitting(path, mostFitting) : null
    if (fitting !== null) return fitting
    this.#tooMany()
    return []
  }

  #tooMany(): void {
    this.#notBound.unread('files', 'the workflow names too many of them and of folders for all to be bound')
  }

  async #bind({ path, tree }: Place): Promise<void> {
    if (this.#paths.has(path)) return
    const found = await tree.find(path)
    if (found.found === 'link') return this.#notBound.link(found.link)
    if (isOfGithub(path)) return
    if (this.#paths.size >= mostPaths || found.found === 'unread') return this.#tooMany()
    this.#paths.set(path, 'sha' in found ? found.sha : null)
    if (found.found === 'folder') await this.#linksIn({ path, sha: found.sha }, tree)
  }

  /** Notes what leads out of a folder. */
  async #linksIn(folder: { readonly path: string; readonly sha: string }, tree: Tree): Promise<void> {
    const { links, isWhole } = await tree.links(folder)
    for (const link of links) if (mayRun(link)) this.#notBound.link(link)
    if (!isWhole) this.#notBound.unread(folder.path, 'it has more files than GitHub lists')
  }
}

function isOfGithub(path: string): boolean {
  return path === '.github' || path.startsWith('.github/')
}

/** A link to a text for readers, as many repositories have for their instructions, runs nothing. */
function mayRun({ kind, path }: Link): boolean {
  return kind === 'submodule' || !/\.(md|mdc|txt)$/i.test(path)
}
