import type { Policy } from '../release/approval.ts'
import type { Freeze } from '../release/freeze.ts'
import type { Requesters } from '../release/look.ts'
import { type Release, type Target, type Time, targetName } from '../release/release.ts'
import type { Polling } from '../release/watch.ts'
import { type FreezeWindow, freezeAt } from './freeze-times.ts'

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
  readonly requesters: Requesters
  readonly policy: Policy
  readonly waitMs: number
  readonly rollback: { readonly policy: Policy; readonly waitMs: number }
  /** What an emergency deploy needs; null: there is none here. */
  readonly emergency: {
    readonly requesters: Requesters
    readonly policy: Policy
    readonly waitMs: number
  } | null
  readonly freezes: readonly FreezeWindow[]
  /** Environments where the commit must have succeeded first. */
  readonly requires: readonly string[]
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

type Shipped = Pick<Release, 'service' | 'environment' | 'subject' | 'targets' | 'emergency'>

/**
 * The policy that the config names today for a release; null where it no longer ships just this to its place, or as an
 * emergency, which passes what holds others.
 */
export function policyToday(settings: Settings, release: Shipped): Policy | null {
  const place = shipping(settings, release)
  if (!place) return null
  if (release.subject.kind === 'rollback') return place.rollback.policy
  return release.emergency ? (place.emergency?.policy ?? null) : place.policy
}

/** How long a release of this kind waits there today after the last key, ms; 0 where the config no longer ships just this there. */
export function waitToday(settings: Settings, release: Shipped): number {
  const place = shipping(settings, release)
  if (!place) return 0
  if (release.subject.kind === 'rollback') return place.rollback.waitMs
  return release.emergency ? (place.emergency?.waitMs ?? 0) : place.waitMs
}

/** Who may ask for a release of this kind there today; null where the config no longer ships just this to its place. */
export function requestersToday(settings: Settings, release: Shipped): Requesters | null {
  const place = shipping(settings, release)
  if (!place) return null
  return release.emergency ? (place.emergency?.requesters ?? null) : place.requesters
}

function shipping(settings: Settings, release: Shipped): ServiceEnvironment | null {
  const place = placeOf(settings, release)
  return place && ships(place, release) ? place : null
}

/** Whether what was bound by the approvals is what the config says still: repository, workflow, branch and targets. */
function ships(
  place: ServiceEnvironment,
  { subject, targets }: Pick<Release, 'subject' | 'targets'>,
): boolean {
  const named = targetsOf(place).map(targetName).sort().join()
  if (named !== targets.map(targetName).sort().join() || place.repository !== subject.repository) return false
  return (
    subject.kind === 'rollback' ||
    (place.workflow === subject.workflow &&
      place.branch === subject.branch &&
      place.githubEnvironment === subject.githubEnvironment)
  )
}

/** The freeze that holds a place at this moment; null: none. */
export function freezeToday(settings: Settings, at: Place, now: Time): Freeze | null {
  return freezeAt(placeOf(settings, at)?.freezes ?? [], now)
}

type Place = { readonly service: string; readonly environment: string }

function placeOf(settings: Settings, at: Place): ServiceEnvironment | undefined {
  return settings.serviceEnvironments.find(
    ({ service, environment }) => service === at.service && environment === at.environment,
  )
}

/** Targets with the region that the environment names. */
export function targetsOf({ targets, region }: ServiceEnvironment): readonly Target[] {
  return region === undefined ? targets : targets.map((target) => ({ ...target, region }))
}
