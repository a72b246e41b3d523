import { WebAPIPlatformError, type WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { Eligibility, Ineligible } from '../release/approval.ts'
import type { PersonId } from '../release/release.ts'
import type { People } from '../shepherd/ports.ts'
import { Expiring } from './expiring.ts'
import { asTrouble, sayError } from './trouble.ts'

/** How long what Slack said of a person or a group is believed, ms. */
const believedMs = 60_000

const account = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_workflow_bot: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
})
type Account = z.infer<typeof account>

export type PeopleNeeds = {
  readonly web: WebClient
  /** The workspace that the app is installed in. */
  readonly team: string
  readonly now?: () => number
}

/** Who people are, as Slack says at the moment, believed for a minute at most. Fails closed. */
export function slackPeople({ web, team, now = Date.now }: PeopleNeeds): People {
  const accounts = new Expiring<Account>(believedMs, now)
  const groups = new Expiring<ReadonlySet<PersonId>>(believedMs, now)

  /** Null: a member; else why not. */
  async function notAMember(id: PersonId): Promise<Eligibility | null> {
    const found = await accounts.get(id, async () => account.parse((await web.users.info({ user: id })).user))
    const why = strangeness(found, team)
    return why === null ? null : no('not_a_member', why)
  }

  /** A group that does not exist, or is disabled, holds nobody. */
  function membersOf(group: string): Promise<ReadonlySet<PersonId>> {
    return groups.get(group, async () => {
      try {
        const { users } = await web.usergroups.users.list({ usergroup: group, include_disabled: false })
        return new Set(z.array(z.string()).parse(users))
      } catch (error) {
        if (error instanceof WebAPIPlatformError && error.data.error === 'no_such_subteam') return new Set()
        throw error
      }
    })
  }

  /** The entry that admits the person; by name first, which needs no look. */
  async function admittedBy(id: PersonId, list: readonly string[]): Promise<string | null> {
    if (list.includes(id)) return id
    for (const group of list.filter(isGroup)) if ((await membersOf(group)).has(id)) return group
    return null
  }

  /** Whatever cannot be told is not eligible. */
  async function closed(look: () => Promise<Eligibility>): Promise<Eligibility> {
    try {
      return await look()
    } catch (error) {
      return no('identity_unknown', `Slack did not say who you are: ${sayError(error).replace(/\.$/, '')}`)
    }
  }

  return {
    standing: (id, lists) =>
      closed(async () => {
        const strange = await notAMember(id)
        if (strange) return strange
        let via: string | null = null
        for (const list of lists) {
          const entry = await admittedBy(id, list)
          if (entry === null)
            return no('not_an_approver', `<@${id}> is none of the approvers, by name or by group`)
          via ??= entry
        }
        return via === null
          ? no('not_an_approver', 'nobody is named who may approve')
          : { eligible: true, via }
      }),

    requester: (id, requesters) =>
      closed(async () => {
        const strange = await notAMember(id)
        if (strange) return strange
        if (requesters === 'everyone') return { eligible: true, via: 'everyone' }
        const via = await admittedBy(id, requesters)
        return via === null
          ? no('not_an_approver', `<@${id}> is none of those who may ask for a release here`)
          : { eligible: true, via }
      }),

    async count(list, { except, atMost }) {
      const counted = new Set<PersonId>()
      try {
        for (const id of await everybody()) {
          if (counted.size >= atMost) break
          if (!except.includes(id) && (await isMember(id))) counted.add(id)
        }
      } catch (error) {
        throw asTrouble(error)
      }
      return counted.size

      async function everybody(): Promise<ReadonlySet<PersonId>> {
        const members = await Promise.all(list.filter(isGroup).map(membersOf))
        return new Set([...list.filter((entry) => !isGroup(entry)), ...members.flatMap((each) => [...each])])
      }
    },
  }

  /** Somebody whom Slack does not know counts for nobody. */
  async function isMember(id: PersonId): Promise<boolean> {
    try {
      return (await notAMember(id)) === null
    } catch (error) {
      if (error instanceof WebAPIPlatformError && gone.has(error.data.error)) return false
      throw error
    }
  }
}

const gone: ReadonlySet<string> = new Set(['user_not_found', 'user_not_visible'])

function isGroup(entry: string): boolean {
  return entry.startsWith('S')
}

/** Why an account may decide nothing here; null for a full member of this workspace. */
function strangeness(found: Account, team: string): string | null {
  if (found.deleted) return 'this account is deactivated'
  if (found.is_bot || found.is_workflow_bot || found.id === 'USLACKBOT') return 'this is a bot'
  if (found.is_restricted || found.is_ultra_restricted) return 'guests may not decide anything here'
  if (found.is_stranger || found.team_id !== team) return 'this account is of another workspace'
  return null
}

function no(why: Ineligible, sentence: string): Eligibility {
  return { eligible: false, why, sentence }
}
