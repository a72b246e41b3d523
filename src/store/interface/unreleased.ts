import type { Target } from '../../release/names.ts'
import type { UnreleasedRollout } from '../../release/unreleased.ts'
import type { HistoryQuery } from './releases.ts'

/** Rollouts that no release made, as far as twokey saw them; of each service environment the newest hundred. */
export interface Unreleased {
  /** Whether it is written down. */
  has(target: Target, deploymentId: string): Promise<boolean>
  /** Each once: one that is written down stays as it was. */
  add(rollout: UnreleasedRollout): Promise<void>
  /** The newest first. Where a page ended is told by the time and the deployment of its last rollout, or of its last release. */
  list(query: Omit<HistoryQuery, 'person' | 'ended'>): Promise<readonly UnreleasedRollout[]>
}
