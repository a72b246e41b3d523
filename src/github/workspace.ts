import { isSameOnGitHub } from '../release/names.ts'
import { type Contexts, handedOn, partlyRendered, rendered, StandIn } from './expression.ts'
import type { StepPlan, Texts } from './job-plans.ts'
import { type Brought, repositoryOf } from './script-git.ts'
import { atWorkspace, withinWorkspace, workspaceVariable } from './script-paths.ts'
import type { Tree } from './tree.ts'
import { contextSetting, isFullCommit, selfPath } from './uses.ts'

/** The commits of the repository whose files a run may have. */
export type Commits = {
  readonly repository: string
  /** The branch's tip, on which the run would start. */
  readonly tip: Tree
  /** The approved commit. */
  readonly commit: Tree
  /** `approved`: the run must start on the approved commit. `tip`: it starts on the tip and gets the commit by an input. */
  readonly head: 'approved' | 'tip'
  /** Another commit, by its full sha. */
  readonly at: (commit: string) => Tree
}

/** Where files of a workspace come from. `fixed`: from a commit that the workflow names in full. */
type Origin = 'approved' | 'fixed' | 'tip' | 'elsewhere'

/** A file or folder of the repository, from its root, with the tree in which it is read. `path`: empty means the root. */
export type RepositoryPath = { readonly path: string; readonly origin: Origin; readonly tree: Tree }

/** A folder of the workspace. `tree`: null if its files are of another repository. `from`: that repository. */
type Checkout = Pick<StepPlan, 'runs'> & {
  readonly folder: string
  readonly origin: Origin
  readonly tree: Tree | null
  readonly from: string
}

type OwnFiles = { readonly origin: Origin; readonly tree: Tree }

/** The part of a checkout that no approval binds. `ref`: null is the run's own commit. */
export type Unbound = { readonly repository: string; readonly ref: string | null }

/** How much of an origin is bound; higher is more. */
const boundness: Readonly<Record<Origin, number>> = { elsewhere: 0, tip: 1, fixed: 2, approved: 2 }

/** Stands for the run's own commit while a `ref` is evaluated. */
export const headMark = 'the commit that the run starts on'

/** What is checked out if no ref is given. */
const defaultBranch = 'its default branch'

/** Where actions of the repository used by `$/` are: no checkout brings them, and none overwrites them. */
const selfFolder = '@self'

/** The folder of an action of the repository, relative to the workspace; null if it is outside. */
export function actionFolder(uses: string): string | null {
  const own = selfPath(uses)
  if (own === null) return withinWorkspace(uses.replaceAll('\\', '/'))
  const path = withinWorkspace(own)
  return path && `${selfFolder}/${path}`
}

/** The files of a job, as its checkouts bring them one after the other. Source: github.com/actions/checkout, its inputs. */
export class Workspace {
  readonly #commits: Commits
  /** The last checkout of each folder. */
  readonly #checkouts = new Map<string, Checkout>()

  constructor(commits: Commits) {
    this.#commits = commits
    const from = commits.repository
    this.#take({ folder: selfFolder, from, runs: 'in turn', ...this.#ownFiles('') })
  }

  /**
   * Whether a script of this action finds files of the repository.
   * @param action its folder; null if it is not in an action
   */
  hasFilesFor(action: string | null): boolean {
    return this.#checkouts.size > 1 || (action?.startsWith(selfFolder) ?? false)
  }

  /** Records a checkout; returns what of it is not bound, or null. */
  checkOut({ with: given, condition, runs }: StepPlan, contexts: Contexts): Unbound | null {
    const setting = (name: string) => settingOf(given, name, contexts)
    const [path, ref, other, server] = [
      setting('path'),
      setting('ref'),
      setting('repository'),
      setting('github-server-url'),
    ]
    const { repository } = this.#commits
    const isOwn = server === '' && (other === '' || (other !== null && isSameOnGitHub(other, repository)))
    const written = (name: string) => given?.[name] ?? `a ${name} that is known only during the run`
    const name = (other ?? written('repository')) || repository
    const from = server === '' ? name : `${server ?? written('github-server-url')}/${name}`
    const checkout: Checkout = { folder: folderOf(path), from, runs, ...this.#files(isOwn, ref) }
    const before = this.#checkouts.get(checkout.folder)
    // If either may be skipped, come later or be placed elsewhere, the files that were there before may still be there.
    const isSure =
      condition === null && path !== null && runs === 'in turn' && before?.runs !== 'beside others'
    const mayStay = !isSure && before !== undefined && boundness[before.origin] < boundness[checkout.origin]
    if (!mayStay) this.#take(checkout)
    return unbound(checkout, (ref ?? written('ref')) || defaultBranch)
  }

  /** Records the files that another action brings, judged by its name; returns what of them is not bound. */
  checkOutBy(uses: string, { with: given, runs }: StepPlan, contexts: Contexts): Unbound | null {
    const { repository: from, tip: tree } = this.#commits
    const folder = folderOf(settingOf(given, 'path', contexts))
    const checkout: Checkout = { folder, from, runs, origin: 'elsewhere', tree }
    this.#take(checkout)
    return unbound(checkout, `files from ${uses.split('@')[0]}`)
  }

  /** What an action builds an image from by git, instead of the workspace, that is not bound; null if nothing. */
  builtBy(uses: string, { with: given }: StepPlan, contexts: Contexts): Unbound | null {
    const setting = contextSetting(uses)
    if (setting === null || given === null) return null
    const from = partlyRendered(given[setting] ?? '', contexts).trim()
    const { repository } = this.#commits
    if (from === '' || from.startsWith('{{defaultContext}}'))
      return unbound({ from: repository, ...this.#ownFiles('') }, '')
    // An unknown part belongs to a folder: addresses are written out.
    const [, address = '', ref = ''] =
      /^((?:https?|git|ssh):\/\/[^#]+|git@[^#]+)(?:#([^:]*))?/.exec(from) ?? []
    if (address === '') return null
    const name = repositoryOf(address)
    const files = this.#files(isSameOnGitHub(name, repository), ref || null)
    return unbound({ from: name, ...files }, ref || defaultBranch)
  }

  /**
   * Records the files that a command of a script brings by git; returns what of them is not bound, or null.
   * @param meaningOf the value of a word of the script; null: known only in the run
   */
  bring(brought: Brought, meaningOf: (word: string) => string | null): Unbound | null {
    const folder = brought.folder === null ? '' : withinWorkspace(brought.folder)
    switch (brought.by) {
      case 'clone':
        return this.#clone(brought, folder)
      case 'move':
        // Folders outside of the workspace were cloned there, which was reported already.
        return folder === null ? null : this.#move(brought, folder, meaningOf)
    }
  }

  #clone(
    { repository: from, ref, folder: written }: Extract<Brought, { by: 'clone' }>,
    folder: string | null,
  ): Unbound {
    const tree = isSameOnGitHub(from, this.#commits.repository) ? this.#commits.tip : null
    const checkout: Checkout = { folder: folder ?? '', from, runs: 'in turn', origin: 'elsewhere', tree }
    if (folder !== null && written !== null) this.#take(checkout)
    return { repository: from, ref: ref ?? defaultBranch }
  }

  #move(
    { command, ref }: Extract<Brought, { by: 'move' }>,
    folder: string,
    meaningOf: (word: string) => string | null,
  ): Unbound | null {
    const before = this.#over(folder)
    const { repository } = this.#commits
    if (before?.origin === 'elsewhere') return null
    const value = ref === null ? null : meaningOf(ref)
    const files: Pick<Checkout, 'origin' | 'tree'> =
      before?.tree === null ? { origin: 'elsewhere', tree: null } : this.#ownFiles(value)
    // A script may skip its commands, so the origin that is less bound counts.
    if (before && boundness[before.origin] <= boundness[files.origin]) return null
    const { from, folder: own } = before ?? { from: repository, folder: '' }
    const checkout: Checkout = { folder: own, from, runs: 'in turn', ...files }
    this.#take(checkout)
    const written = ref === '$' ? null : ref
    return unbound(checkout, value ?? written ?? `files from ${command}`)
  }

  /** @param ref null: known only in the run */
  #files(isOwn: boolean, ref: string | null): Pick<Checkout, 'origin' | 'tree'> {
    if (isOwn) return this.#ownFiles(ref)
    return { origin: isFullCommit(ref ?? '') ? 'fixed' : 'elsewhere', tree: null }
  }

  /** @param ref null: known only in the run */
  #ownFiles(ref: string | null): OwnFiles {
    const { head, tip, commit } = this.#commits
    if (ref === '' || ref === headMark)
      return head === 'approved' ? { origin: 'approved', tree: commit } : { origin: 'tip', tree: tip }
    if (ref?.toLowerCase() === commit.commit) return { origin: 'approved', tree: commit }
    return ref !== null && isFullCommit(ref)
      ? { origin: 'fixed', tree: this.#commits.at(ref.toLowerCase()) }
      : { origin: 'elsewhere', tree: tip }
  }

  #take(checkout: Checkout): void {
    this.#checkouts.set(checkout.folder, checkout)
  }

  /**
   * The checkout that a path comes from; null if none.
   * @param path relative to the workspace
   */
  #over(path: string): Checkout | null {
    for (let folder = path; folder !== ''; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
      const own = this.#checkouts.get(folder)
      if (own) return own
    }
    return this.#checkouts.get('') ?? null
  }

  /**
   * Where a path comes from; null if from another repository.
   * @param path relative to the workspace
   */
  pathOf(path: string): RepositoryPath | null {
    const checkout = this.#over(path)
    // Something else may have put it there, such as a download in an earlier step.
    if (checkout === null) return { path, ...this.#ownFiles('') }
    const own = path.slice(checkout.folder === '' ? 0 : checkout.folder.length + 1)
    return checkout.tree && { path: own, origin: checkout.origin, tree: checkout.tree }
  }
}

/** A setting of a step; null: known only in the run. */
function settingOf(given: StepPlan['with'], name: string, contexts: Contexts): string | null {
  return given && (rendered(given[name] ?? '', contexts)?.trim() ?? null)
}

/** @param path as given to a checkout; null: known only in the run */
function folderOf(path: string | null): string {
  return withinWorkspace(atWorkspace(path || '.')) ?? ''
}

/** @param ref where it comes from elsewhere */
function unbound({ origin, from }: Pick<Checkout, 'origin' | 'from'>, ref: string): Unbound | null {
  switch (origin) {
    case 'approved':
    case 'fixed':
      return null
    case 'tip':
      return { repository: from, ref: null }
    case 'elsewhere':
      return { repository: from, ref }
  }
}

/** Adds what a job's expressions know: its folder, and its own commit. */
export function inWorkspace(contexts: Contexts): Contexts {
  const [head, workspace] = [new StandIn(headMark), new StandIn(workspaceVariable)]
  return { ...contexts, github: { ...contexts.github, sha: head, workflow_sha: head, workspace } }
}

/** The same for a script: the run's own commit is the variable that holds it. */
export function contextsInScript(contexts: Contexts): Contexts {
  const head = new StandIn('$GITHUB_SHA')
  return { ...contexts, github: { ...contexts.github, sha: head, workflow_sha: head } }
}

/**
 * The folder of an action, as its scripts see it.
 * @param folder relative to the workspace
 */
export function actionPath(folder: string): string {
  return `${workspaceVariable}/${folder}`
}

/**
 * An action knows only its own inputs.
 * @param folder relative to the workspace
 */
export function inAction(
  contexts: Contexts,
  { folder, given }: { readonly folder: string; readonly given: Texts },
): Contexts {
  return {
    ...contexts,
    github: { ...contexts.github, action_path: new StandIn(actionPath(folder)) },
    inputs: evaluatedTexts(given, contexts),
  }
}

/** Limit of settings evaluated: a called workflow may repeat them hundreds of times. */
const maxTexts = 100

export function evaluatedTexts(texts: Texts, contexts: Contexts): Contexts[string] {
  const few = Object.entries(texts).slice(0, maxTexts)
  return Object.fromEntries(few.map(([name, value]) => [name, handedOn(value, contexts)]))
}
