import type { PersonId } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'
import { waitingFor } from '../../release/waiting-for.ts'
import { outside } from '../escape.ts'
import { anyOf, date, mention } from '../mrkdwn.ts'
import { unavailableText } from './look-words.ts'

/** What the release waits for until it is sent, in one line. */
export function waitingLine(release: Release): string | null {
  const wait = waitingFor(release)
  if (wait === null) return null
  const { why, since, until, look, reason } = wait
  const words = outside(why, 200)
  if (look !== undefined && since !== undefined && reason !== undefined)
    return `*Waiting for:* ${words}. ${unavailableText(look, { since, reason }, 150)}`
  if (release.stage.at === 'approval') return neededText(release, words, release.stage.since)
  return `*Waiting for:* ${words}${until === undefined ? '' : ` until ${date(until, '{date_short_pretty} at {time_secs}')}`}.`
}

/** `Needs 2 approvals from @deployers or @Dai, not from @Ana. Expires today at 19:21.` */
function neededText({ lock, subject, policy, requester }: Release, words: string, since: number): string {
  const isLocked = lock !== null && subject.kind !== 'rollback'
  const needed = isLocked ? `*Waiting for:* ${words}` : `*Needs ${words}*`
  const expires = date(since + policy.expireAfterMs, '{date_short_pretty} at {time}')
  return `${needed} from ${anyOf(policy.approvers)}${excludedApproversText(policy, requester)}. Expires ${expires}.`
}

/** People whose approval the policy does not count, whatever group they are in. */
export function excludedApproversText(
  {
    requesterMayApprove,
    authorsMayApprove,
  }: Pick<Release['policy'], 'requesterMayApprove' | 'authorsMayApprove'>,
  requester: PersonId,
): string {
  const barred = [
    requesterMayApprove ? null : mention(requester),
    authorsMayApprove ? null : 'an author of the commits being deployed',
  ].filter((who) => who !== null)
  return barred.length === 0 ? '' : `, not from ${barred.join(' or ')}`
}
