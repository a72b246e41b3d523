import type { Answer } from '../answer.ts'
import type { Draft } from '../draft.ts'
import type { Observation } from '../look.ts'
import { endUnseen, endWithGate, followRun, isUnderReview, readGate, reviewAgainMs } from '../tracks/gate.ts'
import { sendAgainLater } from './send-again.ts'

/** Handles GitHub's answer to an opened gate. What is not certain, the next look shows. */
export function gateAnswered(
  draft: Draft,
  { answer, reason, verdict }: Extract<Answer, { to: 'review-gate' }>,
): undefined {
  if (draft.release.stage.at !== 'sending' || verdict !== 'approved') return
  switch (answer) {
    case 'taken':
      return followOpenedGate(draft)
    case 'refused':
      draft.end('failed', `GitHub did not let twokey open the gate: ${reason}; nothing was rolled out`)
      return
    case 'held back':
      // A rate limit of GitHub ends no sooner for being asked again.
      return sendAgainLater(draft, { notBefore: draft.now + reviewAgainMs })
    case 'unclear':
      return undefined
  }
}

function followOpenedGate(draft: Draft): undefined {
  const { subject, tracks } = draft.release
  if (subject.kind !== 'gate' || !tracks.gate) return
  draft.track({ gate: { ...tracks.gate, is: 'passed' } })
  followRun(draft, subject)
}

/**
 * Looks whether a review without an answer arrived. If the run still waits, everything is checked again before another
 * review.
 */
export function lookForOpening(draft: Draft, seen: Observation): undefined {
  const sighting = readGate(draft, seen)
  const { gate } = draft.release.tracks
  if (!gate) return
  // A person looked again at a release whose run was gone.
  if (gate.is === 'closed') return endUnseen(draft, 'the run does not wait there any more')
  if (sighting === null) {
    const { gate: unavailable } = draft.release.blind
    if (unavailable?.lost) endUnseen(draft, unavailable.reason)
    return
  }
  switch (sighting.gate) {
    case 'passed':
      return followOpenedGate(draft)
    case 'waiting':
      return isUnderReview(gate, draft.now) ? undefined : sendAgainLater(draft, {})
    case 'rejected':
    case 'run ended':
    case 'started again':
    case 'gone':
      endWithGate(draft, sighting)
  }
}
