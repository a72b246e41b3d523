import { LRUCache } from 'lru-cache'
import type { DeployRoleCheck } from '../ports/gates.ts'
import { inTime } from '../runtime/bounded.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import { deployRoleCheck } from './checks/sign-in.ts'
import { type DoctorDeps, signedInSeen } from './gather.ts'

/** How long a check of a role counts, ms. */
const keptMs = 10 * 60_000

/** How long an answer waits for a check that is not there yet, ms. */
const waitMs = 5_000

/** Checks who can use the deploy roles, each once in a while. What is not known in time counts as not checked. */
export function deployRoles(
  depsNow: () => Pick<DoctorDeps, 'settings' | 'github' | 'aws' | 'issuer'>,
): (serviceEnvironment: ServiceEnvironment) => Promise<DeployRoleCheck> {
  const checks = new LRUCache<string, DeployRoleCheck, ServiceEnvironment>({
    max: 500,
    ttl: keptMs,
    fetchMethod: async (_key, _old, { context }) => {
      const deps = depsNow()
      return deployRoleCheck(await signedInSeen(deps, context), deps.issuer)
    },
  })
  return async (serviceEnvironment) => {
    const { service, environment } = serviceEnvironment
    const check = checks.fetch(JSON.stringify([service, environment]), { context: serviceEnvironment })
    return (await inTime(check, waitMs, () => 'not checked')) ?? 'not checked'
  }
}
