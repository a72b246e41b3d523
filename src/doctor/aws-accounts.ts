import { accountIn, type Target } from '../release/names.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import { type Finding, joined } from './finding.ts'
import { serviceEnvironmentName, targetInText } from './named.ts'

/** A target that ECS has, with the ARN of the task definition that it should run. */
export type RunningTarget = {
  readonly serviceEnvironment: ServiceEnvironment
  readonly target: Target
  readonly definition: string
}

/** The account of each environment, and as whom twokey acts there. */
export function accountFindings(running: readonly RunningTarget[]): readonly Finding[] {
  const each = running.map(({ serviceEnvironment: { environment }, target, definition }): Finding => {
    const { region, roleArn } = target
    const account = `account ${accountIn(definition) ?? 'unknown'}`
    const by = roleArn === undefined ? "with twokey's own credentials" : `as ${roleArn}`
    const says = [account, region, by].filter((part) => part !== undefined).join(', ')
    return { about: environment, state: 'right', says, next: null }
  })
  return joined(each).map((finding) => ({ ...finding, about: `AWS ${finding.about}` }))
}

/**
 * Service environments with the same ECS service. twokey.yml cannot show it if only one of them names a role: the role
 * may be of the account that twokey runs in.
 */
export function sharedFindings(running: readonly RunningTarget[]): readonly Finding[] {
  const byService = Map.groupBy(running, ({ target: { cluster, service, region }, definition }) =>
    [accountIn(definition), region, cluster, service].join(' '),
  )
  return [...byService.values()].flatMap(([first, ...others]): readonly Finding[] => {
    if (first === undefined || others.length === 0) return []
    const names = [first, ...others].map(({ serviceEnvironment }) =>
      serviceEnvironmentName(serviceEnvironment),
    )
    return [
      {
        about: names.join(', '),
        state: 'wrong',
        says: `${others.length === 1 ? 'both' : 'all'} deploy to ${targetInText(first.target)}, in account ${accountIn(first.definition)}`,
        next: 'Correct the cluster, the service or the role of one of them in twokey.yml: an ECS service belongs to one service environment.',
      },
    ]
  })
}
