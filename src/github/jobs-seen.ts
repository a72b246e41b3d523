import { z } from 'zod'
import type { JobSeen, StepSeen, WorkflowSeen, WorkflowsSeen } from '../ports/doctor.ts'
import { bindInputs } from '../release/input-binding.ts'
import type { BindingRules, BoundInput, DeclaredInput } from '../release/inputs.ts'
import { allowance, type Contexts, plainValue, rendered } from './expression.ts'
import {
  calledInputs,
  dispatchContexts,
  jobEnvironments,
  startedContexts,
  withoutSkipped,
} from './job-environments.ts'
import type { JobPlan, StepPlan } from './job-plans.ts'
import { isOwn } from './uses.ts'
import { textsOf } from './variables.ts'
import { readTrigger, type Trigger, workflowValue } from './workflow-file.ts'
import { evaluatedTexts } from './workspace.ts'

/** The folder of a repository's workflows. */
export const workflowsFolder = '.github/workflows'

/** Workflow files by their paths. */
export type WorkflowFiles = ReadonlyMap<string, string>

type Ask = {
  readonly repository: string
  /** The file name of the workflow that twokey dispatches. */
  readonly workflow: string
  readonly branch: string
  readonly rules: BindingRules
}

/** Limit of nested workflows that are followed. Source: docs.github.com, reusable workflows. */
const maxCallDepth = 4

/** What the workflows of a branch do: the one that twokey dispatches as its dispatch would run, and the other ones. */
export function workflowsSeen(files: WorkflowFiles, ask: Ask): WorkflowsSeen {
  const own = `${workflowsFolder}/${ask.workflow}`
  const text = files.get(own)
  return {
    deploying: text === undefined ? null : workflowSeen(files, { path: own, text }, dispatched(ask)),
    others: [...files]
      .filter(([path]) => path !== own)
      .map(([path, text]) => workflowSeen(files, { path, text }, started(ask))),
  }
}

/** How a workflow is evaluated, by its inputs. */
type ContextsOf = (trigger: Exclude<Trigger, { trigger: 'unreadable' }>) => Contexts

function dispatched({ repository, workflow, branch, rules }: Ask): ContextsOf {
  return (trigger) => {
    const declared = trigger.trigger === 'dispatch' ? trigger.inputs : []
    return dispatchContexts({
      repository,
      branch,
      declared,
      inputs: boundInputs(workflow, declared, rules),
    })
  }
}

/** A workflow whose inputs cannot be bound is refused before a release; its jobs are read with the defaults. */
function boundInputs(
  workflow: string,
  declared: readonly DeclaredInput[],
  rules: BindingRules,
): readonly BoundInput[] {
  const bound = bindInputs({ workflow }, declared, rules)
  return 'inputs' in bound ? bound.inputs : []
}

function started({ repository, branch }: Ask): ContextsOf {
  return (trigger) =>
    startedContexts({
      repository,
      branch,
      event: 'push' in trigger.events ? 'push' : (Object.keys(trigger.events)[0] ?? 'push'),
      declared: trigger.trigger === 'dispatch' ? trigger.inputs.map(({ name }) => name) : [],
    })
}

function workflowSeen(
  files: WorkflowFiles,
  { path, text }: { readonly path: string; readonly text: string },
  contextsOf: ContextsOf,
): WorkflowSeen {
  const trigger = readTrigger(text)
  if (trigger.trigger === 'unreadable') return { path, why: trigger.why }
  return { path, jobs: jobsOf(files, { text, jobs: trigger.jobs }, contextsOf(trigger), []) }
}

/** What a caller hands on to the jobs of the workflow that it calls. */
type Caller = { readonly job: string } & Pick<JobSeen, 'idToken' | 'cancelledBy'>

function jobsOf(
  files: WorkflowFiles,
  { text, jobs }: { readonly text: string; readonly jobs: readonly JobPlan[] },
  contexts: Contexts,
  callers: readonly Caller[],
): readonly JobSeen[] {
  const settings = settingsIn(text)
  return withoutSkipped(jobs, contexts).flatMap((plan): readonly JobSeen[] => {
    const caller = callers.at(-1)
    const own = { ...noSettings, ...settings.jobs[plan.job] }
    const idToken = own.permissions ?? settings.permissions ?? caller?.idToken ?? 'default'
    const within = { ...contexts, env: evaluatedTexts(plan.env ?? {}, contexts) }
    const cancelledBy = isCancelling(own.concurrency, within)
      ? ('its own concurrency' as const)
      : isCancelling(settings.concurrency, within)
        ? ("the workflow's concurrency" as const)
        : (caller?.cancelledBy ?? null)
    if (plan.calls)
      return called(files, plan.calls, contexts, [...callers, { job: plan.job, idToken, cancelledBy }])
    const [named] = plan.environment === null ? [] : jobEnvironments([plan], contexts)
    const environments =
      named === undefined ? [null] : jobEnvironments([plan], contexts).map((each) => each.environment)
    return environments.map((environment) => ({
      job: [...callers.map(({ job }) => job), plan.job].join(' / '),
      environment: environment ?? plan.environment,
      idToken,
      cancelledBy,
      timeoutMinutes: own['timeout-minutes'],
      steps: plan.steps.map((step, index) => stepSeen(step, index, within)),
    }))
  })
}

/** The jobs of a workflow of the same repository. Others are not known. */
function called(
  files: WorkflowFiles,
  { workflow, with: given }: NonNullable<JobPlan['calls']>,
  contexts: Contexts,
  callers: readonly Caller[],
): readonly JobSeen[] {
  const text = isOwn(workflow) ? files.get(workflow.replace(/^\.\//, '')) : undefined
  if (text === undefined || callers.length > maxCallDepth) return []
  const trigger = readTrigger(text)
  if (trigger.trigger === 'unreadable') return []
  const inputs = calledInputs(trigger.events.workflow_call, given, contexts)
  return jobsOf(files, { text, jobs: trigger.jobs }, { ...contexts, inputs }, callers)
}

function stepSeen(
  { name, uses, with: settings, run, env }: StepPlan,
  index: number,
  contexts: Contexts,
): StepSeen {
  const variables = { ...contexts.env, ...evaluatedTexts(env ?? {}, contexts) }
  const within: Contexts = { ...contexts, env: variables, [allowance]: contexts[allowance] }
  const known = textsOf(variables)
  const filled = (script: string) =>
    script.replaceAll(
      /\$(?:(\w+)|\{(\w+)\})/g,
      (whole, bare?: string, braced?: string) => known[bare ?? braced ?? ''] ?? whole,
    )
  return {
    name: name ?? uses ?? `step ${index + 1}`,
    uses,
    with: Object.fromEntries(
      Object.entries(settings ?? {}).map(([key, value]) => [key, rendered(value, within) ?? value]),
    ),
    run: run === null ? null : filled(rendered(run, within) ?? run),
  }
}

/** `permissions` as far as they grant the token of the OIDC provider. A block of a job replaces that of the workflow. */
const permissions = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((said): 'granted' | 'not granted' => {
    const granted = typeof said === 'string' ? said === 'write-all' : said['id-token'] === 'write'
    return granted ? 'granted' : 'not granted'
  })
  .nullish()
  .catch(null)
const concurrency = z
  .looseObject({ 'cancel-in-progress': z.union([z.boolean(), z.string()]).default(false) })
  .transform((said) => said['cancel-in-progress'])
  .nullish()
  .catch(null)
const minutes = z.number().nullable().catch(null)

const jobSettings = z.looseObject({
  permissions,
  concurrency,
  'timeout-minutes': minutes.default(null),
})
const fileSettings = z.looseObject({
  permissions,
  concurrency,
  jobs: z.record(z.string(), jobSettings.catch({ 'timeout-minutes': null })).catch({}),
})

const noSettings = { permissions: null, concurrency: null, 'timeout-minutes': null }

function settingsIn(text: string): z.infer<typeof fileSettings> {
  return fileSettings.parse(workflowValue(text) ?? {})
}

/** An expression that only the run can evaluate counts as false: some workflows cancel only on other branches. */
function isCancelling(said: boolean | string | null | undefined, contexts: Contexts): boolean {
  return typeof said === 'string' ? plainValue(said, contexts) === true : said === true
}
