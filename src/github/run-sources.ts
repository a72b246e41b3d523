import { posix } from 'node:path'
import type { WorkflowNote } from '../release/inputs.ts'
import type { WorkflowPath } from '../release/workflow-path.ts'
import { type Contexts, isNever, partlyRendered, rendered } from './expression.ts'
import type { ActionPlan, JobPlan, StepPlan, Texts } from './job-plans.ts'
import { atWorkspace, namedPaths, withinWorkspace } from './script-paths.ts'
import type { Link, Tree } from './tree.ts'
import { byOwner, isLocal, isPinned } from './uses.ts'
import { readAction } from './workflow-file.ts'
import { type Commits, inAction, inWorkspace, type Place, type Unbound, Workspace } from './workspace.ts'

/** A job that a run would start, with what is known of it before. */
export type RunningJob = { readonly name: string; readonly plan: JobPlan; readonly contexts: Contexts }

/** What a run executes from outside the `.github` tree: what the approvals bind of it, and what they do not. */
export type RunSources = { readonly paths: readonly WorkflowPath[]; readonly notes: readonly WorkflowNote[] }

/** The text of a file at a commit; null: it is not there. */
export type ReadText = (file: { readonly commit: string; readonly path: string }) => Promise<string | null>

/** How deep actions use actions. Source: docs.github.com, creating a composite action. */
const deepestAction = 10
/** How many steps and uses of the repository's own actions are read in all. */
const mostSteps = 5_000
const mostActions = 300
/** How many characters of texts are read, how many of texts with expressions in them, and how many words are looked up. */
const mostRead = 512 * 1024
const mostEvaluated = 200 * 1024
const mostWords = 2_000
/** How many paths are bound, how many names from elsewhere are kept, and how many characters of each. */
const mostPaths = 50
const mostUses = 200
const longestUse = 300

/** Where a step runs. `workingDirectory`: of scripts that name none; null: the workspace. */
type Scope = {
  readonly job: string
  readonly contexts: Contexts
  readonly workspace: Workspace
  readonly workingDirectory: string | null
  /** How many actions it lies in. */
  readonly depth: number
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
  for (const job of jobs) await reader.job(job)
  await reader.githubFolder()
  return reader.sources()
}

class SourceReader {
  readonly #commits: Commits
  readonly #readText: ReadText
  readonly #uses = new Set<string>()
  readonly #paths = new Map<string, string | null>()
  readonly #checkouts = new Map<string, Unbound & { readonly jobs: Set<string> }>()
  readonly #links = new Map<string, Link>()
  readonly #unread = new Map<string, string>()
  readonly #plans = new Map<string, Promise<ActionPlan | { readonly why: string } | null>>()
  readonly #count = { steps: 0, actions: 0, read: 0, evaluated: 0, words: 0 }
  /** Whether an action runs from the tip while the approved commit may be another. */
  #usesTip = false

  constructor(commits: Commits, readText: ReadText) {
    this.#commits = commits
    this.#readText = readText
  }

  sources(): RunSources {
    const uses = byOwner(this.#uses, this.#commits.repository)
    const notBound: readonly WorkflowNote[] = uses.length > 0 ? [{ note: 'not-bound', uses }] : []
    return {
      paths: [...this.#paths].sort().map(([path, sha]) => ({ path, sha })),
      notes: [
        ...notBound,
        ...[...this.#checkouts.values()].map(
          ({ jobs, ...what }) => ({ note: 'checkout-not-bound', ...what, jobs: [...jobs] }) as const,
        ),
        ...[...this.#links.values()].map((link) => ({ note: 'leads-outside', ...link }) as const),
        ...[...this.#unread].map(([what, why]) => ({ note: 'not-read', what, why }) as const),
      ],
    }
  }

  async job({ name, plan, contexts }: RunningJob): Promise<void> {
    for (const image of plan.images) this.#image(image, contexts)
    if (plan.calls) {
      if (!isLocal(plan.calls.workflow)) this.#elsewhere(plan.calls.workflow)
      return
    }
    const { workingDirectory, steps, env } = plan
    const workspace = new Workspace(this.#commits)
    const isRead = !this.#isFull && this.#mayRead(Object.values(env).join('\n'))
    const known = inWorkspace(contexts, isRead ? plan : { ...plan, env: {} })
    const scope: Scope = { job: name, contexts: known, workspace, workingDirectory, depth: 0 }
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
        this.#unread.set('steps', `there are more than ${mostSteps}`)
        return
      }
      if (step.condition !== null && isNever(step.condition, scope.contexts)) continue
      if (step.uses !== null) await this.#use(step, step.uses, scope)
      await this.#settings(step.env, scope)
      if (step.run !== null) await this.#script(step.run, step, scope)
    }
  }

  async #use(step: StepPlan, uses: string, scope: Scope): Promise<void> {
    if (isLocal(uses)) await this.#local(uses, step.with, scope)
    else this.#elsewhere(uses)
    if (!/^actions\/checkout@/i.test(uses)) return this.#settings(step.with, scope)
    const unbound = scope.workspace.checkOut(step, scope.contexts)
    if (unbound !== null) this.#checkedOut(unbound, scope.job)
  }

  #elsewhere(uses: string): void {
    if (isPinned(uses)) return
    if (this.#uses.size < mostUses) this.#uses.add(uses.slice(0, longestUse))
    else this.#unread.set('uses', `no more than ${mostUses} actions and images are listed`)
  }

  #image(image: string, contexts: Contexts): void {
    // An image that is only known in the run is as much from elsewhere.
    const name = rendered(image, contexts) ?? image
    if (name !== '') this.#elsewhere(name.startsWith('docker://') ? name : `docker://${name}`)
  }

  #checkedOut(unbound: Unbound, job: string): void {
    const key = JSON.stringify(unbound)
    const known = this.#checkouts.get(key) ?? { ...unbound, jobs: new Set<string>() }
    known.jobs.add(job)
    this.#checkouts.set(key, known)
  }

  /** An action of the repository itself, as it lies in the workspace. */
  async #local(uses: string, given: Texts, scope: Scope): Promise<void> {
    const folder = withinWorkspace(uses)
    const place = folder === null ? null : scope.workspace.placeOf(folder)
    if (folder === null || place === null) return
    if (++this.#count.actions > mostActions || scope.depth >= deepestAction) {
      this.#unread.set(uses, 'the actions of the repository use too many others')
      return
    }
    if (place.origin === 'tip') this.#usesTip = true
    await this.#bind(place)
    const plan = await this.#actionPlan(place)
    if (plan === null) return
    if ('why' in plan) {
      this.#unread.set(place.path, plan.why)
      return
    }
    switch (plan.runs) {
      case 'steps': {
        const contexts = inAction(scope.contexts, { folder, given })
        return this.#each(plan.steps, { ...scope, contexts, workingDirectory: null, depth: scope.depth + 1 })
      }
      case 'image':
        this.#image(plan.image, scope.contexts)
        return this.#filesOf(place, plan.files)
      case 'files':
        return this.#filesOf(place, plan.files)
    }
  }

  /** Files of an action are bound with its folder, unless they lie elsewhere. */
  async #filesOf(action: Place, files: readonly string[]): Promise<void> {
    for (const file of files) {
      const path = withinWorkspace(posix.join(action.path, file))
      if (path !== null && !path.startsWith(`${action.path}/`)) await this.#bind({ ...action, path })
    }
  }

  /** Null: it has no `action.yml`, as an action may be a Dockerfile alone. */
  #actionPlan({ path, tree }: Place): Promise<ActionPlan | { readonly why: string } | null> {
    const key = `${tree.commit}:${path}`
    const known = this.#plans.get(key)
    if (known) return known
    const plan = this.#readPlan(path, tree)
    this.#plans.set(key, plan)
    return plan
  }

  async #readPlan(path: string, tree: Tree): Promise<ActionPlan | { readonly why: string } | null> {
    const found = await tree.find(path)
    const commit = tree.commit.slice(0, 7)
    if (found.found === 'link') return { why: `${found.link.path} is a ${found.link.kind} in ${commit}` }
    if (found.found !== 'folder') return { why: `there is no such action in ${commit}` }
    const text =
      (await this.#readText({ commit: tree.commit, path: `${path}/action.yml` })) ??
      (await this.#readText({ commit: tree.commit, path: `${path}/action.yaml` }))
    return text === null ? null : readAction(text)
  }

  async #script(run: string, step: StepPlan, scope: Scope): Promise<void> {
    const { contexts } = scope
    const from = atWorkspace(partlyRendered(step.workingDirectory ?? scope.workingDirectory ?? '.', contexts))
    const action = String(contexts.github?.action_path ?? '$')
    const text = run.replaceAll(/\$(?:GITHUB_ACTION_PATH\b|\{GITHUB_ACTION_PATH\})/g, () => action)
    await this.#named(text, scope, from)
    const folder = withinWorkspace(from)
    if (folder !== null) await this.#lookUp(folder, scope)
  }

  /** Settings may name files, as `task-definition: ecs/task.json` does. */
  async #settings(texts: Texts, scope: Scope): Promise<void> {
    if (!this.#isFull) await this.#named(Object.values(texts).join('\n'), scope, '.')
  }

  /** Binds what a text names of the repository. @param from where relative names begin, from the workspace */
  async #named(text: string, scope: Scope, from: string): Promise<void> {
    if (scope.workspace.isEmpty) return
    if (!this.#mayRead(text)) return
    for (const path of new Set(namedPaths(partlyRendered(text, scope.contexts), from))) {
      if (++this.#count.words > mostWords) {
        this.#unread.set('scripts', `they name more than ${mostWords} files`)
        return
      }
      await this.#lookUp(path, scope)
    }
  }

  get #isFull(): boolean {
    return this.#unread.has('scripts')
  }

  /** Whether there is not too much by now, as where a long workflow is called hundreds of times. */
  #mayRead(text: string): boolean {
    this.#count.read += text.length
    if (text.includes('${{')) this.#count.evaluated += text.length
    const isEnough = this.#count.read > mostRead || this.#count.evaluated > mostEvaluated
    if (isEnough) this.#unread.set('scripts', 'they and their settings are too long to be read whole')
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
    if (found.found === 'link') {
      this.#links.set(found.link.path, found.link)
      return
    }
    if (path === '.github' || path.startsWith('.github/')) return
    if (this.#paths.size >= mostPaths || found.found === 'unread') {
      this.#unread.set(path, 'the workflow names too many files and folders for it to be bound')
      return
    }
    this.#paths.set(path, 'sha' in found ? found.sha : null)
    if (found.found === 'folder') await this.#linksIn({ path, sha: found.sha }, tree)
  }

  /** Notes what leads out of a folder. */
  async #linksIn(folder: { readonly path: string; readonly sha: string }, tree: Tree): Promise<void> {
    const { links, isWhole } = await tree.links(folder)
    for (const link of links) if (mayRun(link)) this.#links.set(link.path, link)
    if (!isWhole) this.#unread.set(folder.path, 'it has more files than GitHub lists')
  }
}

/** A link to a text for readers, as many repositories have for their instructions, runs nothing. */
function mayRun({ kind, path }: Link): boolean {
  return kind === 'submodule' || !/\.(md|mdc|txt)$/i.test(path)
}
