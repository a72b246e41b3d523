import type { Machine } from './machine.ts'

/** One step that is carried out. */
export type StepCall = {
  readonly machine: Machine
  /** Its variables and those of its job. */
  readonly variables: Readonly<Record<string, string>>
  /** `with`, rendered; a missing input is an empty text, as actions read them. */
  input(name: string): string
  /** Sets an output of the step. */
  output(name: string, value: string): void
}

/** What an action does. Throws a StepFailure where it fails. */
export type Action = (call: StepCall) => void | Promise<void>
