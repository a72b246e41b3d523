import type { Reply } from '../../shepherd/reply.ts'
import { outside } from '../escape.ts'

/** How many names of a kind help shows. */
const namesShown = 20

/** What may be typed, with names that exist here. */
export function helpLines({
  command,
  services,
  environments,
}: Extract<Reply, { reply: 'help' }>): readonly string[] {
  const service = outside(services[0] ?? '<service>', 60)
  const environment = outside(environments.at(-1) ?? '<environment>', 60)
  const usage = command === '/rollback' ? [] : deployUsage(service, environment)
  return [
    ...usage,
    `\`/rollback ${service} 42\` – back to revision 42; \`/rollback ${service} 42 ${environment}\` names the environment`,
    `\`/rollback ${service}\` – the last revisions that ran well, to pick from`,
    `*Environments:* ${names(environments)}`,
    `*Services:* ${names(services)}`,
  ]
}

function deployUsage(service: string, environment: string): readonly string[] {
  return [
    '`/deploy` – a form: service, environment and commit',
    `\`/deploy ${environment} ${service}\` – the tip of the branch of ${environment}; a branch, tag or commit may follow, as in \`/deploy ${environment} ${service} v1.4.2\``,
    `\`/deploy ${environment} ${service} --emergency <reason>\` – past freezes and with fewer approvals, where twokey.yml allows it: announced, and acknowledged afterwards`,
    `\`/deploy status\` – what runs where, and what is in flight or missing; \`/deploy status ${environment}\` or \`${service}\` shows these alone`,
    `\`/deploy history ${service} ${environment}\` – what happened; \`/deploy history me\`, or a person picked after the @, shows what they asked for`,
    `\`/deploy lock ${environment} <reason>\` – no deploy goes there, rollbacks pass; \`/deploy lock ${environment} ${service} for 2h <reason>\` holds one service for a while, \`until 18:00\` and \`until tomorrow 9:00\` go too`,
    `\`/deploy unlock ${environment}\` – lifts it; \`/deploy lock ${environment} --take <reason>\` takes over another’s`,
    '`/deploy cancel` – cancels your release in flight',
  ]
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, namesShown).map((name) => outside(name, 60))
  const more = all.length - shown.length
  return `${shown.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`
}
