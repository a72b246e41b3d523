import type { Release } from './release.ts'
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
    case 'awaited':
    case 'none':
    case 'unseen':
      if (release.tracks.migration.tasks.length > 0) return 'migrating'
      return release.subject.kind === 'rollback' ? 'rolling out' : 'running'
    default:
      return 'rolling out'
  }
}

/** `blog-api prod: awaiting approval`, the beginning of the card's text. */
export function headline(release: Release): string {
  return `${release.service} ${release.environment}: ${stateOf(release)}`
}
