import type { DeploymentInfo, ECSTarget, TrafficRoutingConfig } from '@aws-sdk/client-codedeploy'
import { describe, expect, it } from 'vitest'
import { progressOf } from '../../src/aws/codedeploy/progress.ts'

const start = Date.parse('2026-11-23T10:00:00Z')
const minute = 60_000

const canary: TrafficRoutingConfig = {
  type: 'TimeBasedCanary',
  timeBasedCanary: { canaryPercentage: 10, canaryInterval: 5 },
}
const linear: TrafficRoutingConfig = {
  type: 'TimeBasedLinear',
  timeBasedLinear: { linearPercentage: 10, linearInterval: 3 },
}

function target(event: string, trafficWeight: number): ECSTarget {
  return {
    lifecycleEvents: [{ lifecycleEventName: event, status: 'InProgress' }],
    taskSetsInfo: [
      { taskSetLabel: 'Blue', trafficWeight: 100 - trafficWeight },
      { taskSetLabel: 'Green', trafficWeight },
    ],
  }
}

const info = (over: DeploymentInfo): DeploymentInfo => ({
  deploymentId: 'd-OWN000000',
  startTime: new Date(start),
  blueGreenDeploymentConfiguration: {
    deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 },
    terminateBlueInstancesOnDeploymentSuccess: { terminationWaitTimeInMinutes: 15 },
  },
  ...over,
})

describe('how far a deployment of CodeDeploy is', () => {
  it.each([
    ['a canary', canary, { strategy: 'canary', production: 10, lastsMs: 5 * minute }],
    ['a linear shift', linear, { strategy: 'linear', production: 10, lastsMs: 3 * minute }],
    ['a shift at once', { type: 'AllAtOnce' }, { strategy: 'blue/green', production: 10 }],
    ['a shift that cannot be read', undefined, { strategy: 'blue/green', production: 10 }],
  ] satisfies readonly (readonly [string, TrafficRoutingConfig | undefined, object])[])(
    '%s shows its share and how long a step lasts',
    (_, routing, shift) => {
      const deployment = info({ status: 'InProgress' })
      expect(progressOf({ deployment, target: target('AllowTraffic', 10), routing })).toEqual({
        stage: 'AllowTraffic',
        shift,
      })
    },
  )

  it('the wait for a person shows until when, and what happens then', () => {
    const deployment = info({ status: 'Ready' })
    expect(progressOf({ deployment, target: undefined, routing: canary }).pause).toEqual({
      hookId: 'd-OWN000000 READY_WAIT',
      until: start + 60 * minute,
      onTimeout: 'rolls back',
    })
  })

  it('the wait before the old tasks stop shows how long it lasts', () => {
    const deployment = info({ status: 'InProgress', instanceTerminationWaitTimeStarted: true })
    const kept: ECSTarget = { taskSetsInfo: [{ taskSetLabel: 'Green', trafficWeight: 100 }] }
    expect(progressOf({ deployment, target: kept, routing: canary }).shift).toEqual({
      strategy: 'canary',
      production: 100,
      lastsMs: 15 * minute,
    })
  })

  it('a deployment that has ended shows nothing', () => {
    const deployment = info({ status: 'Succeeded' })
    expect(progressOf({ deployment, target: target('AllowTraffic', 100), routing: canary })).toEqual({})
  })
})
