import type { PersonId, Target, Time } from './names.ts'
import type { RolloutSighting } from './sighting.ts'

/** What can be done to a rollout in progress. Each may be sent again, but only after a look that shows no effect. */
export type SteerEffect =
  /** Continues it at the hook where it waits. */
  | (OfRollout & { readonly do: 'continue-rollout'; readonly hookId: string })
  /** Rolls it back. `hookId`: of the hook at which it waits; null: it does not. */
  | (OfRollout & { readonly do: 'stop-rollout'; readonly hookId: string | null })

type OfRollout = {
  readonly target: Target
  /** The rollout's ARN. */
  readonly rollout: string
  /** It is not sent after this time. */
  readonly sendBy: Time
}

/** When ECS was last asked for it, and how often in all. */
export type SentSteer = { readonly at: Time; readonly times: number }

/** The answer to it. `refused`: nothing was changed, which is proven. `unclear`: a look decides. */
export type SteerAnswer = {
  readonly to: SteerEffect['do']
  readonly target: Target
  readonly answer: 'accepted' | 'refused' | 'unclear'
  readonly reason: string
}

/** Posts about a rollout that is blocked, waits or stands still, and about what people did with one in progress. */
export type SteerPost =
  /** A rollout waits for people. `required`: approvals. `mention`: those who may continue it. */
  | {
      readonly tell: 'paused'
      readonly target: Target
      readonly rollout: RolloutSighting
      readonly required: number
      readonly mention: readonly string[]
    }
  /** A paused rollout has its approvals, and ECS is asked to continue. */
  | { readonly tell: 'continuing'; readonly by: readonly PersonId[] }
  /** ECS did not continue, so the approvals are void. */
  | { readonly tell: 'not-continued'; readonly reason: string }
  /** A person asked ECS to roll back a rollout in progress. */
  | { readonly tell: 'stopping'; readonly by: PersonId }
  /** ECS rolls it back, whoever asked for it. */
  | { readonly tell: 'rolling-back'; readonly target: Target; readonly rollout: RolloutSighting }
  | { readonly tell: 'not-rolled-back'; readonly target: Target; readonly reason: string }
  /** CodeDeploy did not stop a deployment that a rollback replaces, so the rollback waits for its end. */
  | {
      readonly tell: 'not-stopped'
      readonly target: Target
      readonly deployment: string
      readonly reason: string
    }
  /** Something blocks the rollout (`rollout.heldBy`) for longer than a moment. */
  | {
      readonly tell: 'rollout-held'
      readonly target: Target
      readonly rollout: RolloutSighting
      /** By our clock. */
      readonly since: Time
    }
  /** The rollout does not move, and nothing is known to block it. `since`: by our clock. */
  | {
      readonly tell: 'rollout-still'
      readonly target: Target
      readonly rollout: RolloutSighting
      readonly since: Time
    }
