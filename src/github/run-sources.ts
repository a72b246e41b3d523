import { posix } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { WorkflowNote } from '../release/inputs.ts'
import type { WorkflowPath } from '../release/workflow-path.ts'
import { ActionPlans, metadataFiles, type ReadText } from './action-plans.ts'
import { type Contexts, isNever, partlyRendered, rendered } from './expression.ts'
import type { JobPlan, StepPlan, Texts } from './job-plans.ts'
import { NotBound } from './not-bound.ts'
import { atWorkspace, beforeUnknown, namedPaths, type Start, withinWorkspace } from './script-paths.ts'
import type { Link, Tree } from './tree.ts'
import { isCheckout, isLocal } from './uses.ts'
import { Variables } from './variables.ts'
import { actionPath, type Commits, inAction, inWorkspace, type Place, Workspace } from './workspace.ts'

/** A job that a run would start, with what is known of it before. */
export type RunningJob = { readonly name: string; readonly plan: JobPlan; readonly contexts: Contexts }

/** What a run executes from outside the `.github` tree: what the approvals bind of it, and what they do not. */
export type RunSources = { readonly paths: readonly WorkflowPath[]; readonly notes: readonly WorkflowNote[] }

/** How deep actions use actions. Source: docs.github.com, creating a composite action. */
const deepestAction = 10
/** The files that may say what an action runs, as a runner looks for them. */
const actionFiles = [...metadataFiles, 'Dockerfile']
/** How many steps and uses of the repository's own actions are followed in all. */
const mostSteps = 5_000
const mostUses = 300
/** How many characters of texts are read, and how many words are looked up. */
const mostRead = 256 * 1024
const mostWords = 2_000
/** How many paths are bound. */
const mostPaths = 50

/** Where a step runs. `workingDirectory`, `shell`: of scripts that name none; null: the workspace, the runner's own. */
type Scope = {
  readonly job: string
  /** What is surely known, but for `variables`. */
  readonly contexts: Contexts
  /** Those and the variables as they are written: a path that is bound and does not run does no harm. */
  readonly likely: Contexts
  readonly variables: Variables
  readonly workspace: Workspace
  readonly workingDirectory: string | null
  readonly shell: string | null
  /** The folder of the action that it lies in, from the workspace; null: it lies in none. */
  readonly action: string | null
  /** The variables of each step whose action it lies in. */
  readonly around: readonly (Texts | null)[]
}

/**
 * Reads what the jobs of a workflow run: actions and reusable workflows of other repositories, images, and files of this one
 * outside `.github` that its steps name. Throws `Trouble`.
 */
export async function runSources(
  commits: Commits,
  readText: ReadText,
  jobs: readonly RunningJob[],
): Promise<RunSources> {
  const reader = new SourceReader(commits, readText)
  for (const job of jobs) {
    // Others have a turn: to look through what a job says may take a tenth of a second.
    await turn()
    await reader.job(job)
  }
  await reader.githubFolder()
  return reader.sources()
}

class SourceReader {
  readonly #commits: Commits
  readonly #paths = new Map<string, string | null>()
  readonly #notBound: NotBound
  readonly #plans: ActionPlans
  readonly #count = { steps: 0, uses: 0, read: 0, words: 0 }
  /** Whether no more scripts and settings are read. */
  #isFull = false
  /** Whether an action runs from the tip while the approved commit may be another. */
  #usesTip = false

  constructor(commits: Commits, readText: ReadText) {
    this.#commits = commits
    this.#plans = new ActionPlans(readText)
    this.#notBound = new NotBound(commits.repository)
  }

  sources(): RunSources {
    return {
      paths: [...this.#paths].sort().map(([path, sha]) => ({ path, sha })),
      notes: this.#notBound.notes(),
    }
  }

  async job({ name, plan, contexts }: RunningJob): Promise<void> {
    for (const image of plan.images) this.#image(image, contexts)
    if (plan.calls) {
      if (!isLocal(plan.calls.workflow)) this.#notBound.uses(plan.calls.workflow)
      return
    }
    const { workingDirectory, shell, steps, env } = plan
    const workspace = new Workspace(this.#commits)
    const known = inWorkspace(contexts)
    const isRead = env !== null && !this.#isFull && this.#mayRead(Object.values(env).join('\n'))
    const variables = new Variables(isRead ? env : null, known)
    const scope: Scope = {
      job: name,
      contexts: known,
      likely: { ...known, env: variables.written },
      variables,
      workspace,
      workingDirectory,
      shell,
      action: null,
      around: [],
    }
    await this.#each(steps, scope)
    await this.#settings(env, scope)
  }

  /** An action in `.github` is bound with it, but not what a symlink there leads to. */
  async githubFolder(): Promise<void> {
    const { tip } = this.#commits
    const sha = this.#usesTip ? await tip.github() : null
    if (sha !== null) await this.#linksIn({ path: '.github', sha }, tip)
  }

  async #each(steps: readonly StepPlan[], scope: Scope): Promise<void> {
    for (const step of steps) {
      if (++this.#count.steps > mostSteps) {
        this.#notBound.unread('steps', `there are more than ${mostSteps}`)
        return
      }
      const contexts = { ...scope.contexts, env: scope.variables.in([...scope.around, step.env]) }
      if (step.condition !== null && isNever(step.condition, contexts)) continue
      if (step.uses !== null) await this.#use(step, step.uses, { ...scope, contexts })
      await this.#settings(step.env, scope)
      if (step.run !== null) await this.#script(step.run, step, scope)
      scope.variables.after(step)
    }
  }

  async #use(step: StepPlan, uses: string, scope: Scope): Promise<void> {
    if (isLocal(uses)) await this.#local(uses, step, scope)
    else this.#notBound.uses(uses)
    if (!isCheckout(uses)) return this.#settings(step.with, scope)
    const unbound = scope.workspace.checkOut(step, scope.contexts)
    if (unbound !== null) this.#notBound.checkout(unbound, scope.job)
  }

  #image(image: string, contexts: Contexts): void {
    // An image that is only known in the run is as much from elsewhere.
    const name = rendered(image, contexts) ?? image
    if (name !== '') this.#notBound.uses(name.startsWith('docker://') ? name : `docker://${name}`)
  }

  /** An action of the repository itself, as it lies in the workspace. */
  async #local(uses: string, step: StepPlan, scope: Scope): Promise<void> {
    const folder = withinWorkspace(uses)
    const given = step.with ?? {}
    const place = folder === null ? null : scope.workspace.placeOf(folder)
    if (folder === null || place === null) return
    if (++this.#count.uses > mostUses || scope.around.length >= deepestAction) {
      this.#notBound.unread(uses, 'the actions of the repository use too many others')
      return
    }
    if (place.origin === 'tip') this.#usesTip = true
    await (place.path === '' ? this.#bindRootAction(place) : this.#bind(place))
    const plan = await this.#plans.of(place)
    if (plan === null) return
    if ('why' in plan) {
      this.#notBound.unread(place.path || uses, plan.why)
      return
    }
    switch (plan.runs) {
      case 'steps':
        return this.#each(plan.steps, {
          ...scope,
          contexts: inAction(scope.contexts, { folder, given }),
          likely: inAction(scope.likely, { folder, given }),
          workingDirectory: null,
          shell: null,
          action: folder,
          around: [...scope.around, step.env],
        })
      case 'image':
        this.#image(plan.image, scope.contexts)
        return this.#filesOf(place, plan.files)
      case 'files':
        return this.#filesOf(place, plan.files)
    }
  }

  /** The folder of an action in the root is all of the repository: bound are the files that say what it runs. */
  async #bindRootAction(root: Place): Promise<void> {
    if (root.origin !== 'tip') return
    for (const path of actionFiles) {
      await this.#bind({ ...root, path })
      if ((await root.tree.find(path)).found !== 'nothing') return
    }
  }

  /** Files of an action are bound with its folder, unless they lie elsewhere, or it is the root. */
  async #filesOf(action: Place, files: readonly string[]): Promise<void> {
    for (const file of files) {
      const path = withinWorkspace(posix.join(action.path, file))
      if (path && !path.startsWith(`${action.path}/`)) await this.#bind({ ...action, path })
    }
  }

  async #script(run: string, step: StepPlan, scope: Scope): Promise<void> {
    const from = atWorkspace(
      partlyRendered(step.workingDirectory ?? scope.workingDirectory ?? '.', scope.likely),
    )
    const action = scope.action === null ? '$' : actionPath(scope.action)
    const text = `${run}\n${step.shell ?? scope.shell ?? ''}`
    const own = text.replaceAll(/\$(?:GITHUB_ACTION_PATH\b|\{GITHUB_ACTION_PATH\})/g, () => action)
    await this.#named(own, scope, { from, variables: { ...scope.variables.written, ...step.env } })
    const folder = withinWorkspace(beforeUnknown(from))
    if (folder) await this.#lookUp(folder, scope)
  }

  /** Settings may name files, as `task-definition: ecs/task.json` does. */
  async #settings(texts: Texts | null, scope: Scope): Promise<void> {
    if (texts !== null && !this.#isFull) await this.#named(Object.values(texts).join('\n'), scope)
  }

  /** Binds what a text names of the repository. @param start where its relative names begin, and what its variables mean */
  async #named(text: string, scope: Scope, start: Start = {}): Promise<void> {
    if (scope.workspace.isEmpty) return
    if (!this.#mayRead(text)) return
    for (const path of namedPaths(partlyRendered(text, scope.likely), start)) {
      if (++this.#count.words > mostWords) {
        this.#readNoMore(`they name more than ${mostWords} files`)
        return
      }
      if (path !== null) await this.#lookUp(path, scope)
    }
  }

  #readNoMore(why: string): void {
    this.#isFull = true
    this.#notBound.unread('scripts', why)
  }

  /** Whether there is not too much by now, as where a long workflow is called hundreds of times. */
  #mayRead(text: string): boolean {
    this.#count.read += text.length
    const isEnough = this.#count.read > mostRead
    if (isEnough) this.#readNoMore('they and their settings are too long to be read whole')
    return !isEnough
  }

  async #lookUp(named: string, { workspace }: Scope): Promise<void> {
    const place = workspace.isEmpty ? null : workspace.placeOf(named)
    if (place?.origin !== 'tip') return
    const { found } = await place.tree.find(place.path)
    if (found !== 'nothing') await this.#bind(place)
  }

  /** What comes from the tip and lies outside `.github` is bound by itself. */
  async #bind({ path, origin, tree }: Place): Promise<void> {
    if (origin !== 'tip' || this.#paths.has(path)) return
    const found = await tree.find(path)
    if (found.found === 'link') return this.#notBound.link(found.link)
    if (path === '.github' || path.startsWith('.github/')) return
    if (this.#paths.size >= mostPaths || found.found === 'unread') {
      this.#notBound.unread('files', 'the workflow names too many of them and of folders for all to be bound')
      return
    }
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

/** A link to a text for readers, as many repositories have for their instructions, runs nothing. */
function mayRun({ kind, path }: Link): boolean {
  return kind === 'submodule' || !/\.(md|mdc|txt)$/i.test(path)
}
