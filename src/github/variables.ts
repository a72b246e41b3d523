import { type Contexts, rendered, StandIn } from './expression.ts'
import type { StepPlan, Texts } from './job-plans.ts'
import { isCheckout } from './uses.ts'
import { evaluatedTexts, headMark } from './workspace.ts'

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
    const isHidden = (name: string) => own.some((env) => env === null || Object.hasOwn(env, name))
    const known = Object.entries(this.#known)
    // The same object where it says the same: what is made of it for expressions is kept by it.
    if (!known.some(([name]) => isHidden(name))) return this.#known
    return Object.fromEntries(known.filter(([name]) => !isHidden(name)))
  }

  /**
   * What a word of a script means: itself, or the value of the variable that it is. Null: only the run tells.
   * @param own of the step. @param around of those whose actions it lies in. @param contexts what is surely known in the step
   */
  inScript(
    script: string,
    {
      own,
      around,
      contexts,
    }: {
      readonly own: Texts | null
      readonly around: readonly (Texts | null)[]
      readonly contexts: Contexts
    },
  ): (word: string) => string | null {
    const known = this.#known
    /** Of what the script writes without a `$`, anything may be what it sets. */
    const perhapsSet = new Set([...script.matchAll(/(?<![\w$]|\$\{)\w+/g)].map(([name]) => name))
    return (word) => {
      const name = /^\$(\w+)$/.exec(word)?.[1]
      if (name === undefined) return word.includes('$') ? null : word
      if (perhapsSet.has(name) || own === null) return null
      if (name === 'GITHUB_SHA') return headMark
      if (Object.hasOwn(own, name)) return rendered(own[name]!, contexts)
      if (around.some((env) => env === null || Object.hasOwn(env, name))) return null
      return textOf(known[name])
    }
  }

  /** A checkout sets none. */
  after({ uses }: StepPlan): void {
    if (uses === null || !isCheckout(uses)) this.#known = {}
  }
}

/** What variables are in a script, as far as that is known. */
export function textsOf(values: Contexts[string]): Texts {
  const texts = Object.entries(values).map(([name, value]) => [name, textOf(value)] as const)
  return Object.fromEntries(texts.flatMap(([name, text]) => (text === null ? [] : [[name, text]])))
}

function textOf(value: Contexts[string][string]): string | null {
  if (value instanceof StandIn) return value.text
  return typeof value === 'string' ? value : null
}
