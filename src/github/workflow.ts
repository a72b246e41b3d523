import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import { bindInputs, namesEnvironment, otherEnvironmentNamed, takes } from '../release/input-binding.ts'
import type {
  BindingRules,
  BoundInput,
  DeclaredInput,
  JobEnvironment,
  WorkflowNote,
} from '../release/inputs.ts'
import type { Refusal } from '../release/refusal.ts'
import { type InputProblem, inputsRefused } from '../release/refusals/inputs.ts'
import {
  workflowDisabled,
  workflowOtherEnvironment,
  workflowUnreadable,
  workflowUnreadableText,
  workflowUnreadableThere,
  workflowWithoutTrigger,
} from '../release/refusals/workflow.ts'
import { type Client, ownerAndName } from './client.ts'
import { environmentExists } from './environment.ts'
import { allowance } from './expression.ts'
import { fileAt } from './file.ts'
import { gateOf } from './gate.ts'
import { dispatchContexts } from './job-environments.ts'
import { otherStarts } from './other-starts.ts'
import type { Reviewer } from './reviewer.ts'
import { type RunSources, runSources } from './run-sources.ts'
import { RunningJobs } from './running-jobs.ts'
import { cut } from './text.ts'
import { Tree } from './tree.ts'
import { readTrigger, type Trigger } from './workflow-file.ts'

const workflowShape = z.object({ path: z.string(), state: z.string() })

type ListedWorkflow = z.infer<typeof workflowShape>

export type WorkflowAsk = {
  readonly repository: string
  readonly workflow: string
  readonly branch: string
  /** Sha of the branch's tip: a dispatch would run the file of this commit. */
  readonly tip: string
}

/** What a dispatch would send, and what the workflow runs besides according to its files. */
type Bound = RunSources & { readonly inputs: readonly BoundInput[] }
type Refused = { readonly refused: Refusal }
type Dispatchable = Extract<Trigger, { trigger: 'dispatch' }>

/**
 * Reads the workflow's file on the branch's tip and checks that it can be dispatched. Refuses `workflow_unreadable`,
 * `workflow_disabled`, `workflow_without_trigger`. Throws `Trouble`.
 */
export async function readDispatchable(client: Client, ask: WorkflowAsk): Promise<Dispatchable | Refused> {
  return dispatchableOf(client, ask, await findWorkflow(client, ask))
}

/** The workflow as GitHub lists it, whatever its file says; null if it does not. Throws `Trouble`. */
export function findWorkflow(
  client: Client,
  { repository, workflow }: Pick<WorkflowAsk, 'repository' | 'workflow'>,
): Promise<ListedWorkflow | null> {
  return client.find({
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}',
    parameters: { ...ownerAndName(repository), workflow_id: workflow },
    shape: workflowShape,
  })
}

/** Like `readDispatchable`, of a workflow that was found. */
export async function dispatchableOf(
  client: Client,
  ask: WorkflowAsk,
  there: ListedWorkflow | null,
): Promise<Dispatchable | Refused> {
  const { repository, tip } = ask
  if (!there || there.state === 'deleted') return { refused: workflowUnreadable(ask) }
  if (there.state !== 'active') return { refused: workflowDisabled(ask, there.state) }
  const text = await fileAt(client, { repository, path: there.path, sha: tip })
  if (text === null) return { refused: workflowUnreadableThere(ask, { path: there.path, tip }) }
  const trigger = readTrigger(text)
  switch (trigger.trigger) {
    case 'unreadable':
      return { refused: workflowUnreadableText(ask, trigger.why) }
    case 'other':
      return { refused: workflowWithoutTrigger(ask, Object.keys(trigger.events)) }
    case 'dispatch':
      return trigger
  }
}

/**
 * Binds the workflow's inputs and determines where its jobs run. Refuses `input_missing`, `input_invalid`,
 * `workflow_other_environment`. Throws `Trouble`.
 */
export async function bindWorkflow(
  client: Client,
  ask: WorkflowAsk,
  {
    trigger,
    rules,
    tree,
    reviewer,
  }: {
    readonly trigger: Dispatchable
    readonly rules: BindingRules
    readonly tree: Tree
    readonly reviewer: Reviewer
  },
): Promise<Bound | Refused> {
  const bound = bindInputs(ask, trigger.inputs, rules)
  if ('refused' in bound) return bound
  const { inputs } = bound
  const unknown = await unknownEnvironments(client, ask, { declared: trigger.inputs, inputs })
  if (unknown.length > 0) return { refused: inputsRefused({ ...ask, ...rules }, unknown) }
  const { repository, branch } = ask
  const contexts = dispatchContexts({ repository, branch, declared: trigger.inputs, inputs })
  const jobs = new RunningJobs(client, ask, tree)
  const [environments, startsOn] = await Promise.all([
    jobs.of(trigger.jobs, contexts),
    startsWithoutApproval(client, reviewer, {
      repository,
      environment: rules.values.environment,
      events: otherStarts(trigger.events, branch),
    }),
  ])
  const judged = judgeEnvironments(ask, environments, rules)
  if ('refused' in judged) return judged
  const { sha } = rules.values
  const sources = await runSources(
    {
      repository,
      tip: tree,
      commit: sha === tree.commit ? tree : new Tree(client, repository, sha),
      head: takes(inputs, 'sha') ? 'tip' : 'approved',
      at: (other) => new Tree(client, repository, other, 'perhaps'),
    },
    ({ commit, path }) => fileAt(client, { repository, path, sha: commit }),
    jobs.running,
  )
  const notes: readonly WorkflowNote[] = [
    ...startsOn,
    ...inputNotes(trigger.inputs, inputs),
    ...sources.notes,
    ...[...new Set(jobs.unread)].map(
      (what) => ({ note: 'not-read', what, why: 'twokey could not follow it' }) as const,
    ),
    ...(contexts[allowance].isExceeded ? [tooMuch] : []),
    ...judged.notes,
  ]
  return { inputs, paths: sources.paths, notes: shortenedNotes(notes) }
}

/**
 * What starts the workflow besides a dispatch, unless each run asks for its approvals at the gate of the environment. A
 * gate that cannot be read counts as none.
 */
async function startsWithoutApproval(
  client: Client,
  reviewer: Reviewer,
  {
    repository,
    environment,
    events,
  }: { readonly repository: string; readonly environment: string; readonly events: readonly string[] },
): Promise<readonly WorkflowNote[]> {
  if (events.length === 0) return []
  const gate = await gateOf(client, { repository, environment }, reviewer).catch((error: unknown) => {
    if (error instanceof Trouble) return null
    throw error
  })
  return gate?.gate === 'twokey' ? [] : [{ note: 'starts-on', events }]
}

/** Limit of characters quoted from a file in a note, which is stored, shown and audited with the release. */
const maxNoteLength = 300

/** Notes with long quotes cut. */
export function shortenedNotes(notes: readonly WorkflowNote[]): readonly WorkflowNote[] {
  return notes.map(shortened)
}

function shortened<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === 'string' ? cut(each, maxNoteLength) : each,
  )
}

const tooMuch: WorkflowNote = {
  note: 'not-read',
  what: 'expressions',
  why: 'the workflow and what it calls have more of them than twokey evaluates',
}

/** What starts the workflow on the branch besides a dispatch, according to its file there. Throws `Trouble`. */
export async function workflowStarts(
  client: Client,
  { repository, workflow, branch }: Omit<WorkflowAsk, 'tip'>,
): Promise<readonly string[]> {
  const path = `.github/workflows/${workflow}`
  const text = await fileAt(client, { repository, path, sha: branch })
  const trigger = text === null ? null : readTrigger(text)
  return trigger && trigger.trigger !== 'unreadable' ? otherStarts(trigger.events, branch) : []
}

/** Inputs of the type `environment` whose value is not an environment of the repository. */
async function unknownEnvironments(
  client: Client,
  { repository }: WorkflowAsk,
  {
    declared,
    inputs,
  }: { readonly declared: readonly DeclaredInput[]; readonly inputs: readonly BoundInput[] },
): Promise<readonly InputProblem[]> {
  const wanted = declared.flatMap((input) => {
    const bound = inputs.find(({ name }) => name === input.name)
    return input.type === 'environment' && bound && bound.value !== '' ? [{ input, bound }] : []
  })
  const found = await Promise.all(
    wanted.map(async ({ input, bound }) => ({
      input,
      bound,
      exists: await environmentExists(client, { repository, environment: bound.value }),
    })),
  )
  return found.flatMap(({ input, bound, exists }): readonly InputProblem[] =>
    exists ? [] : [{ problem: 'unknown-environment', input, bound }],
  )
}

/**
 * Refuses a workflow that approvals cannot rely on: a job runs in another environment of twokey.yml because of the
 * branch alone, or no job may run in the intended one. If other jobs may run in the intended one, it is only noted: a
 * build may borrow an environment's secrets.
 */
function judgeEnvironments(
  ask: WorkflowAsk,
  jobs: readonly JobEnvironment[],
  rules: BindingRules,
): { readonly notes: readonly WorkflowNote[] } | Refused {
  const isByBranch = rules.environmentFrom === 'branch'
  const mayBeMeant = jobs.some(
    ({ environment }) => environment === null || otherEnvironmentNamed(environment, rules) === null,
  )
  const notes: WorkflowNote[] = []
  for (const { job, written, environment } of jobs) {
    const other = environment === null ? null : otherEnvironmentNamed(environment, rules)
    if (other !== null && (isByBranch || !mayBeMeant))
      return {
        refused: workflowOtherEnvironment(ask, {
          job: cut(job, maxNoteLength),
          environment: other,
          meant: rules,
        }),
      }
    if (other !== null) notes.push({ note: 'other-environment', job, environment: other })
    if (environment === null && isByBranch) notes.push({ note: 'environment-unknown', job, written })
  }
  return { notes }
}

function inputNotes(
  declared: readonly DeclaredInput[],
  inputs: readonly BoundInput[],
): readonly WorkflowNote[] {
  return declared.flatMap((input): readonly WorkflowNote[] => {
    const bound = inputs.find(({ name }) => name === input.name)
    if (bound?.from === 'branch') return [{ note: 'follows-branch', input: input.name }]
    return bound === undefined && namesEnvironment(input) ? [{ note: 'left-empty', input: input.name }] : []
  })
}
