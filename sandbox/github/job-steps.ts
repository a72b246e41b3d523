import { setTimeout as pause } from 'node:timers/promises'
import { type Contexts, evaluated, isMet, isTrue, render } from './expression.ts'
import type { PlannedJob, PlannedStep } from './planned-jobs.ts'
import type { Step } from './runs.ts'
import { StepFailure } from './step-failure.ts'
import { actionOf } from './steps/actions.ts'
import type { Machine } from './steps/machine.ts'
import { runScript } from './steps/run-script.ts'
import { type Ending, finish, start, touch, type Work } from './work.ts'
import type { JobPlan, StepPlan, WorkflowFile } from './workflow-shapes.ts'

/** The result of a step for the steps after it. */
type StepResult = {
  readonly outputs: Readonly<Record<string, string>>
  readonly outcome: 'success' | 'failure' | 'skipped'
  /** The outcome, if `continue-on-error` turns a failure into a success. */
  readonly conclusion: 'success' | 'failure' | 'skipped'
}

/** The steps of one job, executed one after the other on its machine. */
export class JobSteps {
  readonly #machine: Machine
  readonly #contexts: Contexts
  readonly #shell: string | undefined
  readonly #results = new Map<string, StepResult>()
  #status: 'success' | 'failure' = 'success'

  constructor(
    machine: Machine,
    of: { readonly file: WorkflowFile; readonly plan: JobPlan; readonly contexts: Contexts },
  ) {
    this.#machine = machine
    this.#contexts = of.contexts
    this.#shell = of.plan.defaults?.run?.shell ?? of.file.defaults?.run?.shell
  }

  get #work(): Work {
    return this.#machine.work
  }

  /** The contexts of expressions after the steps so far. */
  get contexts(): Contexts {
    return {
      ...this.#contexts,
      env: Object.fromEntries(this.#machine.variables),
      steps: Object.fromEntries(this.#results),
      job: { status: this.#status },
    }
  }

  /** Executes all steps, and returns the job's result. */
  async run({ steps }: PlannedJob): Promise<'success' | 'failure'> {
    for (const step of steps) await this.#step(step)
    return this.#status
  }

  async #step({ step, plan }: PlannedStep): Promise<void> {
    if (!plan) return this.#ofRunner(step)
    let met: boolean
    try {
      met = isMet(plan.if, this.contexts, { ...this.#asStatus(), cancelled: false })
    } catch (trouble) {
      return this.#end(step, plan, { outputs: {}, outcome: this.#failed(trouble) })
    }
    if (!met) return this.#end(step, plan, { outputs: {}, outcome: 'skipped' })
    start(step)
    touch(this.#work)
    this.#machine.log(`##[group]${step.name}`)
    const outputs: Record<string, string> = {}
    this.#machine.beginStep()
    let outcome: 'success' | 'failure' = 'success'
    try {
      await applyPlan(this.#work, step)
      await this.#execute(plan, outputs)
    } catch (trouble) {
      outcome = this.#failed(trouble)
    }
    Object.assign(outputs, this.#machine.endStep())
    this.#machine.log('##[endgroup]')
    this.#end(step, plan, { outputs, outcome })
  }

  #asStatus(): { success: boolean; failure: boolean } {
    return { success: this.#status === 'success', failure: this.#status === 'failure' }
  }

  /** The runner's own steps; the last one cleans up after every result. */
  async #ofRunner(step: Step): Promise<void> {
    start(step)
    touch(this.#work)
    this.#machine.log(`##[group]${step.name}`)
    await applyPlan(this.#work, step)
    finish(step, 'success')
    this.#machine.log('##[endgroup]')
    touch(this.#work)
  }

  /** Logs why a step failed. An end of the run from outside is thrown on. */
  #failed(trouble: unknown): 'failure' {
    if (this.#work.ending.signal.aborted || !(trouble instanceof Error)) throw trouble
    if (trouble instanceof StepFailure) for (const line of trouble.lines) this.#machine.log(line)
    this.#machine.log(`##[error]${trouble.message}`)
    return 'failure'
  }

  #end(step: Step, plan: StepPlan, result: Omit<StepResult, 'conclusion'>): void {
    const { outcome } = result
    const isForgiven =
      outcome === 'failure' && isTrue(evaluated(plan['continue-on-error'] ?? false, this.contexts))
    const conclusion = isForgiven ? 'success' : outcome
    if (conclusion === 'failure') this.#status = 'failure'
    if (plan.id !== undefined) this.#results.set(plan.id, { ...result, conclusion })
    finish(step, conclusion)
    touch(this.#work)
  }

  async #execute(plan: StepPlan, outputs: Record<string, string>): Promise<void> {
    const machine = this.#machine
    const own = { ...Object.fromEntries(machine.variables), ...textsOf(plan.env, this.contexts) }
    const contexts = { ...this.contexts, env: own }
    const variables = { ...machine.defaults, ...own }
    if (plan.run !== undefined) {
      const shell = plan.shell ?? this.#shell
      const folder = plan['working-directory'] && render(plan['working-directory'], contexts)
      return runScript(machine, { text: render(plan.run, contexts), variables, shell, folder })
    }
    const uses = plan.uses ?? ''
    const action = actionOf(uses, machine.aws ? 'there' : 'none')
    if (!action) return machine.logUnsupported(uses)
    const inputs = textsOf(plan.with, contexts)
    await action({
      machine,
      variables,
      input: (name) => inputs[name]?.trim() ?? '',
      output: (name, value) => {
        outputs[name] = value
      },
    })
  }
}

/** Settings as strings, with their expressions evaluated. */
export function textsOf(settings: unknown, contexts: Contexts): Record<string, string> {
  const values = evaluated(settings ?? {}, contexts)
  if (typeof values !== 'object' || values === null) return {}
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === null ? '' : String(value)]),
  )
}

/** Waits for the step's duration, and applies the failures that the run's plan has for the step. */
async function applyPlan({ world, pace, run, attempt, ending }: Work, step: Step): Promise<void> {
  const { plan } = attempt
  const { signal } = ending
  if (plan.cancelAt === step.name) ending.abort('cancelled' satisfies Ending)
  if (plan.timeOut?.step === step.name) ending.abort('timed_out' satisfies Ending)
  if (plan.holdAt === step.name)
    await world.until(() => world.isLetGo(run.id), { ms: Number.POSITIVE_INFINITY, signal })
  await pause(pace.jobStep, undefined, { signal })
  if (plan.failStep === step.name) throw new StepFailure('Process completed with exit code 1.')
}
