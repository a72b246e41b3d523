import type { Release } from '../../release/release.ts'
import { sendableUntil } from '../../release/steps/age.ts'
import { approvalVerdict } from '../../release/steps/approval.ts'
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
        known: [`until ${date(stage.until, '{date_short_pretty} at {time_secs}')}`, expiryWords(release)],
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

type Ready = Extract<Release['stage'], { at: 'ready' }>

function readyWords({ notBefore, placeAskedAt }: Ready, { required }: Release['policy']): string {
  if (notBefore !== undefined)
    return `GitHub asked to wait until ${date(notBefore, '{date_short_pretty} at {time_secs}')}; it is sent again then`
  if (placeAskedAt !== null) return 'waiting for the previous release to stop'
  return `${required > 0 ? 'what was approved' : 'what was asked for'} is checked once more`
}

/** From the final checks to their result: a run exists, or ECS has answered. */
export function dispatchLines(release: Release): readonly string[] {
  const { stage, subject, sentAt, tracks, policy } = release
  const isDeploy = subject.kind === 'deploy'
  const name = isDeploy ? 'Dispatch' : 'Update'
  const awaited = isDeploy ? 'waiting for the run to appear' : 'waiting for ECS to answer'
  switch (stage.at) {
    case 'approval':
    case 'wait':
    case 'underway':
      return []
    case 'ready':
      return [stepLine({ mark: 'under way', name, known: [readyWords(stage, policy), expiryWords(release)] })]
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
