import { approvalVerdict } from '../../release/policy/approval-round.ts'
import { sendableUntil } from '../../release/preconditions/age.ts'
import type { Release } from '../../release/release.ts'
import { date, duration } from '../mrkdwn.ts'
import { stepLine } from './marks.ts'

/** The wait after the last approval, if there is one. */
export function waitLines(release: Release): readonly string[] {
  const { stage, waitMs, requestedAt, approvedAt, sentAt } = release
  const { missing } = approvalVerdict(release)
  if (waitMs === 0 || missing > 0 || stage.at === 'approval') return []
  if (stage.at === 'wait')
    return [
      stepLine({
        mark: 'under way',
        name: 'Wait',
        known: [duration(waitMs), expiryWords(release)],
      }),
    ]
  const until = (approvedAt ?? requestedAt) + waitMs
  const isOver = sentAt !== null || stage.at !== 'ended' || stage.since >= until
  return [stepLine({ mark: isOver ? 'done' : 'stopped', name: 'Wait', known: [duration(waitMs)] })]
}

/** The last moment to send it: an approved release is not shipped hours later. */
function expiryWords(release: Release): string {
  return `expires if not sent by ${date(sendableUntil(release), '{date_short_pretty} at {time}')}`
}

/** From the final checks to their result: a run exists, or ECS has answered. */
export function dispatchLines(release: Release): readonly string[] {
  const { stage, subject, sentAt, tracks } = release
  const isDeploy = subject.kind === 'deploy'
  const name = isDeploy ? 'Dispatch' : 'Update'
  const awaited = isDeploy ? 'waiting for the run to appear' : 'waiting for ECS to answer'
  switch (stage.at) {
    case 'approval':
    case 'wait':
    case 'underway':
      return []
    case 'ready':
      return [stepLine({ mark: 'under way', name, known: [expiryWords(release)] })]
    case 'sending':
      return [stepLine({ mark: 'under way', name, known: [`sent ${date(stage.lastAt)}`, awaited] })]
    case 'ended': {
      const isFollowed = tracks.run !== null || tracks.rollouts.some(({ seen, answered }) => seen ?? answered)
      if (sentAt === null || isFollowed) return []
      const mark = stage.outcome === 'unknown' ? 'unclear' : 'failed'
      return [stepLine({ mark, name, word: `sent ${date(sentAt)}` })]
    }
  }
}
