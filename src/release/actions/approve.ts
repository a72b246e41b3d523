import type { Setbacks } from '../facts.ts'
import { approve as countApproval } from '../policy/approval-round.ts'
import type { Release } from '../release.ts'
import { type Confirm, type DecidingButton, serviceEnvironmentText } from './action.ts'

export const approve: DecidingButton = {
  label: 'Approve',
  style: 'primary',
  confirm,
  isOffered: ({ stage }) => stage.at === 'approval',
  whoMay: 'approver in the channel',
  decide: (draft, { by, round, pressedAt }, { lock }) => countApproval(draft, { by, round, pressedAt, lock }),
}

/** Asks once more before commits are removed, or a commit ships whose CI failed, or that failed or was rolled back here before. */
function confirm(release: Release): Confirm | null {
  const { subject, facts, environment } = release
  if (subject.kind === 'rollback') return null
  const { changes, commit } = subject
  const why = [
    changes.known && changes.direction !== 'forward'
      ? `It removes commits that ${serviceEnvironmentText(release)} runs now.`
      : null,
    facts?.setbacks === undefined ? null : pastText(facts.setbacks, environment),
    (facts?.checks?.failed ?? 0) > 0 ? 'Its CI failed.' : null,
  ].filter((sentence) => sentence !== null)
  if (why.length === 0) return null
  return { title: `Approve ${commit.sha.slice(0, 7)}?`, text: why.join(' '), yes: 'Approve' }
}

/** A commit that was rejected was not deployed. */
function pastText({ failures, last }: Setbacks, environment: string): string {
  return failures === 0 && last.outcome === 'rejected'
    ? `It was rejected for ${environment} before.`
    : `It failed or was rolled back in ${environment} before.`
}
