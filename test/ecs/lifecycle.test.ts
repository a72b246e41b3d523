import {
  DeploymentLifecycleHookStage,
  type ServiceDeployment,
  ServiceDeploymentLifecycleStage,
} from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { lifecycleOf, stageWords } from '../../src/aws/ecs/lifecycle.ts'

const minute = 60_000

/** A deployment in progress whose new revision gets this share of production traffic. */
const canary = (production: number | undefined, over: object = {}): ServiceDeployment => ({
  status: 'IN_PROGRESS',
  lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT',
  targetServiceRevision: { requestedProductionTrafficWeight: production, requestedTestTrafficWeight: 0 },
  deploymentConfiguration: { strategy: 'CANARY', canaryConfiguration: { canaryBakeTimeInMinutes: 3 } },
  ...over,
})

describe('where a deployment stands', () => {
  it.each<[string, ServiceDeployment, object]>([
    [
      'a rolling deployment has a stage',
      { status: 'IN_PROGRESS', lifecycleStage: 'SCALE_UP' },
      { stage: 'SCALE_UP' },
    ],
    ['a deployment that has ended has none', { ...canary(100), status: 'SUCCESSFUL' }, {}],
    [
      'a canary has its share, and how long it bakes',
      canary(10),
      {
        stage: 'PRODUCTION_TRAFFIC_SHIFT',
        shift: { strategy: 'canary', production: 10, lastsMs: 3 * minute },
      },
    ],
    [
      'its last shift does not wait',
      canary(100),
      { stage: 'PRODUCTION_TRAFFIC_SHIFT', shift: { strategy: 'canary', production: 100 } },
    ],
    [
      'an unreported share is not zero',
      canary(undefined),
      { stage: 'PRODUCTION_TRAFFIC_SHIFT', shift: { strategy: 'canary', production: null } },
    ],
    [
      'the steps of linear last for ECS’s default',
      canary(30, { deploymentConfiguration: { strategy: 'LINEAR' } }),
      {
        stage: 'PRODUCTION_TRAFFIC_SHIFT',
        shift: { strategy: 'linear', production: 30, lastsMs: 6 * minute },
      },
    ],
    [
      'a bake time lasts as configured',
      canary(100, {
        lifecycleStage: 'BAKE_TIME',
        deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 20 },
      }),
      { stage: 'BAKE_TIME', shift: { strategy: 'blue/green', production: 100, lastsMs: 20 * minute } },
    ],
    [
      'a strategy that AWS adds later has only its stage',
      canary(10, { lifecycleStage: 'SHADOW', deploymentConfiguration: { strategy: 'SHADOW' } }),
      { stage: 'SHADOW' },
    ],
  ])('%s', (_, deployment, stands) => {
    expect(lifecycleOf(deployment)).toEqual(stands)
  })

  it.each<[string, object, object]>([
    [
      'rolls back',
      { hookId: 'h', expiresAt: new Date(5), timeoutAction: 'ROLLBACK' },
      { until: 5, onTimeout: 'rolls back' },
    ],
    [
      'continues',
      { hookId: 'h', expiresAt: new Date(5), timeoutAction: 'CONTINUE' },
      { until: 5, onTimeout: 'continues' },
    ],
    ['is not known, if ECS does not say', { hookId: 'h' }, { onTimeout: 'unknown' }],
    [
      'is not known, if AWS adds another action',
      { hookId: 'h', timeoutAction: 'NOTIFY' },
      { onTimeout: 'unknown' },
    ],
  ])('what a pause does when its time is over %s', (_, hook, expected) => {
    const details = [
      { hookId: 'earlier', status: 'SUCCEEDED' },
      { ...hook, status: 'AWAITING_ACTION' },
    ]
    const { pause } = lifecycleOf(canary(10, { lifecycleHookDetails: details }))
    expect(pause).toEqual({ hookId: 'h', ...expected })
  })
})

describe('the words for a stage', () => {
  const known = new Set([
    ...Object.values(ServiceDeploymentLifecycleStage),
    ...Object.values(DeploymentLifecycleHookStage),
  ])

  it.each([...known])('the words for %s say when it is', (stage) => {
    expect(stageWords(stage)).not.toMatch(/^at the stage/)
  })

  it('the words for a stage that ECS adds later name it', () => {
    expect(stageWords('SOAK_TIME')).toBe('at the stage soak time')
  })
})
