import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { MaxAge } from '../ports/ports.ts'
import type { PersonId } from '../release/names.ts'
import { type Account, accountSchema } from './account.ts'
import { Reads } from './reads.ts'

/** What Slack says of accounts and user groups. Both throw whatever kept Slack from telling. */
export type Directory = {
  account(id: PersonId, maxAge: MaxAge): Promise<Account>
  /** Null: there is no such group, or it is disabled; it holds nobody. */
  membersOf(group: string, maxAge: MaxAge): Promise<ReadonlySet<PersonId> | null>
}

/** Checked in one go: of a hundred thousand people, a schema for each takes longer. */
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

/** What Slack answered, in the shape that its page of the method promises; else nothing can be told. */
export function readable<T>(method: string, parsed: z.ZodSafeParseResult<T>): T {
  if (!parsed.success) throw new Error(`Slack answered ${method} with something else than it promises`)
  return parsed.data
}

/** Whether Slack refused with one of these codes. */
export function isRefusal(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof WebAPIPlatformError && codes.includes(error.data.error)
}

/** Whether an entry of a list in twokey.yml names a user group; else it names an account. */
export function isGroup(entry: string): boolean {
  return entry.startsWith('S')
}
