import { type Contexts, handedOn, partlyRendered, rendered, StandIn } from './expression.ts'
import type { StepPlan, Texts } from './job-plans.ts'
import { type Brought, repositoryOf } from './script-git.ts'
import { atWorkspace, withinWorkspace, workspaceVariable } from './script-paths.ts'
import type { Tree } from './tree.ts'
import { contextSetting, isFullCommit, selfPath } from './uses.ts'

/** Which commits of the repository a run may have files of. */
export type Commits = {
  readonly repository: string
  /** The branch's tip, which the run would start on. */
  readonly tip: Tree
  /** The approved commit. */
  readonly commit: Tree
  /** `approved`: the run must start on the approved commit. `tip`: it is told the commit by an input, and starts on the tip. */
  readonly head: 'approved' | 'tip'
  /** Another commit, by its full sha. */
  readonly at: (commit: string) => Tree
}

/** Where files of a workspace come from. `fixed`: from a commit that the workflow names in full. */
type Origin = 'approved' | 'fixed' | 'tip' | 'elsewhere'

/** A file or folder of the repository, from its root, with the tree that it is read in. `path`: empty is the root. */
export type Place = { readonly path: string; readonly origin: Origin; readonly tree: Tree }

/** A folder of the workspace. `tree`: null where its files are another repository's. `from`: that repository. */
type Checkout = Pick<StepPlan, 'runs'> & {
  readonly folder: string
  readonly origin: Origin
  readonly tree: Tree | null
  readonly from: string
}

type OwnFiles = { readonly origin: Origin; readonly tree: Tree }

/** What a checkout brings that no approval binds. `ref`: null is the run's own commit. */
export type Unbound = { readonly repository: string; readonly ref: string | null }

/** The less, the less of it is bound. */
const worth: Readonly<Record<Origin, number>> = { elsewhere: 0, tip: 1, fixed: 2, approved: 2 }

/** Stands for the run's own commit while a `ref` is evaluated. */
export const headMark = 'the commit that the run starts on'

/** What is checked out where no ref is named. */
const defaultBranch = 'its default branch'

/** Where actions of the repository itself lie that are used by `$/`: no checkout brings them, and none brings others there. */
const selfFolder = '@self'

/** The folder of an action of the repository, from the workspace; null: it lies outside. */
export function actionFolder(uses: string): string | null {
  const own = selfPath(uses)
  if (own === null) return withinWorkspace(uses.replaceAll('\\', '/'))
  const path = withinWorkspace(own)
  return path && `${selfFolder}/${path}`
}

/** The files of a job, as its checkouts bring them one after the other. Source: github.com/actions/checkout, its inputs. */
export class Workspace {
  readonly #commits: Commits
  /** By their folders, of each the last. */
  readonly #checkouts = new Map<string, Checkout>()

  constructor(commits: Commits) {
    this.#commits = commits
    const from = commits.repository
    this.#take({ folder: selfFolder, from, runs: 'in turn', ...this.#ownFiles('') })
  }

  /** Whether a script of this action finds files of the repository. @param action its folder; null: it is of none */
  hasFilesFor(action: string | null): boolean {
    return this.#checkouts.size > 1 || (action?.startsWith(selfFolder) ?? false)
  }

  /** Takes the files of a checkout; answers what of them is not bound, or null. */
  checkOut({ with: given, condition, runs }: StepPlan, contexts: Contexts): Unbound | null {
    const said = (name: string) => settingOf(given, name, contexts)
    const [path, ref, other, server] = [
      said('path'),
      said('ref'),
      said('repository'),
      said('github-server-url'),
    ]
    const { repository } = this.#commits
    const isOwn = server === '' && (other === '' || (other !== null && isOwnName(other, repository)))
    const written = (name: string) => given?.[name] ?? `a ${name} that is known only in the run`
    const name = (other ?? written('repository')) || repository
    const from = server === '' ? name : `${server ?? written('github-server-url')}/${name}`
    const checkout: Checkout = { folder: folderOf(path), from, runs, ...this.#files(isOwn, ref) }
    const before = this.#checkouts.get(checkout.folder)
    // Where either may be left out, come later or bring its files elsewhere, what was there before may be what is there.
    const isSure =
      condition === null && path !== null && runs === 'in turn' && before?.runs !== 'beside others'
    const mayStay = !isSure && before !== undefined && worth[before.origin] < worth[checkout.origin]
    if (!mayStay) this.#take(checkout)
    return unbound(checkout, (ref ?? written('ref')) || defaultBranch)
  }

  /** Takes the files of another action that brings some by its name; answers what of them is not bound. */
  checkOutBy(uses: string, { with: given, runs }: StepPlan, contexts: Contexts): Unbound | null {
    const { repository: from, tip: tree } = this.#commits
    const folder = folderOf(settingOf(given, 'path', contexts))
    const checkout: Checkout = { folder, from, runs, origin: 'elsewhere', tree }
    this.#take(checkout)
    return unbound(checkout, `what ${uses.split('@')[0]} brings`)
  }

  /** What an action builds an image from by git, in place of the workspace, that is not bound; null: nothing. */
  builtBy(uses: string, { with: given }: StepPlan, contexts: Contexts): Unbound | null {
    const setting = contextSetting(uses)
    if (setting === null || given === null) return null
    const from = partlyRendered(given[setting] ?? '', contexts).trim()
    const { repository } = this.#commits
    if (from === '' || from.startsWith('{{defaultContext}}'))
      return unbound({ from: repository, ...this.#ownFiles('') }, '')
    // A part that only the run tells is of a folder: an address is written.
    const [, address = '', ref = ''] =
      /^((?:https?|git|ssh):\/\/[^#]+|git@[^#]+)(?:#([^:]*))?/.exec(from) ?? []
    if (address === '') return null
    const name = repositoryOf(address)
    const files = this.#files(isOwnName(name, repository), ref || null)
    return unbound({ from: name, ...files }, ref || defaultBranch)
  }

  /**
   * Takes the files that a command of a script brings by git; answers what of them is not bound, or null.
   * @param meaningOf what a word of the script means; null: only the run tells
   */
  bring(brought: Brought, meaningOf: (word: string) => string | null): Unbound | null {
    const folder = brought.folder === null ? '' : withinWorkspace(brought.folder)
    switch (brought.by) {
      case 'clone':
        return this.#clone(brought, folder)
      case 'move':
        // What lies outside of the workspace was cloned there, which was said.
        return folder === null ? null : this.#move(brought, folder, meaningOf)
    }
  }

  #clone(
    { repository: from, ref, folder: written }: Extract<Brought, { by: 'clone' }>,
    folder: string | null,
  ): Unbound {
    const tree = isOwnName(from, this.#commits.repository) ? this.#commits.tip : null
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
    // A script may leave its commands out, so that what is bound less counts.
    if (before && worth[before.origin] <= worth[files.origin]) return null
    const { from, folder: own } = before ?? { from: repository, folder: '' }
    const checkout: Checkout = { folder: own, from, runs: 'in turn', ...files }
    this.#take(checkout)
    const written = ref === '$' ? null : ref
    return unbound(checkout, value ?? written ?? `what ${command} brings`)
  }

  /** @param ref null: it is only known in the run */
  #files(isOwn: boolean, ref: string | null): Pick<Checkout, 'origin' | 'tree'> {
    if (isOwn) return this.#ownFiles(ref)
    return { origin: isFullCommit(ref ?? '') ? 'fixed' : 'elsewhere', tree: null }
  }

  /** @param ref null: it is only known in the run */
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

  /** The checkout that a path comes from; null: none of them. @param path from the workspace */
  #over(path: string): Checkout | null {
    for (let folder = path; folder !== ''; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
      const own = this.#checkouts.get(folder)
      if (own) return own
    }
    return this.#checkouts.get('') ?? null
  }

  /** Where a path comes from; null: from another repository. @param path from the workspace */
  placeOf(path: string): Place | null {
    const checkout = this.#over(path)
    // Something else may have brought it there, as a step before that downloads it.
    if (checkout === null) return { path, ...this.#ownFiles('') }
    const own = path.slice(checkout.folder === '' ? 0 : checkout.folder.length + 1)
    return checkout.tree && { path: own, origin: checkout.origin, tree: checkout.tree }
  }
}

/** A setting of a step; null: it is only known in the run. */
function settingOf(given: StepPlan['with'], name: string, contexts: Contexts): string | null {
  return given && (rendered(given[name] ?? '', contexts)?.trim() ?? null)
}

/** @param path as a checkout is told it; null: only the run tells */
function folderOf(path: string | null): string {
  return withinWorkspace(atWorkspace(path || '.')) ?? ''
}

function isOwnName(name: string, repository: string): boolean {
  return name.toLowerCase() === repository.toLowerCase()
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

/** What a job's expressions mean besides: its folder, and its own commit. */
export function inWorkspace(contexts: Contexts): Contexts {
  const [head, workspace] = [new StandIn(headMark), new StandIn(workspaceVariable)]
  return { ...contexts, github: { ...contexts.github, sha: head, workflow_sha: head, workspace } }
}

/** What they mean in a script: the run's own commit is the variable that holds it. */
export function inScript(contexts: Contexts): Contexts {
  const head = new StandIn('$GITHUB_SHA')
  return { ...contexts, github: { ...contexts.github, sha: head, workflow_sha: head } }
}

/** The folder of an action, as its scripts see it. @param folder from the workspace */
export function actionPath(folder: string): string {
  return `${workspaceVariable}/${folder}`
}

/** An action knows its own inputs alone. @param folder from the workspace */
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

/** More settings than this are not evaluated: a called workflow may repeat them hundreds of times. */
const mostTexts = 100

export function evaluatedTexts(texts: Texts, contexts: Contexts): Contexts[string] {
  const few = Object.entries(texts).slice(0, mostTexts)
  return Object.fromEntries(few.map(([name, value]) => [name, handedOn(value, contexts)]))
}
