import { slack as seed } from '../seed.ts'
import type { App, User } from './entities.ts'
import { type Clock, Workspace } from './workspace.ts'

/** The smallest set of scopes that the app works with, as in its manifest. */
const scopes = [
  'commands',
  'chat:write',
  'users:read',
  'usergroups:read',
  'channels:history',
  'channels:read',
]

export const defaultApp: App = {
  id: 'A0TWOKEY',
  name: 'twokey',
  botId: 'B0TWOKEY',
  userId: 'U0TWOKEY',
  botToken: 'xoxb-sandbox',
  appToken: 'xapp-sandbox',
  scopes,
  messagesTab: true,
  commands: [
    {
      command: '/deploy',
      description: 'Deploy a service, or see what runs where',
      hint: '<environment> <service> [branch, tag or commit] | status | history | lock | unlock | cancel | notify | help',
      escapes: true,
    },
    {
      command: '/rollback',
      description: 'Take a service back to a revision that ran well',
      hint: '<service> [revision] [environment] | help',
      escapes: false,
    },
  ],
}

type SeedPerson = {
  readonly id: string
  readonly name: string
  readonly guest?: boolean
  readonly deleted?: boolean
  readonly team?: string
}

/** The default world: the seed's people and groups, and one channel whose members are everybody who has not left. */
export function seededWorkspace({ app, now }: { app: App; now: Clock }): Workspace {
  const workspace = new Workspace({ team: seed.team, app, now })
  const people: readonly SeedPerson[] = seed.people
  for (const { id, name, guest = false, deleted = false, team = seed.team } of people) {
    workspace.users.set(id, { id, name, team, kind: guest ? 'guest' : 'member', deleted, stranger: false })
  }
  workspace.users.set(app.userId, botUser(app))
  for (const group of seed.groups) {
    workspace.groups.set(group.id, { ...group, members: [...group.members], disabled: false })
  }
  const members = [...workspace.users.values()].filter((user) => !user.deleted).map((user) => user.id)
  workspace.channels.set(seed.channel.id, {
    ...seed.channel,
    kind: 'public',
    members: new Set(members),
    archived: false,
    external: false,
  })
  return workspace
}

function botUser({ userId, name }: App): User {
  return { id: userId, name, team: seed.team, kind: 'bot', deleted: false, stranger: false }
}
