/** The part of the shell that a program sees and may change. */
export type ShellState = {
  readonly variables: Map<string, string>
  /** By absolute path. */
  readonly files: Map<string, string>
  readonly options: Set<string>
  folder: string
  /** The exit status of the last command. */
  readonly status: number
  /** Resolves a path to an absolute path. */
  path(path: string): string
  exit(status: number): never
  jump(to: 'end' | 'next'): never
}

/** One call of a program. */
export type Call = {
  readonly args: readonly string[]
  /** The piped input. */
  readonly input: string
  readonly shell: ShellState
  out(text: string): void
  error(text: string): void
}

/** A program; it returns its exit status. */
export type Program = (call: Call) => number | Promise<number>

/** A program, or a form of it, that the sandbox does not support: it does nothing, and the log says so. */
export class Unsupported extends Error {}

/** Ends the script, by `exit` or by a failure under `set -e`. */
export class Exit extends Error {
  readonly status: number

  constructor(status: number) {
    super(`exit ${status}`)
    this.status = status
  }
}
/** `break` or `continue` of a loop. */
export class Jump extends Error {
  readonly to: 'end' | 'next'

  constructor(to: 'end' | 'next') {
    super(to)
    this.to = to
  }
}

export type ShellSettings = {
  readonly programs: Readonly<Record<string, Program>>
  readonly variables: Map<string, string>
  /** By absolute path. */
  readonly files: Map<string, string>
  readonly folder: string
  out(line: string): void
  /** Called with each command that is not supported, as written in the script. */
  skipped(command: string): void
  /** When aborted, the script stops before its next command. */
  readonly signal: AbortSignal
  readonly options: Iterable<'errexit' | 'pipefail' | 'nounset'>
}
