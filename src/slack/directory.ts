import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { MaxAge } from '../ports/ports.ts'
import type { PersonId } from '../release/names.ts'
import { type Account, accountSchema } from './account.ts'
import { Reads } from './reads.ts'

/** Reads accounts and user groups from Slack. Methods that send a request throw the error of a failed call. */
export type Directory = {
  account(id: PersonId, maxAge: MaxAge): Promise<Account>
  /** The account, if it was read within the last minute. Sends no request. */
  knownAccount(id: PersonId): Account | undefined
  /** Null if the group does not exist or is disabled; then it has no members. */
  membersOf(group: string, maxAge: MaxAge): Promise<ReadonlySet<PersonId> | null>
}

/** Checked in one pass: for a hundred thousand people, one schema each takes longer. */
const members = z.custom<readonly PersonId[]>(
  (users) => Array.isArray(users) && users.every((user) => typeof user === 'string'),
)

export function slackDirectory(web: WebClient, now: () => number): Directory {
  const accounts = new Reads<Account>(now)
  const groups = new Reads<ReadonlySet<PersonId> | null>(now)
  return {
    account: (id, maxAge) =>
      accounts.get(id, maxAge, async () => {
        const { user } = await web.users.info({ user: id })
        return readable('users.info', accountSchema.safeParse(user))
      }),
    knownAccount: (id) => accounts.peek(id),
    membersOf: (group, maxAge) =>
      groups.get(group, maxAge, async () => {
        try {
          const { users } = await web.usergroups.users.list({ usergroup: group, include_disabled: false })
          return new Set(readable('usergroups.users.list', members.safeParse(users)))
        } catch (error) {
          if (isRefusal(error, 'no_such_subteam')) return null
          throw error
        }
      }),
  }
}

/** Slack's answer in the shape that its documentation promises. Throws if it has another shape. */
export function readable<T>(method: string, parsed: z.ZodSafeParseResult<T>): T {
  if (!parsed.success) throw new Error(`Slack answered ${method} in an unexpected format`)
  return parsed.data
}

/** Whether Slack refused with one of these codes. */
export function isRefusal(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof WebAPIPlatformError && codes.includes(error.data.error)
}

/** Whether an entry of a list in twokey.yml is a user group; else it is an account. */
export function isGroup(entry: string): boolean {
  return entry.startsWith('S')
}
