import type { TrafficRoutingConfig } from '@aws-sdk/client-codedeploy'
import type { ConfigState } from './model.ts'

const canary = (canaryPercentage: number, canaryInterval: number): TrafficRoutingConfig => ({
  type: 'TimeBasedCanary',
  timeBasedCanary: { canaryPercentage, canaryInterval },
})
const linear = (linearPercentage: number, linearInterval: number): TrafficRoutingConfig => ({
  type: 'TimeBasedLinear',
  timeBasedLinear: { linearPercentage, linearInterval },
})

/** The deployment configurations of every account. Source: CodeDeploy user guide, predefined configurations for ECS. */
const predefined: Readonly<Record<string, TrafficRoutingConfig>> = {
  'CodeDeployDefault.ECSAllAtOnce': { type: 'AllAtOnce' },
  'CodeDeployDefault.ECSLinear10PercentEvery1Minutes': linear(10, 1),
  'CodeDeployDefault.ECSLinear10PercentEvery3Minutes': linear(10, 3),
  'CodeDeployDefault.ECSCanary10Percent5Minutes': canary(10, 5),
  'CodeDeployDefault.ECSCanary10Percent15Minutes': canary(10, 15),
}

export function predefinedConfigs(): Map<string, ConfigState> {
  return new Map(
    Object.entries(predefined).map(([name, routing]) => [
      name,
      { name, routing, id: `00000000-0000-0000-0000-${String(name.length).padStart(12, '0')}` },
    ]),
  )
}

/** The steps of a shift: which share of traffic from how many minutes after its beginning. The last is 100 %. */
export function stepsOf({ type, timeBasedCanary, timeBasedLinear }: TrafficRoutingConfig): readonly {
  readonly weight: number
  readonly afterMinutes: number
}[] {
  if (type === 'TimeBasedCanary') {
    const { canaryPercentage = 10, canaryInterval = 5 } = timeBasedCanary ?? {}
    return [
      { weight: canaryPercentage, afterMinutes: 0 },
      { weight: 100, afterMinutes: canaryInterval },
    ]
  }
  if (type !== 'TimeBasedLinear') return [{ weight: 100, afterMinutes: 0 }]
  const { linearPercentage = 10, linearInterval = 1 } = timeBasedLinear ?? {}
  return Array.from({ length: Math.ceil(100 / linearPercentage) }, (_, index) => ({
    weight: Math.min(100, (index + 1) * linearPercentage),
    afterMinutes: index * linearInterval,
  }))
}
