import type { Reply } from '../../messages/reply.ts'
import { inCode, outside } from '../escape.ts'
import { firstOf } from '../mrkdwn.ts'

/** How many services, and how many environments, help lists. */
const namesShown = 20

/** The commands, with names from the config file. */
export function helpLines(help: Extract<Reply, { reply: 'help' }>): readonly string[] {
  const service = help.services[0] ?? '<service>'
  const environment = help.environments.at(-1) ?? '<environment>'
  const usage = help.command === '/rollback' ? [] : deployUsage(service, environment)
  return [
    ...usage,
    `${typed(`/rollback ${service} 42`)} – back to revision 42; ${typed(`/rollback ${service} 42 ${environment}`)} names the environment`,
    `${typed(`/rollback ${service}`)} – the last revisions that ran well, to pick from`,
    ...nameLines(help),
  ]
}

/** The names in the config file. */
export function nameLines({
  services,
  environments,
}: {
  readonly services: readonly string[]
  readonly environments: readonly string[]
}): readonly string[] {
  return [`*Environments:* ${names(environments)}`, `*Services:* ${names(services)}`]
}

function deployUsage(service: string, environment: string): readonly string[] {
  return [
    `${typed('/deploy')} – a form: service, environment and commit`,
    `${typed(`/deploy ${environment} ${service}`)} – the tip of the branch of ${outside(environment, 60)}; a branch, tag or commit may follow, as in ${typed(`/deploy ${environment} ${service} v1.4.2`)}`,
    `${typed(`/deploy ${environment} ${service} --emergency <reason>`)} – deploys during a freeze and with fewer approvals, if twokey.yml allows it; announced in the channel, acknowledged afterwards`,
    `${typed('/deploy status')} – what runs where, and what is in progress or missing; ${typed(`/deploy status ${environment}`)} or ${typed(service)} shows only these`,
    `${typed(`/deploy history ${service} ${environment}`)} – past releases; ${typed('/deploy history me')}, or a person picked after the @, shows what that person requested or approved; ${typed('since tuesday')} and ${typed('until 2026-11-24')} also work`,
    `${typed(`/deploy lock ${environment} <reason>`)} – blocks deploys to it; rollbacks stay possible; ${typed(`/deploy lock ${environment} ${service} for 2h <reason>`)} locks one service for a while, ${typed('until 18:00')} and ${typed('until tomorrow 9:00')} also work`,
    `${typed(`/deploy unlock ${environment}`)} – unlocks it; ${typed(`/deploy lock ${environment} --take <reason>`)} takes over somebody else’s lock`,
    `${typed('/deploy cancel')} – cancels your release in progress`,
  ]
}

function typed(command: string): string {
  return inCode(command, 250)
}

function names(all: readonly string[]): string {
  return firstOf(all, namesShown, (name) => outside(name, 60)) || 'none'
}
