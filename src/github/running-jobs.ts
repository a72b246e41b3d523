import { setImmediate as turn } from 'node:timers/promises'
import type { JobEnvironment } from '../release/inputs.ts'
import type { Client } from './client.ts'
import type { Contexts } from './expression.ts'
import { fileAt } from './file.ts'
import { calledInputs, jobEnvironments, withoutSkipped } from './job-environments.ts'
import type { JobPlan } from './job-plans.ts'
import type { RunningJob } from './run-sources.ts'
import type { Tree } from './tree.ts'
import { isLocal, isOwn, selfPath } from './uses.ts'
import { readTrigger, type Trigger } from './workflow-file.ts'

/** Limit of nested reusable workflows that are followed, and of their number. Source: docs.github.com, reusable workflows. */
const maxCallDepth = 4
const mostCalled = 50
/** Limit of jobs in total: a called workflow may call itself. The largest public workflows have a tenth of it. */
const maxJobs = 500

/** `tip`: sha of the commit in which files are read. */
type Where = { readonly repository: string; readonly tip: string }

/**
 * Finds the jobs of a workflow and where they run, including those of reusable workflows of the same repository; those
 * of other repositories are not known.
 */
export class RunningJobs {
  /** The jobs found, without those that are certainly skipped. */
  readonly running: RunningJob[] = []
  /** Called workflows of the repository that could not be read. */
  readonly unread: string[] = []
  readonly #client: Client
  readonly #ask: Where
  readonly #tip: Tree
  readonly #texts = new Map<string, Promise<string | null>>()
  readonly #triggers = new Map<string, Trigger>()
  #jobs = 0

  constructor(client: Client, ask: Where, tip: Tree) {
    this.#client = client
    this.#ask = ask
    this.#tip = tip
  }

  /** Throws `Trouble`. */
  async of(
    jobs: readonly JobPlan[],
    contexts: Contexts,
    callers: readonly string[] = [],
  ): Promise<readonly JobEnvironment[]> {
    this.#jobs += jobs.length
    if (this.#jobs > maxJobs) {
      this.unread.push(`${jobs.length} jobs`)
      return [{ job: jobs[0]?.job ?? '', written: `${jobs.length} jobs`, environment: null }]
    }
    const running = withoutSkipped(jobs, contexts)
    for (const plan of running)
      this.running.push({ name: [...callers, plan.job].join(' / '), plan, contexts })
    const environments = [...jobEnvironments(running, contexts)]
    const calling = running.flatMap(({ job, calls }) => (calls ? [{ job, ...calls }] : []))
    // Fetched concurrently, evaluated one after the other.
    if (callers.length < maxCallDepth) await Promise.all(calling.map(({ workflow }) => this.#text(workflow)))
    for (const call of calling) environments.push(...(await this.#called(call, contexts, callers)))
    return environments
  }

  async #called(
    { job, workflow, with: given }: NonNullable<JobPlan['calls']> & Pick<JobPlan, 'job'>,
    contexts: Contexts,
    callers: readonly string[],
  ): Promise<readonly JobEnvironment[]> {
    // Yield to the event loop: reading and evaluating a file may take a tenth of a second.
    await turn()
    const trigger = callers.length < maxCallDepth ? await this.#readTrigger(workflow) : null
    if (!trigger || trigger.trigger === 'unreadable') {
      if (isOwn(workflow)) this.unread.push(workflow)
      return [{ job, written: workflow, environment: null }]
    }
    const inputs = calledInputs(trigger.events.workflow_call, given, contexts)
    const found = await this.of(trigger.jobs, { ...contexts, inputs }, [...callers, job])
    return found.map((each) => ({ ...each, job: `${job} / ${each.job}` }))
  }

  async #readTrigger(uses: string): Promise<Trigger | null> {
    const text = await this.#text(uses)
    if (text === null) return null
    const trigger = this.#triggers.get(uses) ?? readTrigger(text)
    this.#triggers.set(uses, trigger)
    return trigger
  }

  /** Null if the workflow is of another repository, does not exist, or exceeds the limit. */
  #text(uses: string): Promise<string | null> {
    const path = localWorkflow(uses)
    const known = this.#texts.get(uses)
    if (known || path === null || this.#texts.size >= mostCalled) return known ?? Promise.resolve(null)
    const read = this.#read(path)
    this.#texts.set(uses, read)
    return read
  }

  /** The tree shows which files exist, at no cost while unchanged; each 404 counts against the rate limit. */
  async #read(path: string): Promise<string | null> {
    const { repository, tip: sha } = this.#ask
    const { found } = await this.#tip.find(path)
    return found === 'file' ? fileAt(this.#client, { repository, path, sha }) : null
  }
}

/** The path of a reusable workflow of the same commit. */
function localWorkflow(uses: string): string | null {
  const path = selfPath(uses) ?? (isLocal(uses) ? uses : null)
  return /^(?:\.\/)?(\.github\/workflows\/[^/]+\.ya?ml)$/.exec(path ?? '')?.[1] ?? null
}
