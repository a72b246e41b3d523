import type { Release } from '../../release/release.ts'
import { waitingFor } from '../../release/waiting-for.ts'
import { outside } from '../escape.ts'
import { anyOf, date } from '../mrkdwn.ts'
import { unavailableWords } from './look-words.ts'

/** What the release waits for until it is sent, in one line. */
export function waitingLine(release: Release): string | null {
  const wait = waitingFor(release)
  if (wait === null) return null
  const { why, since, until, look, reason } = wait
  const words = outside(why, 200)
  if (look !== undefined && since !== undefined && reason !== undefined)
    return `*Waiting for:* ${words}. ${unavailableWords(look, { since, reason }, 150)}`
  const from = release.stage.at === 'approval' ? approversWords(release, release.stage.since) : ''
  return `*Waiting for:* ${words}${from}${until === undefined ? '' : ` until ${date(until, '{date_short_pretty} at {time_secs}')}`}.`
}

/** Who may give the missing approvals, and by when. */
function approversWords({ policy }: Release, since: number): string {
  return ` from ${anyOf(policy.approvers)}${barredWords(policy)}, by ${date(since + policy.expireAfterMs)}`
}

/** People whose approval the policy does not count, whatever group they are in. */
function barredWords({ requesterMayApprove, authorsMayApprove }: Release['policy']): string {
  const barred = [
    requesterMayApprove ? null : 'the requester',
    authorsMayApprove ? null : 'an author of what ships',
  ].filter((who) => who !== null)
  return barred.length === 0 ? '' : ` (not ${barred.join(' or ')})`
}
