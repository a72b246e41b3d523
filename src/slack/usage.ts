import { splitEmergency } from './deploy-words.ts'
import { buttonNamed, type Command, meansRollback, subcommands } from './vocabulary.ts'
import { words } from './words.ts'

const patterns = {
  deploy: '/deploy <environment> [<service>] [<branch, tag or commit>]',
  emergency: '/deploy <environment> [<service>] [<commit>] --emergency <reason>',
  help: '/deploy help',
  status: '/deploy status [<environment>] [<service>]',
  history: '/deploy history [<environment>] [<service>] [me] [since tuesday] [until 2026-11-24]',
  lock: '/deploy lock <environment> [<service>] <reason> [for 2h]',
  unlock: '/deploy unlock <environment> [<service>]',
  cancel: '/deploy cancel',
  notify: '/deploy notify [on | off]',
  doctor: '/deploy doctor [<environment>]',
  rollback: '/rollback <service> [<revision>] [<environment>]',
} as const

/** The usage of the command that begins with these words. */
export function usage(command: Command, typed: string): string {
  const first = words(typed)[0]
  if (command === '/rollback' || (first && meansRollback(first))) return patterns.rollback
  const subcommand = subcommands.find((name) => name === first?.lower)
  if (subcommand !== undefined) return patterns[subcommand]
  if (first && buttonNamed(first) !== undefined) return patterns.status
  return splitEmergency(typed) ? patterns.emergency : patterns.deploy
}
