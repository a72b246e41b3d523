import type { Reply } from '../../messages/reply.ts'
import { inCode, outside } from '../escape.ts'
import { firstOf } from '../mrkdwn.ts'

/** How many services, and how many environments, help lists. */
const namesShown = 20

/** The commands by what a person wants, one command a line, with names from the config file. */
export function helpGroups(help: Extract<Reply, { reply: 'help' }>): readonly (readonly string[])[] {
  const service = help.services[0] ?? '<service>'
  const environment = help.environments.at(-1) ?? '<environment>'
  const names = { service, environment }
  const rollback = titled('Roll back', rollbackUsage(names))
  const groups =
    help.command === '/rollback'
      ? [rollback]
      : [
          titled('Deploy', deployUsage(names)),
          rollback,
          titled('Look', lookUsage(names)),
          titled('Lock', lockUsage(names)),
          titled('Cancel', cancelUsage),
          titled('Notify', notifyUsage),
        ]
  return [...groups, nameLines(help)]
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

type Names = { readonly service: string; readonly environment: string }

/** A command, and what it does. */
type Usage = readonly [command: string, does: string]

function titled(title: string, usage: readonly Usage[]): readonly string[] {
  return [`*${title}*`, ...usage.map(([command, does]) => `${typed(command)} – ${does}`)]
}

function deployUsage({ service, environment }: Names): readonly Usage[] {
  return [
    ['/deploy', 'opens a form'],
    [
      `/deploy ${environment} ${service}`,
      `deploys the newest commit of the branch of ${outside(environment, 60)}`,
    ],
    [`/deploy ${environment} ${service} v1.4.2`, 'deploys a branch, tag or commit of that branch'],
    [
      `/deploy ${environment} ${service} --emergency <reason>`,
      'deploys with fewer approvals, also during a freeze, if twokey.yml allows it; notifies the channel',
    ],
  ]
}

function rollbackUsage({ service, environment }: Names): readonly Usage[] {
  return [
    [`/rollback ${service}`, 'lists recent healthy revisions to choose from'],
    [`/rollback ${service} 42`, 'goes back to revision 42'],
    [`/rollback ${service} 42 ${environment}`, 'the same in another environment'],
  ]
}

function lookUsage({ service, environment }: Names): readonly Usage[] {
  return [
    ['/deploy status', 'shows what runs where, and what is in progress'],
    [`/deploy status ${environment}`, 'shows one environment, or one service'],
    [`/deploy history ${service} ${environment}`, 'shows past releases'],
    [`/deploy doctor ${environment}`, 'looks for faults in the setup of GitHub, AWS and Slack'],
    [
      '/deploy history me',
      'shows releases that you requested or approved; to see another person’s, type @ and pick a name',
    ],
    ['/deploy history approved by me', 'shows those that you approved; `requested by me` the others'],
    [
      '/deploy history since tuesday',
      'shows the releases from that day on; `until 2026-11-24` ends the list',
    ],
  ]
}

function lockUsage({ service, environment }: Names): readonly Usage[] {
  return [
    [
      `/deploy lock ${environment} <reason>`,
      `blocks deploys to ${outside(environment, 60)}; rollbacks still work`,
    ],
    [
      `/deploy lock ${environment} <reason> for 2h`,
      'ends by itself; `until 18:00` and `until tomorrow 9:00` also work',
    ],
    [`/deploy lock ${environment} ${service} <reason>`, 'locks one service'],
    [`/deploy lock ${environment} --take <reason>`, 'takes over the lock of somebody else; approvers only'],
    [`/deploy unlock ${environment}`, 'unlocks it'],
  ]
}

const cancelUsage: readonly Usage[] = [
  ['/deploy cancel', 'cancels your release in progress'],
  ['/deploy help', 'shows this list'],
]

const notifyUsage: readonly Usage[] = [
  [
    '/deploy notify on',
    'sends you a direct message when your approval is requested, and when a release that you requested has ended',
  ],
  ['/deploy notify off', 'sends you none; `/deploy notify` alone says what applies now'],
]

function typed(command: string): string {
  return inCode(command, 250)
}

function names(all: readonly string[]): string {
  return firstOf(all, namesShown, (name) => outside(name, 60)) || 'none'
}
