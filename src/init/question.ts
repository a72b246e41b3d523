/** A question of `twokey init`. Each has an option of the command, which answers it in advance. */
export type Question = {
  /** The option, without `--`. */
  readonly option: string
  /** What is asked, as a sentence. */
  readonly text: string
  /** The possible answers; absent: any text. */
  readonly choices?: readonly string[]
  /** The likely answer, which Enter and `--yes` accept; absent: there is none. */
  readonly usual?: string
  /** Why this is no answer, one sentence; null if it is one. Absent: any text, or one of the choices. */
  readonly problem?: (answer: string) => string | null
}

/** Gets the answer to a question. */
export type Ask = (question: Question) => Promise<string>

/** Why this is no answer to the question, one sentence; null if it is one. */
export function problemOf({ choices, problem, option }: Question, answer: string): string | null {
  if (choices && !choices.includes(answer))
    return `${answer === '' ? 'Nothing' : `\`${answer}\``} is not a possible answer for --${option}. Choose one of: ${choices.join(', ')}.`
  if (answer === '') return `--${option} is empty.`
  return problem?.(answer) ?? null
}

/** A question without an answer, or with one that is not possible. The message is one sentence. */
export class Unanswered extends Error {}
