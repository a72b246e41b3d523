import { invalidParameter } from './error.ts'
import type { Hook, Rollout } from './model.ts'

/** Hooks that pause a service deployment until somebody continues it, or their time is over. */

const minute = 60_000

/** A day, and then it is taken back. Source: ECS API, DeploymentLifecycleHookTimeoutConfiguration. */
const usualTimeout = { timeoutInMinutes: 1_440, action: 'ROLLBACK' } as const

/** Whether a hook holds the service deployment at this stage; it is set off where it was not yet. */
export function isPausedAt(rollout: Rollout, stage: Hook['stage'], now: number): boolean {
  const wanted = rollout.configuration.lifecycleHooks?.find(
    ({ targetType, lifecycleStages = [] }) => targetType === 'PAUSE' && lifecycleStages.includes(stage),
  )
  if (!wanted) return false
  const known = rollout.hooks.find((hook) => hook.stage === stage)
  if (known) return known.status === 'AWAITING_ACTION'
  const { timeoutInMinutes = 1_440, action = 'ROLLBACK' } = wanted.timeoutConfiguration ?? usualTimeout
  rollout.hooks.push({
    id: `ecs-pause-${crypto.randomUUID().replaceAll('-', '')}`,
    stage,
    status: 'AWAITING_ACTION',
    expiresAt: now + timeoutInMinutes * minute,
    timeoutAction: action,
  })
  return true
}

/** Whether no task of it may start yet. */
export function isHeldBack({ status, hooks }: Rollout): boolean {
  return (
    status === 'IN_PROGRESS' &&
    hooks.some((hook) => hook.stage === 'PRE_SCALE_UP' && hook.status === 'AWAITING_ACTION')
  )
}

/** Ends a hook whose time is over by now. What follows from that; null: there is none. */
export function expire({ hooks }: Rollout, now: number): Hook['timeoutAction'] | null {
  const over = hooks.find((hook) => hook.status === 'AWAITING_ACTION' && now >= hook.expiresAt)
  if (!over) return null
  over.status = 'TIMED_OUT'
  return over.timeoutAction
}

/** Somebody acts on the hook that waits. @throws {AwsError} where it does not wait */
export function resolve({ hooks }: Rollout, id: string, action: Hook['timeoutAction']): void {
  const hook = hooks.find((each) => each.id === id)
  if (hook?.status !== 'AWAITING_ACTION') throw invalidParameter('The hook is not awaiting an action.')
  hook.status = action === 'CONTINUE' ? 'SUCCEEDED' : 'FAILED'
}
