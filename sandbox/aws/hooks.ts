import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs'
import { invalidParameter } from './error.ts'
import type { Hook, Rollout } from './model.ts'
import type { HookOutcome } from './outcomes.ts'

/** Hooks of a service deployment: a Lambda function that checks it, or a pause until a person continues it. */

const minute = 60_000

/** After a day the deployment is rolled back. Source: ECS API, DeploymentLifecycleHookTimeoutConfiguration. */
const usualTimeout = { timeoutInMinutes: 1_440, action: 'ROLLBACK' } as const

/** What the world knows of hooks: by ARN, what a Lambda function answers. Absent: it succeeds. */
export type HookWorld = { readonly functions: ReadonlyMap<string, HookOutcome> }

/** What the hooks at a stage came to so far. */
export type HooksResult = 'passed' | 'waiting' | 'failed'

/**
 * Starts the hooks of this step, once each, and reports on them. A stage may come several times: a canary shifts its
 * traffic in steps, and its hooks run at each.
 */
export function runHooks(
  rollout: Rollout,
  stage: Hook['stage'],
  now: number,
  { functions }: HookWorld,
): HooksResult {
  const { step } = rollout
  for (const [index, wanted] of (rollout.configuration.lifecycleHooks ?? []).entries()) {
    if (!wanted.lifecycleStages?.some((each) => each === stage)) continue
    if (!rollout.hooks.some((hook) => hook.step === step && hook.index === index))
      rollout.hooks.push(started(wanted, { stage, step, index }, now))
  }
  const here = rollout.hooks.filter((hook) => hook.step === step)
  for (const hook of here) answer(hook, functions, now)
  if (here.some(({ status }) => status === 'FAILED')) return 'failed'
  const isOpen = here.some(({ status }) => status === 'AWAITING_ACTION' || status === 'IN_PROGRESS')
  return isOpen ? 'waiting' : 'passed'
}

function started(
  { targetType = 'AWS_LAMBDA', hookTargetArn, timeoutConfiguration }: DeploymentLifecycleHook,
  at: Pick<Hook, 'stage' | 'step' | 'index'>,
  now: number,
): Hook {
  const { timeoutInMinutes = 1_440, action = 'ROLLBACK' } = timeoutConfiguration ?? usualTimeout
  const isPause = targetType === 'PAUSE'
  return {
    ...at,
    id: `ecs-${isPause ? 'pause' : 'lambda'}-${crypto.randomUUID().replaceAll('-', '')}`,
    targetType,
    ...(!isPause && hookTargetArn !== undefined && { targetArn: hookTargetArn }),
    status: isPause ? 'AWAITING_ACTION' : 'IN_PROGRESS',
    startedAt: now,
    expiresAt: now + timeoutInMinutes * minute,
    timeoutAction: action,
  }
}

/** A Lambda function answers one pass of the scheduler after it was called. */
function answer(hook: Hook, functions: HookWorld['functions'], now: number): void {
  if (hook.status !== 'IN_PROGRESS' || now <= hook.startedAt) return
  const outcome = functions.get(hook.targetArn ?? '') ?? 'succeeds'
  if (outcome !== 'runs') hook.status = outcome === 'succeeds' ? 'SUCCEEDED' : 'FAILED'
}

/** Ends a hook that has timed out, and returns its action; null if no hook has timed out. */
export function expire({ hooks }: Rollout, now: number): Hook['timeoutAction'] | null {
  const over = hooks.find(
    ({ status, expiresAt }) => (status === 'AWAITING_ACTION' || status === 'IN_PROGRESS') && now >= expiresAt,
  )
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
