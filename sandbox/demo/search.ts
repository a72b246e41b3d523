import { addService } from '../aws/seed-world.ts'
import type { World } from '../aws/world.ts'
import { search } from '../seed.ts'
import { addHistory } from './history.ts'

/**
 * Adds `blog-search`, a canary of ECS: it waits for a person before the new tasks get a tenth of the traffic, and again
 * before they get the rest; the old ones stop a minute later.
 */
export function addSearch(world: World): void {
  const { cluster, service, desired } = search
  addService(world, {
    cluster,
    service,
    desired,
    history: addHistory(world, search),
    configuration: {
      strategy: 'CANARY',
      maximumPercent: 200,
      minimumHealthyPercent: 100,
      bakeTimeInMinutes: 1,
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 0 },
      lifecycleHooks: [
        {
          targetType: 'PAUSE',
          lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'],
          timeoutConfiguration: { timeoutInMinutes: 60, action: 'ROLLBACK' },
        },
      ],
    },
  })
}
