import { tier2, tier4 } from '../rates.ts'
import { groupOnWire, userOnWire } from '../wire.ts'
import { ApiError, flagArg, type Method, requiredArg } from './method.ts'

const usersInfo: Method = {
  name: 'users.info',
  token: 'bot',
  scope: 'users:read',
  rate: tier4,
  support: 'partial',
  note: 'the fields for the kind of account',
  execute: ({ args, workspace }) => {
    const user = workspace.users.get(requiredArg(args, 'user'))
    if (!user) throw new ApiError('user_not_found')
    return { user: userOnWire(user, { locale: flagArg(args, 'include_locale') }) }
  },
}

const groupsList: Method = {
  name: 'usergroups.list',
  token: 'bot',
  scope: 'usergroups:read',
  rate: tier2,
  support: 'supported',
  note: '',
  execute: ({ args, workspace }) => ({
    usergroups: [...workspace.groups.values()]
      .filter((group) => !group.disabled || flagArg(args, 'include_disabled'))
      .map((group) => ({
        ...groupOnWire(group, workspace.team),
        ...(flagArg(args, 'include_users') && { users: group.members }),
      })),
  }),
}

const groupMembers: Method = {
  name: 'usergroups.users.list',
  token: 'bot',
  scope: 'usergroups:read',
  rate: tier2,
  support: 'supported',
  note: 'includes guests and people who have left, so the app must check each account',
  execute: ({ args, workspace }) => {
    const group = workspace.groups.get(requiredArg(args, 'usergroup'))
    if (!group || (group.disabled && !flagArg(args, 'include_disabled')))
      throw new ApiError('no_such_subteam')
    return { users: group.members }
  },
}

export const userMethods: readonly Method[] = [usersInfo, groupsList, groupMembers]
