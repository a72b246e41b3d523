import type { Contexts } from './expression.ts'
import type { StepPlan, Texts } from './job-plans.ts'
import { isCheckout } from './uses.ts'
import { evaluatedTexts } from './workspace.ts'

/**
 * The variables of a job: known until a step has run that may have set others, by an action or by `GITHUB_ENV`, in its text or in a
 * script that it starts.
 */
export class Variables {
  /** As the workflow writes them, whatever steps set. */
  readonly written: Contexts[string]
  #known: Contexts[string]

  /** @param texts null: which they are is known only in the run */
  constructor(texts: Texts | null, contexts: Contexts) {
    this.written = texts === null ? {} : evaluatedTexts(texts, contexts)
    this.#known = this.written
  }

  /**
   * What is known of them in a step. Source: actions/runner, StepsRunner.
   * @param own of the step, and of those whose actions it lies in: they come before the job's
   */
  in(own: readonly (Texts | null)[]): Contexts[string] {
    const names = own.flatMap((env) => Object.keys(env ?? this.#known))
    if (names.length === 0) return this.#known
    return { ...this.#known, ...Object.fromEntries(names.map((name) => [name, undefined])) }
  }

  /** A checkout sets none. */
  after({ uses }: StepPlan): void {
    if (uses === null || !isCheckout(uses)) this.#known = {}
  }
}
