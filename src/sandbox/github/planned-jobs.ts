import { type Names, render } from './expression.ts'
import type { Repository } from './repository.ts'
import { startNames } from './run-start.ts'
import type { Job, Run, Step } from './runs.ts'
import type { JobPlan, StepPlan } from './workflow-file.ts'

/** A step as it will be carried out; the runner's own first and last steps have no plan. */
export type PlannedStep = { readonly step: Step; readonly plan: StepPlan | undefined }

/** A job as it will be carried out. */
export type PlannedJob = {
  readonly job: Job
  readonly needs: readonly string[]
  readonly steps: readonly PlannedStep[]
  readonly names: Names
  readonly env: Readonly<Record<string, string>>
}

/** The jobs of a run, all queued, as its workflow file at its commit says. */
export function plannedJobs(repository: Repository, run: Run, newId: () => number): PlannedJob[] {
  const commit = repository.git.commits.get(run.headSha)!
  const file = repository.workflowAt({ path: run.workflowPath }, commit)
  if (!file) throw new Error(`${run.headSha} has no ${run.workflowPath}`)
  const names = startNames({
    event: run.event,
    branch: run.headBranch,
    sha: run.headSha,
    inputs: run.inputs,
  })
  return Object.entries(file.jobs).map(([key, plan]) => {
    const env = rendered({ ...file.env, ...plan.env }, names)
    const steps = plannedSteps(plan)
    return {
      job: queuedJob({ id: newId(), key, plan, names, steps: steps.map(({ step }) => step) }),
      needs: plan.needs ?? [],
      steps,
      names: { ...names, ...prefixed(env) },
      env,
    }
  })
}

function queuedJob(of: {
  readonly id: number
  readonly key: string
  readonly plan: JobPlan
  readonly names: Names
  readonly steps: Step[]
}): Job {
  const { plan, key, names } = of
  return {
    id: of.id,
    key,
    name: plan.name ?? key,
    labels: plan['runs-on'],
    createdAt: Date.now(),
    environment: plan.environment === undefined ? undefined : render(plan.environment, names),
    steps: of.steps,
    log: [],
    status: 'queued',
    conclusion: null,
    startedAt: null,
    completedAt: null,
  }
}

function plannedSteps(plan: JobPlan): PlannedStep[] {
  const own = (name: string) => ({ name, plan: undefined })
  const all = [
    own('Set up job'),
    ...plan.steps.map((step) => ({ name: stepName(step), plan: step })),
    own('Complete job'),
  ]
  return all.map(({ name, plan: step }, at) => ({
    plan: step,
    step: { number: at + 1, name, status: 'queued', conclusion: null, startedAt: null, completedAt: null },
  }))
}

/** The name GitHub shows for a step that has none of its own. */
function stepName(step: StepPlan): string {
  return step.name ?? `Run ${step.uses ?? step.run?.split('\n')[0] ?? ''}`
}

function rendered(texts: Readonly<Record<string, string>>, names: Names): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, render(text, names)]))
}

function prefixed(env: Readonly<Record<string, string>>): Names {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [`env.${name}`, value]))
}
