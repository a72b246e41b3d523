import type { DirectChoice } from '../messages/direct.ts'
import type { InboxItem } from '../messages/intent.ts'
import { mayNotGetDirect } from '../release/refusals/people.ts'
import { accountsOf, type Settings } from '../settings/settings.ts'
import { type AnswerDeps, completeInTransaction, completeWithRefusal } from './complete.ts'

/** Stores whether the caller wants direct messages, for all their accounts, or only says what applies now. */
export async function notify(deps: AnswerDeps, item: InboxItem, wanted: DirectChoice | null): Promise<void> {
  const { user } = item.from
  const membership = await deps.outside.people.membership(item.from)
  if (membership.is !== 'member') return completeWithRefusal(deps, item, mayNotGetDirect(membership))
  const person = accountsOf(deps.settings).find(({ slack }) => slack.includes(user))
  await deps.checkpoint('before notify committed')
  await completeInTransaction(deps, item, async (tx, now) => {
    if (wanted !== null) await tx.direct.choose(person?.slack ?? [user], wanted, now)
    const choice = wanted ?? (await tx.direct.choice(user))
    return { reply: 'done', sentence: stateText(choice, deps.settings.directMessages) }
  })
  await deps.checkpoint('notify committed')
}

const asApprover = 'when your approval is requested'
const asRequester = 'when a release that you requested has ended'

function stateText(
  choice: DirectChoice | null,
  { approvers, requester }: Settings['directMessages'],
): string {
  if (choice === 'on')
    return `Direct messages are on for you: ${asApprover}, and ${asRequester}. \`/deploy notify off\` turns them off.`
  if (choice === 'off') return 'Direct messages are off for you. `/deploy notify on` turns them on.'
  if (!approvers && !requester)
    return `You get no direct messages, as twokey.yml says for everyone. \`/deploy notify on\` turns them on for you: ${asApprover}, and ${asRequester}.`
  if (approvers && requester)
    return `You get direct messages ${asApprover}, and ${asRequester}, as twokey.yml says for everyone. \`/deploy notify off\` turns them off for you.`
  const [given, other] = approvers ? [asApprover, asRequester] : [asRequester, asApprover]
  return `You get direct messages ${given}, as twokey.yml says for everyone. \`/deploy notify on\` adds those ${other}, \`/deploy notify off\` turns all of them off for you.`
}
