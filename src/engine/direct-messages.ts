import type { People } from '../ports/ports.ts'
import type { ReleasePost } from '../release/effects.ts'
import type { PersonId, Time } from '../release/names.ts'
import { isAwaitingApprovals, personToAsk } from '../release/policy/asked-approvers.ts'
import type { Release } from '../release/release.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store, Transaction } from '../store/store.ts'

/** The most people who are asked for an approval of one release by direct message. */
const mostAsked = 10

/** Writes the direct messages that follow from these posts of a release: of its request, and of its end. */
export async function writeDirectMessages(
  tx: Transaction,
  { release, posts, settings }: { release: Release; posts: readonly ReleasePost[]; settings: Settings },
  now: Time,
): Promise<void> {
  const { approvers, requester } = settings.directMessages
  const isRequested = posts.some(({ story }) => story.tell === 'asked')
  if (isRequested && isAwaitingApprovals(release) && (approvers || (await tx.direct.isWantedByAny())))
    await tx.direct.askApprovers(release.id, now)
  const end = posts.findLast(({ story }) => story.tell === 'ended')
  if (end === undefined) return
  const choice = await tx.direct.choice(release.requester)
  if (choice === 'on' || (choice === null && requester))
    await tx.direct.sendOutcome(release.id, { to: release.requester, end: end.key }, now)
}

/**
 * The people who are asked for an approval by direct message, one account each: those who turned direct messages on come
 * first; then, if twokey.yml says so, all others who have not turned them off. Both in the order of the list of
 * approvers: people whom it names, then the members of its groups. Throws `Trouble` if they cannot be looked up.
 */
export async function approversToAsk(
  { store, people, settings }: { store: Store; people: People; settings: Settings },
  release: Release,
): Promise<readonly PersonId[]> {
  const choices = await store.direct.choices()
  const asked = async (most: number, isMeant: (account: PersonId) => boolean) => {
    const { accounts } = await people.eligibleApprovers(release.policy.approvers, {
      enough: most,
      voter: (account) => (isMeant(account) ? personToAsk(release, account) : null),
    })
    return accounts.slice(0, most)
  }
  const wanting = [...choices.values()].includes('on')
    ? await asked(mostAsked, (account) => choices.get(account) === 'on')
    : []
  if (!settings.directMessages.approvers || wanting.length >= mostAsked) return wanting
  const isAsked = new Set(wanting.map((account) => personToAsk(release, account)))
  const others = await asked(
    mostAsked - wanting.length,
    (account) => !choices.has(account) && !isAsked.has(personToAsk(release, account)),
  )
  return [...wanting, ...others]
}
