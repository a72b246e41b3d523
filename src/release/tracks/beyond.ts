import { isProven } from '../beyond.ts'
import { carriedId } from '../carried-id.ts'
import type { Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import { targetName } from '../names.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import { clockSkewMs, looseMs, spanOf } from '../span.ts'
import { jobsThatRan } from './run.ts'

/** Whether to read what else the run changed: once, when it can change nothing more. */
export function isBeyondDue({ subject, tracks: { run, beyond } }: Release): boolean {
  return subject.kind !== 'rollback' && run !== null && run.endedAt !== null && beyond.checked === 'not yet'
}

/** Handles the look at what else the run changed. If it fails for long, that is posted, and the release ends anyway. */
export function stepBeyond(draft: Draft, seen: Observation): void {
  if (!isBeyondDue(draft.release)) return
  const found = readLook(draft, 'beyond', seen.beyond)
  if (found) {
    const changes = found.value
    draft.track({ beyond: { checked: 'yes', changes } })
    if (changes.length > 0) report(draft)
    return
  }
  const unavailable = draft.release.blind.beyond
  if (!unavailable?.lost) return
  const why = unavailable.reason
  draft.track({ beyond: { checked: 'unavailable', why } })
  draft.record('twokey', 'changes elsewhere not checked', { why })
}

/** Announces the changes to the approvers and the people to notify, in the channel of each service environment. */
function report(draft: Draft): void {
  const { beyond } = draft.release.tracks
  if (beyond.checked !== 'yes') return
  draft.record('twokey', 'changed beyond approval', {
    changes: beyond.changes.map(({ target, rollout, ...change }) => ({
      ...change,
      target: targetName(target),
      rollout: rollout.arn,
      revision: rollout.revision.arn,
    })),
  })
  draft.addEffect({ do: 'announce-beyond', changes: beyond.changes })
}

/** `blog-api in prod (blog-api:44)`, for changes that the run surely made without approval; null: none. */
export function beyondText({ tracks: { beyond } }: Release): string | null {
  const changes = beyond.checked === 'yes' ? beyond.changes.filter(isProven) : []
  if (changes.length === 0) return null
  return changes
    .map(({ service, environment, rollout }) => `${service} in ${environment} (${rollout.revision.name})`)
    .join(', ')
}

export function looksBeyond(release: Release): readonly Look[] {
  const { id, subject, targets } = release
  const { run } = release.tracks
  if (subject.kind === 'rollback' || run === null) return []
  const { since, until } = spanOf(release)
  return [
    {
      look: 'beyond',
      repository: subject.repository,
      commit: subject.commit.sha,
      releaseId: id,
      carriedId: carriedId(release),
      own: targets,
      runId: run.id,
      attempt: run.attempt,
      jobs: jobsThatRan(run),
      since: since - looseMs,
      until: until + clockSkewMs,
    },
  ]
}
