import { input, select } from '@inquirer/prompts'
import { type Ask, problemOf, type Question, Unanswered } from '../init/question.ts'

/** Options of `twokey init`: the answers to its questions, as typed. */
export type InitOptions = {
  readonly folder: string
  /** Takes the likely answer to each question that no option answers. */
  readonly yes?: true
  readonly format: string
} & Readonly<Partial<Record<Answerable, string>>>

/** The options that answer a question. */
type Answerable =
  | 'repository'
  | 'production'
  | 'development'
  | 'container'
  | 'migration'
  | 'channel'
  | 'approvers'

/** The option, else the likely answer. @throws {Unanswered} */
export function likely(options: InitOptions): Ask {
  return async (question) => {
    const answer = given(options, question) ?? question.usual
    if (answer === undefined) throw new Unanswered(missing(question))
    return accepted(question, answer)
  }
}

function missing({ option, text, choices }: Question): string {
  return `--${option} is missing. ${text}${choices ? ` One of: ${choices.join(', ')}.` : ''}`
}

/** The option, else what the person at the terminal answers. @throws {Unanswered} for an option that is no answer */
export function dialog(options: InitOptions): Ask {
  return async (question) => {
    const { text: message, choices, usual } = question
    const answer = given(options, question)
    if (answer !== undefined) return accepted(question, answer)
    const usually = usual === undefined ? {} : { default: usual }
    if (choices) return select({ message, choices: [...choices], ...usually })
    return input({ message, ...usually, validate: (typed) => problemOf(question, typed) ?? true })
  }
}

function given(options: InitOptions, { option }: Question): string | undefined {
  return options[option as Answerable]
}

function accepted(question: Question, answer: string): string {
  const problem = problemOf(question, answer)
  if (problem !== null) throw new Unanswered(problem)
  return answer
}

/** Asks the same, and keeps the answers by their options. */
export function remembering(ask: Ask, answered: Map<string, string>): Ask {
  return async (question) => {
    const answer = await ask(question)
    answered.set(question.option, answer)
    return answer
  }
}
