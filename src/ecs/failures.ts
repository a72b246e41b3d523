import type { Service, Task } from '@aws-sdk/client-ecs'
import type { Target } from '../release/release.ts'
import { Trouble } from '../shepherd/ports.ts'
import { Memory } from './memory.ts'
import type { Reads } from './reads.ts'
import { whyItFailed } from './why.ts'

type FailureAsked = {
  readonly target: Target
  readonly deploymentId: string
  readonly service: Service | undefined
  /** When the rollout began, ms. */
  readonly since: number
}

/** Why a rollout failed; asked once, then remembered. Says what it could not read; a missing why hides no verdict. */
export type Why = (asked: FailureAsked) => Promise<string | null>

/** The stopped tasks of a service. */
export function stoppedTasks(reads: Reads, { cluster, service }: Target): Promise<readonly Task[]> {
  return reads.tasks({ cluster, serviceName: service, desiredStatus: 'STOPPED' })
}

/** Asks why of the service's stopped tasks and its events. */
export function whyOf(reads: Reads): Why {
  const told = new Memory<string>()
  return async (asked) => {
    const known = told.get(asked.deploymentId)
    if (known) return known
    try {
      const why = whyItFailed({ ...asked, tasks: await stoppedTasks(reads, asked.target) })
      if (why !== null) told.set(asked.deploymentId, why)
      return why
    } catch (error) {
      if (error instanceof Trouble) return `why could not be read, as ${error.message}`
      throw error
    }
  }
}
