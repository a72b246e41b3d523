import { z } from 'zod'
import type { Membership } from '../release/approval.ts'
import type { PersonId } from '../release/names.ts'

/** Whose accounts count as ours. */
export type Home = {
  /** The workspace that the app is installed in. */
  readonly team: string
  /** Its organization on Enterprise Grid; null: it is of none. */
  readonly enterprise: string | null
  /** Workspaces of the same organization whose people count as ours, as the config lists them. */
  readonly workspaces: readonly string[]
}

/** What users.info tells of the kind of an account. */
export const accountSchema = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  enterprise_user: z
    .object({ enterprise_id: z.string().optional(), teams: z.array(z.string()).optional() })
    .nullish(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_workflow_bot: z.boolean().optional(),
  is_connector_bot: z.boolean().optional(),
  is_invited_user: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  tz: z.string().nullish(),
})
export type Account = z.infer<typeof accountSchema>

const external = { is: 'external', why: 'this account is of another workspace' } as const

/** Who is no full member, and why. */
type NoMember = Exclude<Membership, { is: 'member' }>

/** Why the workspace that a payload names speaks against the one who acts, whoever that is; null where it may be ours. */
export function foreignPayload(team: string, home: Home): NoMember | null {
  if (team === '') return { is: 'unknown', why: 'what Slack sent does not say of which workspace you are' }
  // Grid may name the organization, or another workspace of the person's: then users.info tells whether it is one of theirs.
  return home.enterprise !== null || isOurs(team, home) ? null : external
}

/** The same on Grid, once it is known of which workspaces the account is. @param team null: nobody acts now */
export function strangePayload(team: string | null, account: Account, home: Home): NoMember | null {
  const isKnown =
    team === null ||
    team === home.enterprise ||
    isOurs(team, home) ||
    workspacesOf(account, home).includes(team)
  return isKnown ? null : external
}

/**
 * Why an account may decide nothing here, as users.info tells it; null for a full member.
 * @param id as it was asked for: under a second id one person would count twice
 */
export function strangeAccount(id: PersonId, account: Account, home: Home): NoMember | null {
  if (account.id !== id) return { is: 'unknown', why: `Slack answered about another account than ${id}` }
  const strange = strangeness(account, home)
  if (strange !== null) return strange
  const untold = telling.find((field) => account[field] === undefined)
  return untold === undefined
    ? null
    : { is: 'unknown', why: `Slack did not say \`${untold}\` of this account` }
}

/** What Slack says of every account that is not deactivated: without one of them it is not told what kind it is. */
const telling = ['deleted', 'is_bot', 'is_restricted', 'is_ultra_restricted'] as const

function strangeness(account: Account, home: Home): NoMember | null {
  if (account.deleted) return { is: 'inactive', why: 'this account is deactivated' }
  if (isBot(account)) return { is: 'inactive', why: 'this is a bot' }
  // `is_stranger` is false for outsiders who share a channel with the app: the workspace decides. A guest may be one elsewhere.
  if (account.is_stranger || !isOfHome(account, home)) return external
  if (account.is_restricted || account.is_ultra_restricted)
    return { is: 'guest', why: 'guests may not decide anything here' }
  return account.is_invited_user
    ? { is: 'inactive', why: 'this account was invited and has not joined yet' }
    : null
}

function isBot({ id, is_bot, is_workflow_bot, is_connector_bot }: Account): boolean {
  return is_bot === true || is_workflow_bot === true || is_connector_bot === true || id === 'USLACKBOT'
}

function isOfHome(account: Account, home: Home): boolean {
  const { team_id } = account
  if (team_id === undefined || team_id === '') return false
  // Where the app is installed for a whole organization, Slack may name that in place of our workspace: the list alone admits then.
  if (team_id === home.team && team_id !== home.enterprise) return true
  return workspacesOf(account, home).some((workspace) => isOurs(workspace, home))
}

/** The workspaces of our organization that the account is of; none where it is of another organization, or of none. */
function workspacesOf({ team_id, enterprise_user }: Account, { enterprise }: Home): readonly string[] {
  if (enterprise === null || enterprise_user?.enterprise_id !== enterprise) return []
  return [team_id ?? '', ...(enterprise_user.teams ?? [])].filter(
    (team) => team !== '' && team !== enterprise,
  )
}

/** A listed workspace counts within an organization alone. */
function isOurs(team: string, { team: own, enterprise, workspaces }: Home): boolean {
  return team === own || (enterprise !== null && workspaces.includes(team))
}
