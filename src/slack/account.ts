import { z } from 'zod'
import type { PersonId } from '../release/names.ts'
import type { Membership } from '../release/policy/approval.ts'
import { oneLine } from './escape.ts'

/** The workspace and organization whose accounts may act here. */
export type Home = {
  /** The workspace in which the app is installed. */
  readonly team: string
  /** Its organization on Enterprise Grid; null if the workspace belongs to none. */
  readonly enterprise: string | null
  /** Other workspaces of the same organization whose people may act here, as the config lists them. */
  readonly workspaces: readonly string[]
}

/** A name is for people only: nothing depends on it. */
const name = z.string().nullish().catch(null)

/** The fields of `users.info` that show what kind of account it is, and whose. */
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
  real_name: name,
  profile: z.object({ real_name: name, display_name: name }).nullish().catch(null),
})
export type Account = z.infer<typeof accountSchema>

const external = { is: 'external', why: 'this account belongs to another workspace' } as const

/** A person who is not a full member, and why. */
type NonMember = Exclude<Membership, { is: 'member' }>

/** Refuses a payload from another workspace, regardless of its sender. Null if the workspace may be ours. */
export function payloadRefusal(team: string, home: Home): NonMember | null {
  if (team === '') return { is: 'unknown', why: 'Slack’s request does not include your workspace' }
  // On Grid, Slack may name the organization or another workspace of the person. `users.info` then shows whether it is one of
  // theirs.
  return home.enterprise !== null || isOurs(team, home) ? null : external
}

/** The same check on Grid, once the workspaces of the account are known. @param team null: nobody is acting now */
export function gridPayloadRefusal(team: string | null, account: Account, home: Home): NonMember | null {
  const isKnown =
    team === null ||
    team === home.enterprise ||
    isOurs(team, home) ||
    workspacesOf(account, home).includes(team)
  return isKnown ? null : external
}

/**
 * Why an account may decide nothing here, according to `users.info`; null for a full member.
 * @param id the requested id: an answer under another id would let one person count twice
 */
export function accountRefusal(id: PersonId, account: Account, home: Home): NonMember | null {
  if (account.id !== id) return { is: 'unknown', why: `Slack answered about another account than ${id}` }
  const refusal = kindRefusal(account, home)
  if (refusal !== null) return refusal
  const missing = requiredFields.find((field) => account[field] === undefined)
  return missing === undefined
    ? null
    : { is: 'unknown', why: `Slack did not send \`${missing}\` for this account` }
}

/** Slack sends these fields for every account that is not deactivated. If one is missing, the kind of account is unknown. */
const requiredFields = ['deleted', 'is_bot', 'is_restricted', 'is_ultra_restricted'] as const

function kindRefusal(account: Account, home: Home): NonMember | null {
  if (account.deleted) return { is: 'inactive', why: 'this account is deactivated' }
  if (isBot(account)) return { is: 'inactive', why: 'this is a bot' }
  // `is_stranger` is false for outsiders who share a channel with the app, so the workspace decides. A member here may be a
  // guest elsewhere.
  if (account.is_stranger || !isOfHome(account, home)) return external
  if (account.is_restricted || account.is_ultra_restricted)
    return { is: 'guest', why: 'guests cannot request or approve releases' }
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
  // If the app is installed for a whole organization, Slack may name the organization instead of our workspace. Then only the
  // list admits people.
  if (team_id === home.team && team_id !== home.enterprise) return true
  return workspacesOf(account, home).some((workspace) => isOurs(workspace, home))
}

/** The account's workspaces within our organization; empty if the account belongs to another organization, or to none. */
function workspacesOf({ team_id, enterprise_user }: Account, { enterprise }: Home): readonly string[] {
  if (enterprise === null || enterprise_user?.enterprise_id !== enterprise) return []
  return [team_id ?? '', ...(enterprise_user.teams ?? [])].filter(
    (team) => team !== '' && team !== enterprise,
  )
}

/** A listed workspace counts only within an organization. */
function isOurs(team: string, { team: own, enterprise, workspaces }: Home): boolean {
  return team === own || (enterprise !== null && workspaces.includes(team))
}

/** Limit of a name, characters. Slack's own is 80. */
const longestName = 100

/** The full name of a person, else the display name; null if Slack sent neither. A deactivated account has it in its profile alone. */
export function nameOf({ real_name, profile }: Account): string | null {
  const all = [real_name, profile?.real_name, profile?.display_name]
  const found = all.map((each) => oneLine(each ?? '')).find((each) => each !== '')
  return found?.slice(0, longestName) ?? null
}
