import type { Policy } from '../release/policy/approval.ts'
import type { ServiceEnvironment, Settings } from '../settings/settings.ts'
import type { Config } from './resolve.ts'

/**
 * The config with the joined people in every policy, as the core counts them, and with a region in every service environment, so
 * that a target has one name however the file says it.
 */
export function settingsOf(config: Config, region: string | undefined): Settings {
  return {
    ...config,
    serviceEnvironments: config.serviceEnvironments.map((resolved): ServiceEnvironment => {
      const { pause, ...rest } = resolved
      const common = { people: config.people, externalChannels: externalChannels(resolved) }
      return {
        ...(region !== undefined && { region }),
        ...rest,
        policy: { ...resolved.policy, ...common },
        ...(pause && { pause: { policy: { ...pause.policy, ...common } } }),
        rollback: { ...resolved.rollback, policy: { ...resolved.rollback.policy, ...common } },
        emergency: resolved.emergency && {
          ...resolved.emergency,
          policy: { ...resolved.emergency.policy, ...common },
        },
      }
    }),
  }
}

/**
 * Whether people may approve from a channel that is shared with another organization. A service environment is protected as soon
 * as a deploy, a rollback or a pause of it needs an approval; there twokey.yml has to allow it.
 */
function externalChannels({
  externalChannels: isAllowed,
  policy,
  pause,
  rollback,
}: Config['serviceEnvironments'][number]): Policy['externalChannels'] {
  const isProtected = [policy, rollback.policy, ...(pause ? [pause.policy] : [])].some(
    ({ required }) => required > 0,
  )
  return isProtected && !isAllowed ? 'refused' : 'allowed'
}
