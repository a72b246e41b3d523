import type { WebClient } from '@slack/web-api'
import { type MaxAge, type People, type Presence, Trouble } from '../ports/ports.ts'
import { foreign } from '../release/foreign.ts'
import type { PersonId } from '../release/names.ts'
import type { Eligibility, Ineligible, Membership } from '../release/policy/approval.ts'
import { accountRefusal, gridPayloadRefusal, type Home, nameOf, payloadRefusal } from './account.ts'
import { isGroup, slackDirectory } from './directory.ts'
import { countEligibleApprovers } from './eligible-approvers.ts'
import { asTrouble, sayError } from './trouble.ts'

/** A list of twokey.yml, its name in sentences, and the largest age of what Slack said of its groups. */
type Admission = { readonly list: readonly string[]; readonly named: string; readonly maxAge: MaxAge }

export type PeopleDeps = Home & { readonly web: WebClient; readonly now?: () => number }

/** Looks up people in Slack. If in doubt, it refuses. */
export function slackPeople({ web, now = Date.now, ...home }: PeopleDeps): People {
  const directory = slackDirectory(web, now)

  /** Checks both the payload that Slack sent and the account itself. */
  async function membership({ user, team }: Presence, maxAge: MaxAge): Promise<Membership> {
    const foreign = team === null ? null : payloadRefusal(team, home)
    if (foreign) return foreign
    if (user === '') return { is: 'unknown', why: 'Slack’s request does not include your account' }
    try {
      const account = await directory.account(user, maxAge)
      return (
        accountRefusal(user, account, home) ?? gridPayloadRefusal(team, account, home) ?? { is: 'member' }
      )
    } catch (error) {
      return { is: 'unknown', why: `Slack could not look you up: ${reasonOf(error)}` }
    }
  }

  /** Null for a full member; else why not. */
  async function membershipRefusal(who: Presence, maxAge: MaxAge): Promise<Eligibility | null> {
    const found = await membership(who, maxAge)
    switch (found.is) {
      case 'member':
        return null
      case 'guest':
      case 'external':
      case 'inactive':
        return no('not_a_member', found.why)
      case 'unknown':
        return no('identity_unknown', found.why)
    }
  }

  /**
   * The entry of the list that admits the person. Names come first, because they need no lookup. A person is refused only if
   * all groups could be read: one that could not be read might have admitted them.
   */
  async function admittedBy(id: PersonId, { list, named, maxAge }: Admission): Promise<Eligibility> {
    if (list.length === 0) return no('not_an_approver', 'twokey.yml lists nobody for this')
    if (list.includes(id)) return { eligible: true, via: id }
    let unread: Eligibility | null = null
    for (const group of list.filter(isGroup)) {
      try {
        if ((await directory.membersOf(group, maxAge))?.has(id)) return { eligible: true, via: group }
      } catch (error) {
        unread ??= no(
          'group_unknown',
          `the members of the user group ${group} could not be read: ${reasonOf(error)}`,
        )
      }
    }
    return unread ?? no('not_an_approver', `<@${id}> is not among ${named}`)
  }

  return {
    membership: (who) => membership(who, 'minute'),

    async standing(who, lists, maxAge = 'minute') {
      const refused = await membershipRefusal(who, maxAge)
      if (refused) return refused
      let standing: Eligibility = no('not_an_approver', 'twokey.yml lists nobody for this')
      for (const [index, list] of lists.entries()) {
        const admitted = await admittedBy(who.user, { list, named: 'the approvers', maxAge })
        if (!admitted.eligible) return admitted
        if (index === 0) standing = admitted
      }
      return standing
    },

    async requester(who, requesters, maxAge = 'minute') {
      const refused = await membershipRefusal(who, maxAge)
      if (refused) return refused
      if (requesters === 'everyone') return { eligible: true, via: 'everyone' }
      return admittedBy(who.user, { list: requesters, named: 'the requesters', maxAge })
    },

    async zone(id) {
      const { tz } = await withTrouble(() => directory.account(id, 'minute'))
      if (!tz) throw new Trouble('terminal', 'Slack has no time zone for your account')
      return tz
    },

    knownName(id) {
      const account = directory.knownAccount(id)
      return account ? nameOf(account) : null
    },

    eligibleApprovers: (list, ask) => countEligibleApprovers({ directory, home }, list, ask),
  }
}

async function withTrouble<T>(look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    throw asTrouble(error)
  }
}

function no(why: Ineligible, sentence: string): Eligibility {
  return { eligible: false, why, sentence }
}

function reasonOf(error: unknown): string {
  return foreign(sayError(error).replace(/\.$/, ''))
}
