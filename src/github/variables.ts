import { type Contexts, rendered, StandIn } from './expression.ts'
import type { StepPlan, Texts } from './job-plans.ts'
import { isCheckout } from './uses.ts'
import { evaluatedTexts, headMark } from './workspace.ts'

/**
 * The variables of a job. Their values are known until a step has run that may have set others, by an action or by
 * `GITHUB_ENV`, in its text or in a script that it starts.
 */
export class Variables {
  /** As written in the workflow, whatever steps set. */
  readonly written: Contexts[string]
  #known: Contexts[string]

  /** @param texts null: known only in the run */
  constructor(texts: Texts | null, contexts: Contexts) {
    this.written = texts === null ? {} : evaluatedTexts(texts, contexts)
    this.#known = this.written
  }

  /**
   * The known variables of a step. Source: actions/runner, StepsRunner.
   * @param own of the step, and of the steps whose actions contain it: they override the job's
   */
  in(own: readonly (Texts | null)[]): Contexts[string] {
    const isHidden = (name: string) => own.some((env) => env === null || Object.hasOwn(env, name))
    const known = Object.entries(this.#known)
    // Returns the same object if nothing changes: the conversion for expressions is cached by identity.
    if (!known.some(([name]) => isHidden(name))) return this.#known
    return Object.fromEntries(known.filter(([name]) => !isHidden(name)))
  }

  /**
   * The value of a word of a script: the word itself, or that of the variable it names. Null: known only in the run.
   * @param own variables of the step
   * @param around variables of the steps whose actions contain it
   * @param contexts what is certain in the step
   */
  valueLookup(
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
    /** A variable that the script names without `$` may be assigned by it. */
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

  /** Forgets values that the step may have changed. A checkout sets none. */
  after({ uses }: StepPlan): void {
    if (uses === null || !isCheckout(uses)) this.#known = {}
  }
}

/** The values of variables that are known, as text. */
export function textsOf(values: Contexts[string]): Texts {
  const texts = Object.entries(values).map(([name, value]) => [name, textOf(value)] as const)
  return Object.fromEntries(texts.flatMap(([name, text]) => (text === null ? [] : [[name, text]])))
}

function textOf(value: Contexts[string][string]): string | null {
  if (value instanceof StandIn) return value.text
  return typeof value === 'string' ? value : null
}
