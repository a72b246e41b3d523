import type { Draft } from '../draft.ts'
import { waitingComment } from './gate-comment.ts'

/** The most reports about one release. GitHub keeps ten of a deployment. */
const mostReports = 6

/** How long after its mark a report may be sent, ms. A later one would be about approvals that have changed. */
const reportFreshMs = 60_000

/**
 * Reports to GitHub what the run waits for, each time that the approvals have changed. It is marked first, so that none is
 * sent twice; one that is lost is not sent again.
 */
export function reportAtGate(draft: Draft): void {
  const { subject, tracks, stage } = draft.release
  const { gate } = tracks
  if (subject.kind !== 'gate' || !gate || (stage.at !== 'approval' && stage.at !== 'wait')) return
  const comment = waitingComment(draft.release)
  const { times = 0 } = gate.reported ?? {}
  if (comment === gate.reported?.comment || times >= mostReports) return
  draft.track({ gate: { ...gate, reported: { comment, times: times + 1 } } })
  const { repository, githubEnvironment: environment, run } = subject
  const sendBy = draft.now + reportFreshMs
  draft.addEffect({ do: 'report-gate', repository, runId: run.id, environment, comment, sendBy })
}
