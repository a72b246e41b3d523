import type { Outside } from '../ports/outside.ts'
import { gateName, type Target, targetName } from '../release/names.ts'
import { type Policy, requiresTheSame } from '../release/policy/approval.ts'
import type { Refusal } from '../release/refusal.ts'
import { approversDiffer } from '../release/refusals/gates.ts'
import { othersBehindGate, withApprovalsOf } from '../settings/behind-gate.ts'
import { besideAtGate, type ServiceEnvironment, type Settings, strictestOf } from '../settings/settings.ts'

/** Service environments that share a GitHub environment: one gate is for all of them. */
export type SharedGate = {
  readonly repository: string
  readonly environment: string
  /** At least one, in the order of twokey.yml. */
  readonly serviceEnvironments: readonly ServiceEnvironment[]
}

/** The gates of service environments. One that needs no approvals is opened at once, if twokey holds it. */
export function sharedGates(serviceEnvironments: readonly ServiceEnvironment[]): readonly SharedGate[] {
  const gates = Map.groupBy(serviceEnvironments, gateName)
  return [...gates.values()].flatMap((there) => {
    const [first] = there
    return first
      ? [{ repository: first.repository, environment: first.githubEnvironment, serviceEnvironments: there }]
      : []
  })
}

/**
 * The service environment with the strictest rules of all whose gate its runs pass, where twokey holds that: with it a run
 * gets access to all of them. `isGateShared`: there are others. Throws `Trouble`.
 */
export async function strictestAtGate(
  { outside, settings }: { readonly outside: Outside; readonly settings: Settings },
  own: ServiceEnvironment,
): Promise<
  | { readonly serviceEnvironment: ServiceEnvironment; readonly isGateShared: boolean }
  | { readonly refused: Refusal }
> {
  const beside = besideAtGate(settings, own)
  const others = othersBehindGate(settings.serviceEnvironments, own)
  if (beside.length === 0 && others.length === 0) return { serviceEnvironment: own, isGateShared: false }
  const { repository, githubEnvironment: environment } = own
  const { gate } = await outside.github.protection({ repository, environment })
  if (gate !== 'twokey') return { serviceEnvironment: own, isGateShared: false }
  const strictest = underStrictest(own, beside)
  if ('refused' in strictest) return strictest
  return { serviceEnvironment: withApprovalsOf(strictest.serviceEnvironment, others), isGateShared: true }
}

/** A service environment under the strictest rules of itself and others. Refuses approvers that differ. */
export function underStrictest(
  own: ServiceEnvironment,
  others: readonly ServiceEnvironment[],
): { readonly serviceEnvironment: ServiceEnvironment } | { readonly refused: Refusal } {
  const all = asOne([own, ...others])
  if ('refused' in all) return all
  const { policy, checks, requires, waitMs } = all.serviceEnvironment
  return { serviceEnvironment: { ...own, policy, checks, requires, waitMs } }
}

/**
 * The service environments that a run reaches through one gate, as one: with the strictest of their rules, and all their
 * targets. Refuses those with different approvers.
 */
export function asOne(
  serviceEnvironments: readonly ServiceEnvironment[],
): { readonly serviceEnvironment: ServiceEnvironment } | { readonly refused: Refusal } {
  const [first, ...others] = serviceEnvironments
  if (!first) throw new Error('a gate without service environments')
  const differing = others.find(({ policy }) => !sameApprovers(policy, first.policy))
  if (differing)
    return {
      refused: approversDiffer({
        environment: first.githubEnvironment,
        services: [first.service, differing.service],
      }),
    }
  return {
    serviceEnvironment: {
      ...first,
      ...strictestOf(serviceEnvironments),
      targets: eachTargetOnce(serviceEnvironments.flatMap(({ targets }) => targets)),
      containers: [...new Set(serviceEnvironments.flatMap(({ containers }) => containers))],
      notify: [...new Set(serviceEnvironments.flatMap(({ notify }) => notify))],
    },
  }
}

function sameApprovers(one: Policy, other: Policy): boolean {
  return requiresTheSame({ ...one, required: 0 }, { ...other, required: 0 })
}

function eachTargetOnce(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((target) => [targetName(target), target])).values()]
}
