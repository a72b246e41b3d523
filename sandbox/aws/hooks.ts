import { invalidParameter } from './error.ts'
import type { Hook, Rollout } from './model.ts'

/** Hooks that pause a service deployment until a person continues it, or until they time out. */

const minute = 60_000

/** After a day the deployment is rolled back. Source: ECS API, DeploymentLifecycleHookTimeoutConfiguration. */
const usualTimeout = { timeoutInMinutes: 1_440, action: 'ROLLBACK' } as const

/** Whether a hook pauses the service deployment at this stage; starts the hook if it has not started yet. */
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

/** Whether a hook prevents the tasks of this deployment from starting. */
export function isBlockedByHook({ status, hooks }: Rollout): boolean {
  return (
    status === 'IN_PROGRESS' &&
    hooks.some((hook) => hook.stage === 'PRE_SCALE_UP' && hook.status === 'AWAITING_ACTION')
  )
}

/** Ends a hook that has timed out, and returns its action; null if no hook has timed out. */
export function expire({ hooks }: Rollout, now: number): Hook['timeoutAction'] | null {
  const over = hooks.find((hook) => hook.status === 'AWAITING_ACTION' && now >= hook.expiresAt)
  if (!over) return null
  over.status = 'TIMED_OUT'
  return over.timeoutAction
}

/** Continues or rolls back at the waiting hook. @throws {AwsError} where that hook does not wait */
export function resolve({ hooks }: Rollout, id: string, action: Hook['timeoutAction']): void {
  const hook = hooks.find((each) => each.id === id)
  if (hook?.status !== 'AWAITING_ACTION') throw invalidParameter('The hook is not awaiting an action.')
  hook.status = action === 'CONTINUE' ? 'SUCCEEDED' : 'FAILED'
}
