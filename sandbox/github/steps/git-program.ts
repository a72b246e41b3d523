import type { Commit } from '../git.ts'
import { type Call, type Program, Unsupported } from '../shell/program.ts'
import type { Machine } from './machine.ts'

/** `git`, with the commands that deploy scripts use to read the history. */
export function gitProgram(machine: Machine): Program {
  const { git } = machine.work.repository

  /** Resolves a name in the clone, which has only the tip unless the whole history was fetched. */
  function resolve(name: string): Commit | undefined {
    if (name === 'HEAD') return machine.head
    const found = git.resolve(name.replace(/^(refs\/remotes\/)?origin\//, '').replace(/\^\{commit\}$/, ''))
    return machine.history === 'whole' || found?.sha === machine.head?.sha ? found : undefined
  }

  function fatal({ error }: Call, name: string): number {
    error(`fatal: Not a valid object name ${name}\n`)
    return 128
  }

  function mergeBase(call: Call, names: readonly string[]): number {
    const [flag, one = '', other = ''] = names
    if (flag !== '--is-ancestor') throw new Unsupported('git merge-base')
    const [wanted, tip] = [resolve(one), resolve(other)]
    if (!wanted || !tip) return fatal(call, wanted ? other : one)
    return Number(!git.history(tip.sha).some(({ sha }) => sha === wanted.sha))
  }

  function revParse(call: Call, args: readonly string[]): number {
    const short = args.find((arg) => arg.startsWith('--short'))
    const isOther = args.some(
      (arg) => arg.startsWith('-') && arg !== short && !['--verify', '-q'].includes(arg),
    )
    if (isOther) throw new Unsupported('git rev-parse')
    const name = args.findLast((arg) => !arg.startsWith('-')) ?? 'HEAD'
    const found = resolve(name)
    if (!found) return fatal(call, name)
    const length = short ? Number(short.split('=')[1] ?? 7) : 40
    call.out(`${found.sha.slice(0, length)}\n`)
    return 0
  }

  return (call) => {
    const [command, ...args] = call.args
    if (!machine.head) {
      call.error('fatal: not a git repository (or any of the parent directories): .git\n')
      return 128
    }
    switch (command) {
      case 'merge-base':
        return mergeBase(call, args)
      case 'rev-parse':
        return revParse(call, args)
      case 'fetch':
        machine.history = 'whole'
        return 0
      case 'config':
        return 0
      default:
        throw new Unsupported(`git ${command}`)
    }
  }
}
