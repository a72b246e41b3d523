import type { Answer } from '../answer.ts'
import type { AttemptSearch } from '../attempts.ts'
import type { Draft } from '../draft.ts'
import { foreign } from '../foreign.ts'
import type { Look, Observation } from '../look.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import { foundRun } from '../tracks/run.ts'
import { sendAgainLater, waitForGitHub } from './send-again.ts'

/** Handles GitHub's answer to a re-run. It names no attempt, so the next look finds what was accepted. */
export function rerunAnswered(draft: Draft, answer: Extract<Answer, { to: 'rerun' }>): undefined {
  if (draft.release.stage.at !== 'sending') return
  switch (answer.answer) {
    case 'refused':
      draft.end('failed', `GitHub did not run the failed jobs again: ${answer.reason}`)
      return
    case 'held back':
      return sendAgainLater(draft, {})
    case 'limited':
      return waitForGitHub(draft, answer)
    case 'accepted':
    case 'unclear':
      return undefined
  }
}

/** The look for the new attempt, once its start was marked. */
export function looksForAttempt({ subject }: Release): readonly Look[] {
  if (subject.kind !== 'rerun') return []
  const { repository, run } = subject
  return [{ look: 'findAttempt', repository, runId: run.id, attempt: run.attempt }]
}

/**
 * Looks for the attempt that twokey started. Only the next one can be it, and only if nobody else started one: what an
 * attempt of somebody else did before was not approved.
 */
export function lookForAttempt(draft: Draft, seen: Observation): undefined {
  const { stage, settleMs, subject } = draft.release
  if (stage.at !== 'sending' || subject.kind !== 'rerun') return
  // People and the stored release treat an attempt that cannot be found as a run that cannot be read.
  const search = readLook(draft, 'run', seen.findAttempt)
  if (!search) {
    const unavailable = draft.release.blind.run
    if (unavailable?.lost) notFound(draft, unavailable.reason)
    return
  }
  const { value } = search
  if (value.found === 'one') {
    const { id, attempt, url } = value.run
    return foundRun(draft, { id, attempt, url, seen: value.run })
  }
  if (draft.now < stage.since) draft.change({ stage: { ...stage, since: draft.now } })
  if (draft.now - stage.since >= settleMs) notFound(draft, missedText(value, subject.run.attempt))
}

function missedText(search: Exclude<AttemptSearch, { found: 'one' }>, attempt: number): string {
  if (search.found === 'none') return `the run has no attempt after ${attempt}`
  const started = search.attempts.map(
    (each) => `attempt ${each.attempt} by ${each.login === null ? 'somebody' : foreign(each.login)}`,
  )
  return `GitHub shows ${started.join(', ')}`
}

function notFound(draft: Draft, why: string): void {
  draft.end(
    'unknown',
    `the re-run was sent, but twokey could not determine whether it started an attempt: ${why}`,
  )
}
