import type { Release } from './release.ts'
import type { RolloutVerdict } from './sighting.ts'
import type { State } from './stage.ts'
import { rolloutTrack } from './tracks/rollout-track.ts'

/** The state of a release. Under way it is that of the furthest track. */
export function stateOf(release: Release): State {
  const { stage } = release
  switch (stage.at) {
    case 'approval':
      return 'awaiting approval'
    case 'wait':
      return 'waiting'
    case 'ready':
      return stage.waiting?.precondition === 'lane' && release.subject.kind === 'gate'
        ? 'queued'
        : 'dispatching'
    case 'sending':
      return 'dispatching'
    case 'ended':
      return stage.outcome
    case 'underway':
      return underway(release)
  }
}

function underway(release: Release): State {
  const rollout = rolloutTrack(release).verdict
  switch (rollout) {
    case 'rolling back':
    case 'paused':
    case 'baking':
      return rollout
    // It is live, and the run or the migration has not ended yet.
    case 'succeeded':
      return 'baking'
    case 'awaited':
    case 'none':
    case 'unseen':
      return lastSeen(release) ?? beforeRollout(release)
    default:
      return 'rolling out'
  }
}

/** The state by the rollouts as last seen, because a state never goes back; null: none was seen. */
function lastSeen({ tracks }: Release): State | null {
  const verdicts = tracks.rollouts.flatMap(({ seen }) => seen?.verdict ?? [])
  if (verdicts.length === 0) {
    const isSeen = tracks.rollouts.some(({ candidates }) => candidates.length > 0)
    return isSeen ? 'rolling out' : null
  }
  const isOne = (verdict: RolloutVerdict) => verdicts.includes(verdict)
  if (isOne('rolling back')) return 'rolling back'
  if (isOne('paused')) return 'paused'
  const isLive = verdicts.length === tracks.rollouts.length && verdicts.every(isLiveVerdict)
  return isLive ? 'baking' : 'rolling out'
}

function isLiveVerdict(verdict: RolloutVerdict): boolean {
  return verdict === 'baking' || verdict === 'succeeded'
}

function beforeRollout({ tracks, subject }: Release): State {
  if (tracks.migration.tasks.length > 0) return 'migrating'
  return subject.kind === 'rollback' ? 'rolling out' : 'running'
}

/** `blog-api prod: awaiting approval`, the beginning of the card's text. */
export function headline(release: Release): string {
  return `${release.service} ${release.environment}: ${stateOf(release)}`
}
