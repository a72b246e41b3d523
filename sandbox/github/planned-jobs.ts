import { type Contexts, evaluated, isTrue, render } from './expression.ts'
import type { Commit } from './git.ts'
import { type Combination, combinationsOf, suffixOf } from './matrix.ts'
import type { Repository } from './repository.ts'
import type { Job, Step } from './runs.ts'
import type { CallInput, JobPlan, StepPlan, WorkflowFile } from './workflow-shapes.ts'

/** A step to execute; the runner's own first and last steps have no plan. */
export type PlannedStep = { readonly step: Step; readonly plan: StepPlan | undefined }

/** What all jobs of one file share. The file is the run's workflow, or one that a job of it calls. */
export type Scope = {
  readonly file: WorkflowFile
  /** The prefix of its jobs' names: `deploy / `. */
  readonly prefix: string
  /** `inputs` and `secrets` of its jobs; those of a called workflow may depend on earlier jobs. */
  contexts: Contexts
  readonly groups: readonly JobGroup[]
}

/** A job of a file, with the job or, by a matrix, the jobs that it becomes. */
export type JobGroup = {
  readonly key: string
  readonly plan: JobPlan
  readonly scope: Scope
  /** Undefined while the matrix depends on earlier jobs. */
  members: readonly Member[] | undefined
}

/** A job to execute, or a workflow that is called in its place. */
export type Member = PlannedJob | { readonly matrix: Combination; readonly called: Scope }

export type PlannedJob = {
  readonly matrix: Combination
  readonly place: { readonly index: number; readonly total: number }
  readonly job: Job
  readonly steps: readonly PlannedStep[]
}

/** Where the files of a run come from, and the generator of its ids. */
export type Source = {
  readonly repository: Repository
  readonly commit: Commit
  readonly newId: () => number
}

/** How deep workflows may call each other. Source: GitHub's limits of reusable workflows. */
const deepestCall = 10

/** The workflow file cannot be executed: GitHub ends such a run before its first job. */
export class StartupFailure extends Error {}

/** Plans the jobs of a file, all queued, as far as they are known before the first one runs. */
export function planScope(
  source: Source,
  of: { readonly file: WorkflowFile; readonly prefix: string; readonly contexts: Contexts },
): Scope {
  const groups: JobGroup[] = []
  const scope: Scope = { ...of, groups }
  for (const [key, plan] of Object.entries(of.file.jobs)) {
    const group: JobGroup = { key, plan, scope, members: undefined }
    group.members = knownMembers(source, group)
    groups.push(group)
  }
  return scope
}

/** What a job becomes, as known before the first job runs. A matrix that fails now fails again when its job starts. */
function knownMembers(source: Source, group: JobGroup): readonly Member[] | undefined {
  if (/\bneeds\b/.test(JSON.stringify(group.plan.strategy ?? {}))) return undefined
  try {
    return planMembers(source, group, group.scope.contexts)
  } catch (trouble) {
    if (trouble instanceof StartupFailure) throw trouble
    return undefined
  }
}

/** The jobs that a job of the file becomes. Throws in GitHub's words if its matrix is empty. */
export function planMembers(
  source: Source,
  { key, plan, scope }: JobGroup,
  contexts: Contexts,
): readonly Member[] {
  const strategy = evaluated(plan.strategy ?? {}, contexts) as { matrix?: Record<string, unknown> }
  const combinations = strategy.matrix ? combinationsOf(strategy.matrix) : [{}]
  return combinations.map((matrix, index) => {
    const own = { ...contexts, matrix }
    const name = scope.prefix + nameOf(key, plan, own)
    if (plan.uses?.startsWith('./')) return { matrix, called: planCalled(source, plan, name, own) }
    const steps = plannedSteps(plan, own)
    const place = { index, total: combinations.length }
    return {
      matrix,
      place,
      steps,
      job: queuedJob({ id: source.newId(), key, name, plan, contexts: own, steps }),
    }
  })
}

function planCalled(source: Source, plan: JobPlan, name: string, contexts: Contexts): Scope {
  const path = plan.uses!.replace(/^\.\//, '')
  if (name.split(' / ').length > deepestCall) throw new StartupFailure('job workflows nested too deeply')
  const file = source.repository.workflowAt({ path }, source.commit)
  if (!file?.on.workflow_call)
    throw new StartupFailure(`error parsing called workflow "${plan.uses}": workflow was not found.`)
  return planScope(source, { file, prefix: `${name} / `, contexts: calledContexts(plan, file, contexts) })
}

/** The contexts of a called workflow: the inputs that it declares, and the secrets that its caller passes. */
export function calledContexts(plan: JobPlan, file: WorkflowFile, contexts: Contexts): Contexts {
  const given = evaluated(plan.with ?? {}, contexts) as Record<string, unknown>
  const declared = Object.entries(file.on.workflow_call?.inputs ?? {})
  const inputs = Object.fromEntries(declared.map(([name, input]) => [name, given[name] ?? absent(input)]))
  const secrets = plan.secrets === 'inherit' ? contexts.secrets : evaluated(plan.secrets ?? {}, contexts)
  const { github, vars, runner } = contexts
  return { github, vars, runner, inputs, secrets }
}

function absent({ type, default: value }: CallInput): string | number | boolean {
  return value ?? { string: '', boolean: false, number: 0 }[type]
}

/** The name that GitHub shows. A name without an expression gets the values of the matrix as a suffix. */
export function nameOf(key: string, plan: JobPlan, contexts: Contexts): string {
  const own = plan.name === undefined ? key : render(plan.name, contexts)
  return plan.name?.includes('${{') ? own : own + suffixOf((contexts.matrix ?? {}) as Combination)
}

/** Whether a job uses its environment without a deployment: `deployment: false`. */
export function isUnrecorded({ environment }: JobPlan, contexts: Contexts): boolean {
  if (typeof environment !== 'object') return false
  return !isTrue(evaluated(environment.deployment ?? true, contexts))
}

/** The environment that a job deploys to; undefined if it names none. */
export function environmentOf({ environment }: JobPlan, contexts: Contexts): string | undefined {
  const name = typeof environment === 'object' ? environment.name : environment
  return (name && render(name, contexts)) || undefined
}

function queuedJob(of: {
  readonly id: number
  readonly key: string
  readonly name: string
  readonly plan: JobPlan
  readonly contexts: Contexts
  readonly steps: readonly PlannedStep[]
}): Job {
  const { id, key, name, plan, contexts, steps } = of
  return {
    id,
    key,
    name,
    labels: labelsOf(plan, contexts),
    createdAt: Date.now(),
    environment: environmentOf(plan, contexts),
    steps: steps.map(({ step }) => step),
    log: [],
    status: 'queued',
    conclusion: null,
    startedAt: null,
    completedAt: null,
  }
}

function labelsOf(plan: JobPlan, contexts: Contexts): string[] {
  const wanted = evaluated(plan['runs-on'] ?? 'ubuntu-latest', contexts)
  if (typeof wanted !== 'object' || wanted === null) return [String(wanted)]
  const labels = Array.isArray(wanted) ? wanted : ((wanted as { labels?: unknown }).labels ?? [])
  return [labels].flat().map(String)
}

/** A job that calls a workflow of another repository has no known steps. */
function plannedSteps({ steps = [] }: JobPlan, contexts: Contexts): PlannedStep[] {
  const own = (name: string) => ({ name, plan: undefined })
  const all = [
    own('Set up job'),
    ...steps.map((step) => ({ name: stepName(step, contexts), plan: step })),
    own('Complete job'),
  ]
  return all.map(({ name, plan }, at) => ({
    plan,
    step: { number: at + 1, name, status: 'queued', conclusion: null, startedAt: null, completedAt: null },
  }))
}

/** The name GitHub shows for a step that has none of its own. */
function stepName(step: StepPlan, contexts: Contexts): string {
  if (step.name !== undefined) return render(step.name, contexts)
  return `Run ${step.uses ?? step.run?.trim().split('\n')[0] ?? ''}`
}
