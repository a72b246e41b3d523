/** A failed step: the log lines before the error, and the error. */
export class StepFailure extends Error {
  readonly lines: readonly string[]

  constructor(message: string, lines: readonly string[] = []) {
    super(message)
    this.lines = lines
  }
}
