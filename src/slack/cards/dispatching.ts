import { sendableUntil } from '../../release/preconditions/age.ts'
import type { Release } from '../../release/release.ts'
import { date, duration } from '../mrkdwn.ts'
import { type Step, stepLine } from './marks.ts'

/** The wait after the last approval, while it runs. */
export function waitLines(release: Release): readonly string[] {
  const { stage, waitMs } = release
  if (stage.at !== 'wait') return []
  return [stepLine({ mark: 'under way', name: 'Wait', known: [duration(waitMs), expiryText(release)] })]
}

/** The last moment to send it: an approved release is not sent hours later. */
function expiryText(release: Release): string {
  return `the release expires if it is not sent by ${date(sendableUntil(release), '{date_short_pretty} at {time}')}`
}

/** What is sent, and what it waits for then. */
const sendings = {
  deploy: { name: 'Dispatch', awaited: 'waiting for the run to appear' },
  gate: { name: 'Gate', awaited: 'waiting for GitHub to answer' },
  rerun: { name: 'Re-run', awaited: 'waiting for the new attempt to appear' },
  rollback: { name: 'Update', awaited: 'waiting for AWS to answer' },
} as const

/** From the final checks to their result: a run exists, or AWS has answered. */
export function dispatchLines(release: Release): readonly string[] {
  const { stage, subject, sentAt, tracks } = release
  const { name, awaited } = sendings[subject.kind]
  switch (stage.at) {
    case 'approval':
    case 'wait':
    case 'underway':
      return []
    case 'ready':
      return [stepLine({ ...readyStep(stage), name, known: [expiryText(release)] })]
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

/** Nothing is sent while a precondition is waited for. */
function readyStep({ waiting }: Extract<Release['stage'], { at: 'ready' }>): Pick<Step, 'mark' | 'word'> {
  return waiting ? { mark: 'ahead', word: 'waiting' } : { mark: 'under way' }
}
