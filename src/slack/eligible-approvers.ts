import { Trouble } from '../ports/ports.ts'
import type { PersonId } from '../release/names.ts'
import type {
  EligibleApprovers,
  EligibleApproversAsk,
  ListedGroup,
} from '../release/policy/eligible-approvers.ts'
import { accountRefusal, type Home } from './account.ts'
import { type Directory, isGroup, isRefusal } from './directory.ts'
import { asTrouble } from './trouble.ts'

/** The most accounts to look up: Slack allows about a hundred lookups a minute. */
const lookedAtMost = 100

/** The most accounts to look up at the same time. */
const atOnce = 10

/** Counts who may approve, person by person, and stops when there are enough. Throws `Trouble`. */
export async function countEligibleApprovers(
  { directory, home }: { readonly directory: Directory; readonly home: Home },
  list: readonly string[],
  { enough, voter }: EligibleApproversAsk,
): Promise<EligibleApprovers> {
  const groups = await Promise.all(list.filter(isGroup).map((id) => read(directory, id)))
  const named = list.filter((entry) => !isGroup(entry))
  const listed = [...new Set([...named, ...groups.flatMap(({ members }) => [...(members ?? [])])])]
  const candidates = listed.filter((id) => voter(id) !== null)
  /** The first account of each person. */
  const persons = new Map<PersonId, PersonId>()
  let looked = 0
  while (persons.size < enough && looked < Math.min(candidates.length, lookedAtMost)) {
    // First looks up as many accounts as are missing. The more of them do not count, the more are looked up at once.
    const size = Math.min(atOnce, Math.max(enough - persons.size, looked), lookedAtMost - looked)
    const batch = candidates.slice(looked, looked + size)
    looked += batch.length
    const members = await Promise.all(batch.map((id) => isMember(id)))
    for (const [index, id] of batch.entries()) {
      const person = members[index] ? voter(id) : null
      if (person !== null && !persons.has(person)) persons.set(person, id)
    }
  }
  return {
    persons: persons.size,
    accounts: [...persons.values()],
    groups: groups.map(({ id, members }): ListedGroup => ({ id, members: members?.size ?? null })),
    looked,
    candidates: candidates.length,
  }

  /** An account that Slack does not know does not count. */
  async function isMember(id: PersonId): Promise<boolean> {
    try {
      return accountRefusal(id, await directory.account(id, 'minute'), home) === null
    } catch (error) {
      if (isRefusal(error, 'user_not_found', 'user_not_visible')) return false
      throw because('the approvers could not be looked up', error)
    }
  }
}

async function read(directory: Directory, id: string) {
  try {
    return { id, members: await directory.membersOf(id, 'minute') }
  } catch (error) {
    throw because(`the members of the user group ${id} could not be read`, error)
  }
}

function because(what: string, error: unknown): Trouble {
  const { kind, message } = asTrouble(error)
  return new Trouble(kind, `${what}: ${message}`, { cause: error })
}
