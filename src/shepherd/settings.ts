import type { Policy } from '../release/approval.ts'
import type { Target } from '../release/release.ts'
import type { Polling } from '../release/watch.ts'

/** One service in one environment, everything merged: what the shepherd asks of the config. */
export type ServiceEnvironment = {
  readonly service: string
  readonly environment: string
  readonly repository: string
  readonly workflow: string
  readonly containers: readonly string[]
  readonly migration?: { readonly family: string; readonly cluster: string; readonly container?: string }
  readonly branch: string
  readonly githubEnvironment: string
  readonly channel: string
  readonly region?: string
  readonly targets: readonly Target[]
  readonly requesters: 'everyone' | readonly string[]
  readonly policy: Policy
  readonly waitMs: number
  readonly rollback: { readonly policy: Policy; readonly waitMs: number }
  readonly notify: readonly string[]
  readonly deadlines: { readonly runMs: number; readonly rolloutMs: number }
}

export type Settings = {
  readonly defaults: { readonly environment?: string; readonly service?: string }
  readonly polling: Polling & { readonly settleMs: number }
  readonly environments: readonly string[]
  readonly services: readonly string[]
  readonly serviceEnvironments: readonly ServiceEnvironment[]
}

/** The policy that the config names today for a release; null where it no longer names its place. */
export function policyToday(
  settings: Settings,
  release: {
    readonly service: string
    readonly environment: string
    readonly subject: { readonly kind: 'deploy' | 'rollback' }
  },
): Policy | null {
  const place = settings.serviceEnvironments.find(
    ({ service, environment }) => service === release.service && environment === release.environment,
  )
  if (!place) return null
  return release.subject.kind === 'deploy' ? place.policy : place.rollback.policy
}

/** Targets with the region that the environment names. */
export function targetsOf({ targets, region }: ServiceEnvironment): readonly Target[] {
  return region === undefined ? targets : targets.map((target) => ({ ...target, region }))
}
