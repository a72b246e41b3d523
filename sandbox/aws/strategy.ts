import type {
  AdvancedConfiguration,
  DeploymentConfiguration,
  DeploymentLifecycleHook,
  LoadBalancer,
} from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { invalidParameter } from './error.ts'
import { inner, type Shape, text } from './operation.ts'

const stages = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
] as const

const percent = z.int().min(0)
/** Up to a day. */
const bakeMinutes = z.int().min(0).max(1_440)

const lifecycleHook = z.strictObject({
  targetType: z.enum(['AWS_LAMBDA', 'PAUSE']).optional(),
  hookTargetArn: text.optional(),
  roleArn: text.optional(),
  lifecycleStages: z.array(z.enum(stages)).min(1),
  hookDetails: z.custom<never>(() => true).optional(),
  timeoutConfiguration: z
    .strictObject({
      timeoutInMinutes: z.int().min(1).max(20_160).optional(),
      action: z.enum(['CONTINUE', 'ROLLBACK']).optional(),
    })
    .optional(),
} satisfies Shape<DeploymentLifecycleHook>)

export const deploymentConfiguration = z.strictObject({
  deploymentCircuitBreaker: z
    .strictObject({
      enable: z.boolean(),
      rollback: z.boolean(),
      resetOnHealthyTask: z.boolean().optional(),
      thresholdConfiguration: z
        .strictObject({
          type: z.enum(['BOUNDED_PERCENT', 'UNBOUNDED_PERCENT', 'COUNT']),
          value: z.int().min(1),
        })
        .optional(),
    })
    .optional(),
  maximumPercent: percent.optional(),
  minimumHealthyPercent: percent.optional(),
  alarms: z
    .strictObject({ alarmNames: z.array(text), rollback: z.boolean(), enable: z.boolean() })
    .optional(),
  strategy: z.enum(['ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY']).optional(),
  bakeTimeInMinutes: bakeMinutes.optional(),
  lifecycleHooks: z.array(lifecycleHook).optional(),
  linearConfiguration: z
    .strictObject({
      stepPercent: z.number().min(3).max(100).multipleOf(0.1).optional(),
      stepBakeTimeInMinutes: bakeMinutes.optional(),
    })
    .optional(),
  canaryConfiguration: z
    .strictObject({
      canaryPercent: z.number().min(0.1).max(100).multipleOf(0.1).optional(),
      canaryBakeTimeInMinutes: bakeMinutes.optional(),
    })
    .optional(),
  earlySuccessCriteria: inner<{ enable: boolean }>(),
} satisfies Shape<DeploymentConfiguration>)

/** The load balancers of a service; `advancedConfiguration` is what strategies that shift traffic need. */
export const loadBalancers = z.array(
  z.strictObject({
    targetGroupArn: text.optional(),
    loadBalancerName: text.optional(),
    containerName: text.optional(),
    containerPort: z.int().optional(),
    advancedConfiguration: z
      .strictObject({
        alternateTargetGroupArn: text.optional(),
        productionListenerRule: text.optional(),
        testListenerRule: text.optional(),
        roleArn: text.optional(),
      } satisfies Shape<AdvancedConfiguration>)
      .optional(),
  } satisfies Shape<LoadBalancer>),
)

/**
 * Checks the rules between the members. Source: ECS API, DeploymentConfiguration and DeploymentLifecycleHook; the
 * messages are invented.
 * @throws {AwsError} for a configuration that ECS does not accept
 */
export function checkStrategy(
  configuration: DeploymentConfiguration,
  balancers: readonly LoadBalancer[],
): void {
  const { strategy = 'ROLLING', bakeTimeInMinutes, canaryConfiguration, linearConfiguration } = configuration
  if (canaryConfiguration && strategy !== 'CANARY')
    throw invalidParameter('canaryConfiguration is only valid with the CANARY deployment strategy.')
  if (linearConfiguration && strategy !== 'LINEAR')
    throw invalidParameter('linearConfiguration is only valid with the LINEAR deployment strategy.')
  if (strategy === 'BLUE_GREEN' && bakeTimeInMinutes === undefined)
    throw invalidParameter('bakeTimeInMinutes is required with the BLUE_GREEN deployment strategy.')
  const isReady = balancers.every(
    ({ advancedConfiguration: { alternateTargetGroupArn, productionListenerRule, roleArn } = {} }) =>
      alternateTargetGroupArn && productionListenerRule && roleArn,
  )
  if (strategy !== 'ROLLING' && !isReady)
    throw invalidParameter(`advancedConfiguration is required with the ${strategy} deployment strategy.`)
  for (const hook of configuration.lifecycleHooks ?? []) checkHook(hook, strategy)
}

/** The stages that a rolling deployment has hooks at. */
const rollingStages: readonly string[] = ['PRE_SCALE_UP', 'POST_SCALE_UP']
/** Stages at which no hook may pause. */
const shiftStages: readonly string[] = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT']

function checkHook(
  { targetType = 'AWS_LAMBDA', hookTargetArn, roleArn, lifecycleStages = [] }: DeploymentLifecycleHook,
  strategy: string,
): void {
  if (targetType === 'AWS_LAMBDA' && (!hookTargetArn || !roleArn))
    throw invalidParameter('hookTargetArn and roleArn are required for a hook of AWS_LAMBDA.')
  if (targetType === 'PAUSE' && hookTargetArn)
    throw invalidParameter('hookTargetArn is not applicable to a hook of PAUSE.')
  const shift = lifecycleStages.find((stage) => shiftStages.includes(stage))
  if (targetType === 'PAUSE' && shift !== undefined)
    throw invalidParameter(`PAUSE hooks cannot be configured at ${shift}.`)
  const other = lifecycleStages.find((stage) => !rollingStages.includes(stage))
  if (strategy === 'ROLLING' && other !== undefined)
    throw invalidParameter(`The lifecycle stage ${other} is not valid with the ROLLING deployment strategy.`)
}
