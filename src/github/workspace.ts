import { type Contexts, handedOn, rendered, StandIn } from './expression.ts'
import type { StepPlan, Texts } from './job-plans.ts'
import { atWorkspace, withinWorkspace, workspaceVariable } from './script-paths.ts'
import type { Tree } from './tree.ts'
import { isFullCommit } from './uses.ts'

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

/** A folder of the workspace. `tree`: null where its files are another repository's. */
type Checkout = { readonly folder: string; readonly origin: Origin; readonly tree: Tree | null }

/** What a checkout brings that no approval binds. `ref`: null is the run's own commit. */
export type Unbound = { readonly repository: string; readonly ref: string | null }

/** The less, the less of it is bound. */
const worth: Readonly<Record<Origin, number>> = { elsewhere: 0, tip: 1, fixed: 2, approved: 2 }

/** Stands for the run's own commit while a `ref` is evaluated. */
const headMark = 'the commit that the run starts on'

/** The files of a job, as its checkouts bring them one after the other. Source: github.com/actions/checkout, its inputs. */
export class Workspace {
  readonly #commits: Commits
  readonly #checkouts: Checkout[] = []

  constructor(commits: Commits) {
    this.#commits = commits
  }

  get isEmpty(): boolean {
    return this.#checkouts.length === 0
  }

  /** Takes the files of a checkout; answers what of them is not bound, or null. */
  checkOut({ with: given, condition }: StepPlan, contexts: Contexts): Unbound | null {
    /** Null: it is only known in the run. */
    const said = (name: string) => given && (rendered(given[name] ?? '', contexts)?.trim() ?? null)
    const [path, ref, other, server] = [
      said('path'),
      said('ref'),
      said('repository'),
      said('github-server-url'),
    ]
    const folder = withinWorkspace(atWorkspace(path || '.')) ?? ''
    const { repository } = this.#commits
    const isOwn = server === '' && (other === '' || other?.toLowerCase() === repository.toLowerCase())
    const checkout: Checkout = isOwn
      ? { folder, ...this.#ownFiles(ref) }
      : { folder, origin: isFullCommit(ref ?? '') ? 'fixed' : 'elsewhere', tree: null }
    const before = this.#checkouts.findLast((each) => each.folder === folder)
    // Where the step may be left out, or brings its files elsewhere, what was there before it may stay.
    const mayStay = (condition !== null || path === null) && before !== undefined
    this.#checkouts.push(mayStay && worth[before.origin] < worth[checkout.origin] ? before : checkout)
    const written = (name: string) => given?.[name] ?? `a ${name} that is known only in the run`
    const name = (other ?? written('repository')) || repository
    const from = server === '' ? name : `${server ?? written('github-server-url')}/${name}`
    switch (checkout.origin) {
      case 'approved':
      case 'fixed':
        return null
      case 'tip':
        return { repository: from, ref: null }
      case 'elsewhere':
        return { repository: from, ref: (ref ?? written('ref')) || 'its default branch' }
    }
  }

  /** @param ref null: it is only known in the run */
  #ownFiles(ref: string | null): Pick<Checkout, 'origin' | 'tree'> {
    const { head, tip, commit } = this.#commits
    if (ref === '' || ref === headMark)
      return head === 'approved' ? { origin: 'approved', tree: commit } : { origin: 'tip', tree: tip }
    if (ref?.toLowerCase() === commit.commit) return { origin: 'approved', tree: commit }
    return ref !== null && isFullCommit(ref)
      ? { origin: 'fixed', tree: this.#commits.at(ref.toLowerCase()) }
      : { origin: 'elsewhere', tree: tip }
  }

  /** Where a path comes from; null: from another repository. @param path from the workspace */
  placeOf(path: string): Place | null {
    const { head, tip, commit } = this.#commits
    const checkout = this.#checkouts
      .filter(({ folder }) => folder === '' || path === folder || path.startsWith(`${folder}/`))
      .reduce<Checkout | null>(
        (best, each) => (best && best.folder.length > each.folder.length ? best : each),
        null,
      )
    // Something else may have brought it there, as a script with git.
    if (checkout === null)
      return head === 'approved'
        ? { path, origin: 'approved', tree: commit }
        : { path, origin: 'tip', tree: tip }
    const own = path.slice(checkout.folder === '' ? 0 : checkout.folder.length + 1)
    return checkout.tree && { path: own, origin: checkout.origin, tree: checkout.tree }
  }
}

/** What a job's expressions mean besides: its folder, and its own commit. */
export function inWorkspace(contexts: Contexts): Contexts {
  const [head, workspace] = [new StandIn(headMark), new StandIn(workspaceVariable)]
  return { ...contexts, github: { ...contexts.github, sha: head, workflow_sha: head, workspace } }
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
