import type { Machine } from './machine.ts'

/** A step in execution. */
export type StepCall = {
  readonly machine: Machine
  /** Its variables and those of its job. */
  readonly variables: Readonly<Record<string, string>>
  /** An input of `with`, rendered; a missing input is an empty string, as for real actions. */
  input(name: string): string
  /** Sets an output of the step. */
  output(name: string, value: string): void
}

/** The implementation of an action. Throws a StepFailure if it fails. */
export type Action = (call: StepCall) => void | Promise<void>
