import { posix } from 'node:path'
import type { WorkflowPath } from '../release/workflow-path.ts'
import { metadataFiles } from './action-plans.ts'
import type { NotBound } from './not-bound.ts'
import { withinWorkspace } from './script-paths.ts'
import type { Link, Tree } from './tree.ts'
import type { RepositoryPath } from './workspace.ts'

/** Files that may say what an action runs, as a runner looks for them. */
const actionFiles = [...metadataFiles, 'Dockerfile']
/** Limit of paths that approvals bind. */
const maxPaths = 50
/**
 * Limit of files that one name with unknown parts may match. If it matches more, they are treated as ordinary files of
 * the tip.
 */
const maxMatches = 10
/** Limit of names with unknown parts that are looked up. */
const maxPatterns = 200

/**
 * Collects the paths outside `.github` that run from the tip, each with its git object: the folders of actions, and the
 * files that scripts and settings name. A folder that a script works in is not bound, because each push to a service
 * would then void all approvals.
 */
export class BoundPaths {
  readonly #notBound: NotBound
  readonly #paths = new Map<string, string | null>()
  /** Whether something in `.github` runs from the tip while the approved commit may be another one. */
  #usesGithub = false
  #patterns = 0

  constructor(notBound: NotBound) {
    this.#notBound = notBound
  }

  list(): readonly WorkflowPath[] {
    return [...this.#paths].sort().map(([path, sha]) => ({ path, sha }))
  }

  /** Throws `Trouble`. */
  async action(place: RepositoryPath): Promise<void> {
    if (place.origin !== 'tip') return
    this.#usesGithub = true
    await (place.path === '' ? this.#rootAction(place) : this.#bind(place))
  }

  /** An action in the root has the whole repository as its folder, so only the files that say what it runs are bound. */
  async #rootAction(root: RepositoryPath): Promise<void> {
    for (const path of actionFiles) {
      await this.#bind({ ...root, path })
      if ((await root.tree.find(path)).found !== 'nothing') return
    }
  }

  /**
   * Binds files of an action that its folder does not cover: files elsewhere, or of an action in the root. Throws
   * `Trouble`.
   */
  async filesOf(action: RepositoryPath, files: readonly string[]): Promise<void> {
    if (action.origin !== 'tip') return
    for (const file of files) {
      const path = withinWorkspace(posix.join(action.path, file))
      if (path && !path.startsWith(`${action.path}/`)) await this.#bind({ ...action, path })
    }
  }

  /**
   * Binds what a script or a setting may name, if it exists. Throws `Trouble`.
   * @param named its path may contain `*`
   */
  async named(named: RepositoryPath): Promise<void> {
    const { path, origin, tree } = named
    if (origin !== 'tip') return
    if (isOfGithub(path)) this.#usesGithub = true
    for (const each of path.includes('*') ? await this.#fitting(named) : [path]) {
      const { found } = await tree.find(each)
      if (found !== 'nothing' && found !== 'folder') await this.#bind({ ...named, path: each })
    }
  }

  /** Notes symlinks in `.github`: its files are bound with the folder, but not the targets of symlinks. Throws `Trouble`. */
  async github(tip: Tree): Promise<void> {
    const sha = this.#usesGithub ? await tip.github() : null
    if (sha !== null) await this.#linksIn({ path: '.github', sha }, tip)
  }

  async #fitting({ path, tree }: RepositoryPath): Promise<readonly string[]> {
    this.#patterns += 1
    const fitting = this.#patterns <= maxPatterns ? await tree.fitting(path, maxMatches) : null
    if (fitting !== null) return fitting
    this.#tooMany()
    return []
  }

  #tooMany(): void {
    this.#notBound.unread('files', 'the workflow uses more files and folders than twokey can check')
  }

  async #bind({ path, tree }: RepositoryPath): Promise<void> {
    if (this.#paths.has(path)) return
    const found = await tree.find(path)
    if (found.found === 'link') return this.#notBound.link(found.link)
    if (isOfGithub(path)) return
    if (this.#paths.size >= maxPaths || found.found === 'unread') return this.#tooMany()
    this.#paths.set(path, 'sha' in found ? found.sha : null)
    if (found.found === 'folder') await this.#linksIn({ path, sha: found.sha }, tree)
  }

  /** Notes the links that lead out of a folder. */
  async #linksIn(folder: { readonly path: string; readonly sha: string }, tree: Tree): Promise<void> {
    const { links, isWhole } = await tree.links(folder)
    for (const link of links) if (mayRun(link)) this.#notBound.link(link)
    if (!isWhole) this.#notBound.unread(folder.path, 'it has more files than GitHub lists')
  }
}

function isOfGithub(path: string): boolean {
  return path === '.github' || path.startsWith('.github/')
}

/** Links to texts for readers run nothing; many repositories have them for their agent instructions. */
function mayRun({ kind, path }: Link): boolean {
  return kind === 'submodule' || !/\.(md|mdc|txt)$/i.test(path)
}
