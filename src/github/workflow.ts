import { z } from 'zod'
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
import type { Contexts } from './expression.ts'
import { environmentExists } from './gate.ts'
import { calledInputs, dispatchContexts, jobEnvironments, skippedJobs } from './job-environments.ts'
import type { JobPlan } from './job-plans.ts'
import { otherStarts } from './other-starts.ts'
import { type RunningJob, type RunSources, runSources } from './run-sources.ts'
import { cut } from './text.ts'
import { Tree } from './tree.ts'
import { longestFile, readTrigger, type Trigger } from './workflow-file.ts'

const workflowShape = z.object({ path: z.string(), state: z.string() })
/** A folder is a list; a file of more than 1 MB comes with another encoding and no content. */
const contentShape = z
  .object({ type: z.string(), encoding: z.string().optional(), content: z.string().optional() })
  .or(z.array(z.unknown()))

export type WorkflowAsk = {
  readonly repository: string
  readonly workflow: string
  readonly branch: string
  /** Sha of the branch's tip: the file as it stands there is what would run. */
  readonly tip: string
}

/** What a dispatch would send, and what else the workflow runs and does as far as its files say. */
type Bound = RunSources & { readonly inputs: readonly BoundInput[] }
type Refused = { readonly refused: Refusal }
type Dispatchable = Extract<Trigger, { trigger: 'dispatch' }>

/**
 * The workflow's file on the branch's tip, one that can be dispatched. Refuses `workflow_unreadable`, `workflow_disabled`,
 * `workflow_without_trigger`. Throws `Trouble`.
 */
export async function readDispatchable(client: Client, ask: WorkflowAsk): Promise<Dispatchable | Refused> {
  const { repository, workflow, tip } = ask
  const there = await client.find({
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}',
    parameters: { ...ownerAndName(repository), workflow_id: workflow },
    shape: workflowShape,
  })
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
 * Binds its inputs, and looks where its jobs run. Refuses `input_missing`, `input_invalid`, `workflow_other_environment`.
 * Throws `Trouble`.
 */
export async function bindWorkflow(
  client: Client,
  ask: WorkflowAsk,
  {
    trigger,
    rules,
    tree,
  }: { readonly trigger: Dispatchable; readonly rules: BindingRules; readonly tree: Tree },
): Promise<Bound | Refused> {
  const bound = bindInputs(ask, trigger.inputs, rules)
  if ('refused' in bound) return bound
  const { inputs } = bound
  const unknown = await unknownEnvironments(client, ask, { declared: trigger.inputs, inputs })
  if (unknown.length > 0) return { refused: inputsRefused({ ...ask, ...rules }, unknown) }
  const { repository, branch } = ask
  const contexts = dispatchContexts({ repository, branch, declared: trigger.inputs, inputs })
  const jobs = new RunningJobs(client, ask)
  const judged = judgeEnvironments(ask, await jobs.of(trigger.jobs, contexts), rules)
  if ('refused' in judged) return judged
  const { sha } = rules.values
  const sources = await runSources(
    {
      repository,
      tip: tree,
      commit: sha === tree.commit ? tree : new Tree(client, repository, sha),
      head: takes(inputs, 'sha') ? 'tip' : 'approved',
      at: (other) => new Tree(client, repository, other),
    },
    ({ commit, path }) => fileAt(client, { repository, path, sha: commit }),
    jobs.running,
  )
  const events = otherStarts(trigger.events, branch)
  const notes: readonly WorkflowNote[] = [
    ...(events.length > 0 ? [{ note: 'starts-on', events } as const] : []),
    ...inputNotes(trigger.inputs, inputs),
    ...sources.notes,
    ...[...new Set(jobs.unread)].map(
      (what) => ({ note: 'not-read', what, why: 'twokey could not follow it' }) as const,
    ),
    ...judged.notes,
  ]
  return { inputs, paths: sources.paths, notes: notes.map(shortened) }
}

/** What a note says of a file, characters a text: it is stored, drawn and audited with the release. */
const longestInNote = 300

function shortened<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === 'string' ? cut(each, longestInNote) : each,
  )
}

/** What starts the workflow on the branch beside a dispatch, as its file there says. Throws `Trouble`. */
export async function workflowStarts(
  client: Client,
  { repository, workflow, branch }: Omit<WorkflowAsk, 'tip'>,
): Promise<readonly string[]> {
  const path = `.github/workflows/${workflow}`
  const text = await fileAt(client, { repository, path, sha: branch })
  const trigger = text === null ? null : readTrigger(text)
  return trigger && trigger.trigger !== 'unreadable' ? otherStarts(trigger.events, branch) : []
}

/** Inputs of the type `environment` whose value the repository does not have. */
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

/** How deep reusable workflows of the repository are followed, and how many of them. Source: docs.github.com, reusable workflows. */
const deepestCall = 4
const mostCalled = 50
/** How many jobs are looked at in all: a called workflow may call itself, and the largest in public have a tenth of it. */
const mostJobs = 500

/** The jobs of a workflow and where they run, those of reusable workflows of the same repository included; of others it is not known. */
class RunningJobs {
  /** The jobs that were looked at, but those that are surely skipped. */
  readonly running: RunningJob[] = []
  /** Workflows of the repository that are called and could not be read. */
  readonly unread: string[] = []
  readonly #client: Client
  readonly #ask: WorkflowAsk
  readonly #files = new Map<string, Promise<Trigger | null>>()
  #jobs = 0

  constructor(client: Client, ask: WorkflowAsk) {
    this.#client = client
    this.#ask = ask
  }

  /** Throws `Trouble`. */
  async of(
    jobs: readonly JobPlan[],
    contexts: Contexts,
    callers: readonly string[] = [],
  ): Promise<readonly JobEnvironment[]> {
    this.#jobs += jobs.length
    if (this.#jobs > mostJobs) {
      this.unread.push(`${jobs.length} jobs`)
      return [{ job: jobs[0]?.job ?? '', written: `${jobs.length} jobs`, environment: null }]
    }
    const skipped = skippedJobs(jobs, contexts)
    for (const plan of jobs)
      if (!skipped.has(plan.job))
        this.running.push({ name: [...callers, plan.job].join(' / '), plan, contexts })
    const called = await Promise.all(
      jobs.map(({ job, calls }) =>
        calls && !skipped.has(job) ? this.#called({ job, ...calls }, contexts, callers) : [],
      ),
    )
    return [...jobEnvironments(jobs, contexts), ...called.flat()]
  }

  async #called(
    { job, workflow, with: given }: NonNullable<JobPlan['calls']> & Pick<JobPlan, 'job'>,
    contexts: Contexts,
    callers: readonly string[],
  ): Promise<readonly JobEnvironment[]> {
    const trigger = callers.length < deepestCall ? await this.#file(workflow) : null
    if (!trigger || trigger.trigger === 'unreadable') {
      if (workflow.startsWith('./')) this.unread.push(workflow)
      return [{ job, written: workflow, environment: null }]
    }
    const inputs = calledInputs(trigger.events.workflow_call, given, contexts)
    const found = await this.of(trigger.jobs, { ...contexts, inputs }, [...callers, job])
    return found.map((each) => ({ ...each, job: `${job} / ${each.job}` }))
  }

  /** Null: it is of another repository, not there, or one too many. */
  #file(uses: string): Promise<Trigger | null> {
    const path = localWorkflow(uses)
    const known = this.#files.get(uses)
    if (known || path === null || this.#files.size >= mostCalled) return known ?? Promise.resolve(null)
    const { repository, tip: sha } = this.#ask
    const read = fileAt(this.#client, { repository, path, sha }).then((text) =>
      text === null ? null : readTrigger(text),
    )
    this.#files.set(uses, read)
    return read
  }
}

/** The path of a reusable workflow that is called as it stands in the same commit. */
function localWorkflow(uses: string): string | null {
  return /^\.\/(\.github\/workflows\/[^/]+\.ya?ml)$/.exec(uses)?.[1] ?? null
}

/** How many characters are kept of what names a job or its environment. */
const longestName = 300

/**
 * What no approval may rest on: a job in another environment of twokey.yml, where the branch alone decides, or where no job
 * may run in the one that is meant. Beside jobs that may, it is said: a build may borrow an environment's secrets.
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
  for (const { environment, ...said } of jobs) {
    const [job, written] = [said.job.slice(0, longestName), said.written.slice(0, longestName)]
    const other = environment === null ? null : otherEnvironmentNamed(environment, rules)
    if (other !== null && (isByBranch || !mayBeMeant))
      return { refused: workflowOtherEnvironment(ask, { job, environment: other, meant: rules }) }
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

/**
 * Characters of base64 that are decoded. No file that is cut by it is read: a character takes three bytes at most, and a byte
 * less than 1.4 characters of base64, ends of lines included.
 */
const mostEncoded = Math.ceil(longestFile * 3 * 1.4)

async function fileAt(
  client: Client,
  { repository, path, sha }: { readonly repository: string; readonly path: string; readonly sha: string },
): Promise<string | null> {
  const content = await client.find({
    route: 'GET /repos/{owner}/{repo}/contents/{path}',
    parameters: { ...ownerAndName(repository), path, ref: sha },
    shape: contentShape,
  })
  if (content === null || Array.isArray(content)) return null
  if (content.type !== 'file' || content.encoding !== 'base64' || content.content === undefined) return null
  return Buffer.from(content.content.slice(0, mostEncoded), 'base64').toString('utf8')
}
