import { builtins } from '../shell/builtins.ts'
import { Shell } from '../shell/shell.ts'
import { StepFailure } from '../step-failure.ts'
import { awsProgram } from './aws-program.ts'
import { dockerProgram } from './docker-program.ts'
import { gitProgram } from './git-program.ts'
import type { Machine } from './machine.ts'

type Script = {
  readonly text: string
  readonly variables: Readonly<Record<string, string>>
  /** `bash`, `sh`, or another program; GitHub's default is bash. */
  readonly shell: string | undefined
  readonly folder: string | undefined
}

/**
 * Runs the script of a step. Syntax and programs that the sandbox does not support do nothing, and the log says so.
 * Throws a StepFailure if the script exits with a status other than 0.
 */
export async function runScript(machine: Machine, script: Script): Promise<void> {
  const { text, variables } = script
  const command = script.shell ?? 'bash -e {0}'
  if (!/^(bash|sh)\b/.test(command)) return machine.logUnsupported(`a script of ${command}`)
  if (!machine.aws && /\b(aws|docker)\s/.test(text)) return machine.logUnsupported(text.trim())
  const log = lineByLine((line) => say(machine, line))
  const shell = new Shell({
    programs: {
      ...builtins({ second: machine.work.pace.jobStep / 4, signal: machine.work.ending.signal }),
      aws: awsProgram(machine),
      docker: dockerProgram(machine),
      git: gitProgram(machine),
    },
    variables: new Map(Object.entries(variables)),
    files: machine.files,
    folder: machine.workspace,
    out: log.write,
    skipped: (command) => machine.logUnsupported(command),
    signal: machine.work.ending.signal,
    options: command === 'bash' ? ['errexit', 'pipefail'] : ['errexit'],
  })
  if (script.folder) shell.folder = shell.path(script.folder)
  const status = await shell.run(text).catch((trouble: unknown) => {
    if (!(trouble instanceof SyntaxError)) throw trouble
    machine.logUnsupported(`a script with unsupported syntax (${trouble.message})`)
    return 0
  })
  log.end()
  if (status !== 0) throw new StepFailure(`Process completed with exit code ${status}.`)
}

function lineByLine(say: (line: string) => void): { write(text: string): void; end(): void } {
  let rest = ''
  return {
    write(text) {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      for (const line of lines) say(line)
    },
    end() {
      if (rest !== '') say(rest)
    },
  }
}

/** Writes a line to the log; a workflow command is shown as the runner shows it. */
function say(machine: Machine, line: string): void {
  const [, command, message] = /^::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line) ?? []
  if (command === undefined) machine.log(line)
  else if (['error', 'warning', 'notice', 'group'].includes(command)) machine.log(`##[${command}]${message}`)
  else if (command === 'endgroup') machine.log('##[endgroup]')
}
