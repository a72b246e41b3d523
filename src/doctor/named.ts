import type { QueueSetup } from '../ports/setup.ts'
import { accountIn, type Target } from '../release/names.ts'
import type { Policy } from '../release/policy/approval.ts'
import type { ServiceEnvironment, Settings } from '../settings/settings.ts'
import { namesOf } from './finding.ts'

/** A channel for cards. `of`: the environments, or the field of the config. */
export type NamedChannel = { readonly id: string; readonly of: string; readonly isProtected: boolean }

/** Approvals that releases need. `of`: whose. */
export type NamedPolicy = { readonly of: string; readonly policy: Policy }

/** The channels that the config names, the release channel first, each once. */
export function channelsIn(releaseChannel: string, settings: Settings): readonly NamedChannel[] {
  const serviceEnvironments = settings.serviceEnvironments
  return [...new Set([releaseChannel, ...serviceEnvironments.map(({ channel }) => channel)])].map((id) => {
    const here = serviceEnvironments.filter(({ channel }) => channel === id)
    return {
      id,
      of:
        id === releaseChannel
          ? 'slack.channel'
          : `channel of ${namesOf(here.map((serviceEnvironment) => serviceEnvironment.environment))}`,
      isProtected: here.some(({ policy }) => policy.externalChannels === 'refused'),
    }
  })
}

/** The policies that need approvals, each once however many service environments have it. */
export function policiesIn({ serviceEnvironments }: Settings): readonly NamedPolicy[] {
  const all = serviceEnvironments.flatMap((serviceEnvironment) => [
    { of: serviceEnvironmentName(serviceEnvironment), policy: serviceEnvironment.policy },
    {
      of: `rollbacks of ${serviceEnvironmentName(serviceEnvironment)}`,
      policy: serviceEnvironment.rollback.policy,
    },
    ...(serviceEnvironment.emergency
      ? [
          {
            of: `emergencies of ${serviceEnvironmentName(serviceEnvironment)}`,
            policy: serviceEnvironment.emergency.policy,
          },
        ]
      : []),
  ])
  const needed = all.filter(({ policy }) => policy.required > 0)
  const same = Map.groupBy(needed, ({ policy: { required, approvers, requesterMayApprove } }) =>
    JSON.stringify([required, approvers, requesterMayApprove]),
  )
  return [...same.values()].map((group) => ({
    of: namesOf(group.map(({ of }) => of)),
    policy: group[0]!.policy,
  }))
}

/** The user groups and the accounts that the config names, each once. */
export function accountsIn(settings: Settings): {
  readonly groups: readonly string[]
  readonly people: readonly string[]
} {
  const ids = settings.serviceEnvironments.flatMap((serviceEnvironment) => [
    ...serviceEnvironment.policy.approvers,
    ...serviceEnvironment.rollback.policy.approvers,
    ...(serviceEnvironment.emergency?.policy.approvers ?? []),
    ...listed(serviceEnvironment.requesters),
    ...listed(serviceEnvironment.emergency?.requesters ?? 'everyone'),
    ...serviceEnvironment.notify,
    ...serviceEnvironment.policy.people.flatMap(({ slack }) => slack),
  ])
  const all = [...new Set(ids)]
  return {
    groups: all.filter((id) => id.startsWith('S')),
    people: all.filter((id) => !id.startsWith('S')),
  }
}

function listed(requesters: ServiceEnvironment['requesters']): readonly string[] {
  return requesters === 'everyone' ? [] : requesters
}

/** A service environment in words: `blog-api in prod`. */
export function serviceEnvironmentName({ service, environment }: ServiceEnvironment): string {
  return `${service} in ${environment}`
}

/** An ECS service in words: `ECS blog-cluster/blog-api (eu-west-1)`, with the account if a role leads there. */
export function targetInText({ cluster, service, region, roleArn }: Target): string {
  const where = [region, roleArn === undefined ? undefined : `account ${accountIn(roleArn)}`].filter(Boolean)
  return `ECS ${cluster}/${service}${where.length === 0 ? '' : ` (${where.join(', ')})`}`
}

/** A queue of `events` in words: `event queue twokey (account 123456789012)`. */
export function queueName({ url }: QueueSetup): string {
  const [, account, name] = new URL(url).pathname.split('/')
  return `event queue ${name} (account ${account})`
}
