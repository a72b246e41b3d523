import { setImmediate as turn } from 'node:timers/promises'
import type { WorkflowNote } from '../release/inputs.ts'
import type { WorkflowPath } from '../release/workflow-path.ts'
import { ActionPlans, type ReadText } from './action-plans.ts'
import { BoundPaths } from './bound-paths.ts'
import { type Contexts, isNever, partlyRendered } from './expression.ts'
import { imagesOf } from './images.ts'
import type { JobPlan, StepPlan, Texts } from './job-plans.ts'
import { NotBound } from './not-bound.ts'
import { broughtByGit, inFolder } from './script-git.ts'
import { atWorkspace, maxPathLength, namedPaths, type Start, withUnknown } from './script-paths.ts'
import { isCheckout, isLikeCheckout, isOwn } from './uses.ts'
import { textsOf, Variables } from './variables.ts'
import {
  actionFolder,
  actionPath,
  type Commits,
  contextsInScript,
  evaluatedTexts,
  inAction,
  inWorkspace,
  Workspace,
} from './workspace.ts'

/** A job that a run would start, with what is known about it beforehand. */
export type RunningJob = { readonly name: string; readonly plan: JobPlan; readonly contexts: Contexts }

/** What a run executes from outside the `.github` tree: the paths that approvals bind, and notes on the rest. */
export type RunSources = { readonly paths: readonly WorkflowPath[]; readonly notes: readonly WorkflowNote[] }

/** Limit of nested actions. Source: docs.github.com, creating a composite action. */
const maxActionDepth = 10
/** Limit of steps, and of uses of the repository's own actions, that are followed in total. */
const maxSteps = 5_000
const mostUses = 300
/** Limit of characters searched, counted after rendering and each time; and limit of words looked up. */
const maxReadCharacters = 512 * 1024
const maxWords = 2_000

/**
 * Where a step runs. `workingDirectory`, `shell`: defaults of scripts that name none; null: the workspace, the runner's
 * own.
 */
type Scope = {
  readonly job: string
  /** The contexts that are certain, without `variables`. */
  readonly contexts: Contexts
  /** Those and the variables as written: binding a path that does not run does no harm. */
  readonly likely: Contexts
  readonly variables: Variables
  readonly workspace: Workspace
  readonly workingDirectory: string | null
  readonly shell: string | null
  /** The folder of the action that contains the step, relative to the workspace; null if none does. */
  readonly action: string | null
  /** The variables of each step that uses the action which contains this one. */
  readonly around: readonly (Texts | null)[]
}

/**
 * Reads what the jobs of a workflow run: actions and reusable workflows of other repositories, images, and files of
 * this repository outside `.github` that its steps name. Throws `Trouble`.
 */
export async function runSources(
  commits: Commits,
  readText: ReadText,
  jobs: readonly RunningJob[],
): Promise<RunSources> {
  const reader = new SourceReader(commits, readText)
  for (const job of jobs) {
    await turn()
    await reader.job(job)
  }
  return reader.sources()
}

class SourceReader {
  readonly #commits: Commits
  readonly #notBound: NotBound
  readonly #paths: BoundPaths
  readonly #plans: ActionPlans
  readonly #count = { steps: 0, uses: 0, read: 0, words: 0 }
  /** Whether the limit was reached and no more scripts and settings are read. */
  #isFull = false

  constructor(commits: Commits, readText: ReadText) {
    this.#commits = commits
    this.#plans = new ActionPlans(readText)
    this.#notBound = new NotBound(commits.repository)
    this.#paths = new BoundPaths(this.#notBound)
  }

  async sources(): Promise<RunSources> {
    await this.#paths.github(this.#commits.tip)
    this.#plans.noteUnread(this.#notBound)
    return { paths: this.#paths.list(), notes: this.#notBound.notes() }
  }

  async job({ name, plan, contexts }: RunningJob): Promise<void> {
    for (const image of plan.images) this.#image(image, contexts)
    if (plan.calls) {
      if (!isOwn(plan.calls.workflow)) this.#notBound.uses(plan.calls.workflow)
      return
    }
    const { workingDirectory, shell, steps, env } = plan
    const workspace = new Workspace(this.#commits)
    const known = inWorkspace(contexts)
    const isRead = env !== null && this.#mayRead(Object.values(env).join('\n'))
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

  async #each(steps: readonly StepPlan[], scope: Scope): Promise<void> {
    for (const step of steps) {
      if (++this.#count.steps > maxSteps) {
        this.#notBound.unread('steps', `there are more than ${maxSteps}`)
        return
      }
      // Yield to the event loop: reading one step may take a twentieth of a second.
      await turn()
      const contexts = { ...scope.contexts, env: scope.variables.in([...scope.around, step.env]) }
      if (step.condition !== null && isNever(step.condition, contexts)) continue
      for (const key of step.unknown)
        this.#notBound.unread(`${key} of a step`, 'twokey does not know what it does')
      if (step.uses !== null) await this.#use(step, step.uses, { ...scope, contexts })
      await this.#settings(step.env, scope)
      if (step.run !== null) await this.#script(step.run, step, { ...scope, contexts })
      scope.variables.after(step)
    }
  }

  async #use(step: StepPlan, uses: string, scope: Scope): Promise<void> {
    const { workspace, contexts, job } = scope
    if (isCheckout(uses)) {
      this.#notBound.uses(uses)
      this.#notBound.checkout(workspace.checkOut(step, contexts), job)
      return
    }
    if (isOwn(uses)) await this.#own(uses, step, scope)
    else {
      this.#notBound.uses(uses)
      if (isLikeCheckout(uses)) this.#notBound.checkout(workspace.checkOutBy(uses, step, contexts), job)
      this.#notBound.checkout(workspace.builtBy(uses, step, contexts), job)
    }
    await this.#settings(step.with, scope)
  }

  #image(image: string, contexts: Contexts): void {
    for (const name of imagesOf(image, contexts)) this.#notBound.uses(name)
  }

  /** Reads an action of the repository itself, from the workspace or from the workflow's commit. */
  async #own(uses: string, step: StepPlan, scope: Scope): Promise<void> {
    const folder = actionFolder(uses)
    const given = step.with ?? {}
    if (folder === null) {
      this.#notBound.unread(uses, 'it is outside the folder that checkouts write to')
      return
    }
    const action = scope.workspace.pathOf(folder)
    if (action === null) return
    if (++this.#count.uses > mostUses || scope.around.length >= maxActionDepth) {
      this.#notBound.unread('more actions', 'the actions of the repository use too many others')
      return
    }
    await this.#paths.action(action)
    const plan = await this.#plans.of(action)
    if (plan === null) return
    if ('why' in plan) {
      this.#notBound.unread(action.path || uses, plan.why)
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
        return this.#paths.filesOf(action, plan.files)
      case 'files':
        return this.#paths.filesOf(action, plan.files)
    }
  }

  /**
   * Binds the files that a script names.
   * @param scope with the contexts that are certain in the step
   */
  async #script(run: string, step: StepPlan, scope: Scope): Promise<void> {
    if (this.#isFull) return
    const written = partlyRendered(step.workingDirectory ?? scope.workingDirectory ?? '.', scope.likely)
    const folder = written.length > maxPathLength ? '$' : written
    await this.#named(`${run}\n${step.shell ?? scope.shell ?? ''}`, scope, () => ({
      from: atWorkspace(withUnknown(folder)),
      variables: textsOf({
        ...scope.variables.written,
        ...(step.env && evaluatedTexts(step.env, scope.likely)),
        GITHUB_ACTION_PATH: scope.action === null ? undefined : actionPath(scope.action),
      }),
    }))
    await turn()
    if (this.#isFull) return
    const script = partlyRendered(run, contextsInScript(scope.contexts))
    if (!this.#mayRead(script)) return
    const meaningOf = scope.variables.valueLookup(script, { ...scope, own: step.env })
    for (const brought of broughtByGit(script, inFolder('.', folder)))
      this.#notBound.checkout(scope.workspace.bring(brought, meaningOf), scope.job)
  }

  /** Binds the files that settings name, as in `task-definition: ecs/task.json`. */
  async #settings(texts: Texts | null, scope: Scope): Promise<void> {
    if (texts !== null && !this.#isFull) await this.#named(Object.values(texts).join('\n'), scope)
  }

  /**
   * Binds the repository's paths in a text.
   * @param start where relative names begin, and the values of variables
   */
  async #named(text: string, scope: Scope, start: () => Start = () => ({})): Promise<void> {
    if (!scope.workspace.hasFilesFor(scope.action)) return
    const rendered = partlyRendered(text, scope.likely)
    if (!this.#mayRead(rendered)) return
    for (const path of namedPaths(rendered, start())) {
      if (++this.#count.words > maxWords) {
        this.#readNoMore(`they use more than ${maxWords} files`)
        return
      }
      const place = path === null ? null : scope.workspace.pathOf(path)
      if (place) await this.#paths.named(place)
    }
  }

  #readNoMore(why: string): void {
    this.#isFull = true
    this.#notBound.unread('scripts', why)
  }

  /** Whether the limit allows to read this text: hundreds of scripts may expand the same long variable. */
  #mayRead(text: string): boolean {
    if (this.#isFull) return false
    this.#count.read += text.length
    if (this.#count.read > maxReadCharacters)
      this.#readNoMore('they and their settings are too long to be read whole')
    return !this.#isFull
  }
}
