import type { Target } from '../../release/names.ts'
import type { UnreleasedRollout } from '../../release/unreleased.ts'
import type { HistoryQuery } from './releases.ts'

/** Rollouts that no release made, as far as twokey saw them. The newest hundred of each service environment are kept. */
export interface Unreleased {
  /** Whether the rollout is stored. */
  has(target: Target, deploymentId: string): Promise<boolean>
  /** Adds a rollout once; a stored one does not change. */
  add(rollout: UnreleasedRollout): Promise<void>
  /** Newest first. A cursor is the time and the deployment of a page's last rollout, or of its last release. */
  list(query: Omit<HistoryQuery, 'person' | 'ended'>): Promise<readonly UnreleasedRollout[]>
}
