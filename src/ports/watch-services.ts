import type { Target, Time } from '../release/names.ts'
import type { Origin } from '../release/outside-changes.ts'
import type { RolloutSighting } from '../release/sighting.ts'

/**
 * What a service shows by itself. `state`: changes whenever one of its rollouts begins, moves or ends, and is only
 * compared. `mayFail`: tasks may be stopping by themselves.
 */
export type ServiceGlance =
  | { readonly seen: 'yes'; readonly state: string; readonly mayFail: boolean }
  | { readonly seen: 'no'; readonly why: string }

/**
 * Tasks of a service that stopped by themselves. `last`: when the newest did, by AWS's clock. `revision`: `blog-api:42`
 * of the newest; null if ECS does not say. `why`: one sentence without a full stop.
 */
export type FailedTasks = {
  readonly count: number
  readonly last: Time
  readonly revision: string | null
  readonly why: string
}

/** What is needed to notice changes that twokey did not make. */
export interface WatchServices {
  /** Glances at all these targets, in their order, with few requests. Does not throw. */
  glances(targets: readonly Target[]): Promise<readonly ServiceGlance[]>
  /** The tasks that have failed since then, as far as ECS still lists them; null: none. Throws `Trouble`. */
  failedTasks(ask: { readonly target: Target; readonly since: Time }): Promise<FailedTasks | null>
  /** Who may have made a rollout. Throws `Trouble`. */
  originOf(ask: { readonly target: Target; readonly rollout: RolloutSighting }): Promise<Origin>
}
