import type { QueueSettings } from '../ports/aws-signal.ts'
import { accountIn } from '../release/names.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import { iamArn, placeOf } from './arns.ts'
import { deployRole } from './deploy-role.ts'
import { doctorPolicy } from './doctor-policy.ts'
import { deployRoleName } from './role-name.ts'
import type { Feature, Policy, Role, TrustStatement } from './statement.ts'
import { plain, text } from './text.ts'
import {
  accountsPolicy,
  codeDeployPolicy,
  eventsPolicy,
  followPolicy,
  rollbackPolicy,
} from './twokey-policies.ts'
import { account, twokeyRole } from './values.ts'

/** What roles are for. Each service environment has a region. */
export type Setup = {
  readonly serviceEnvironments: readonly ServiceEnvironment[]
  readonly queues: readonly QueueSettings[]
  /** The region that twokey runs with. */
  readonly defaultRegion: string
  /** The issuer of the tokens of jobs, without `https://`. */
  readonly issuer: string
  readonly features: readonly Feature[]
}

/** Name of the role that twokey runs as, where the policies do not name it themselves. */
const ownRole = 'twokey'

/** The roles of twokey, then those of the deploy workflows. Policies that nothing needs are left out. */
export function rolesFor(setup: Setup): readonly Role[] {
  const { features, serviceEnvironments } = setup
  const roleArns = new Set(serviceEnvironments.flatMap(({ roleArn }) => roleArn ?? []))
  const roles = [
    ownRoleOf(setup, [...roleArns]),
    ...[...roleArns].map((arn) => assumedRole(setup, arn)),
    ...deployRoles(setup),
  ]
  return roles
    .map((role) => ({
      ...role,
      policies: role.policies.filter(({ feature }) => features.includes(feature)),
    }))
    .filter(({ policies }) => policies.length > 0)
}

function ownRoleOf(setup: Setup, roleArns: readonly string[]): Role {
  return {
    name: ownRole,
    account,
    of: 'twokey itself, on the machine or in the task that it runs on',
    trust: null,
    policies: [...policiesOf(setup, undefined), ...(roleArns.length === 0 ? [] : [accountsPolicy(roleArns)])],
  }
}

function assumedRole(setup: Setup, roleArn: string): Role {
  const inRole = setup.serviceEnvironments.filter((each) => each.roleArn === roleArn)
  return {
    name: roleArn.slice(roleArn.lastIndexOf('/') + 1),
    account: plain(accountIn(roleArn) ?? ''),
    of: `twokey in ${[...new Set(inRole.map(({ environment }) => environment))].join(', ')}`,
    trust: trustOfTwokey(inRole[0]!),
    policies: policiesOf(setup, roleArn),
  }
}

function trustOfTwokey({ region }: ServiceEnvironment): TrustStatement {
  const own = placeOf({ ...(region !== undefined && { region }) })
  return {
    sid: 'Twokey',
    why: 'Only the role that twokey runs as may assume this one.',
    action: 'sts:AssumeRole',
    principal: { AWS: iamArn(own, text`role/${twokeyRole}`) },
  }
}

/** What twokey needs with one role, or with its own credentials. */
function policiesOf(
  { serviceEnvironments, queues, defaultRegion, issuer }: Setup,
  roleArn: string | undefined,
): readonly Policy[] {
  const here = serviceEnvironments.filter((each) => each.roleArn === roleArn)
  const queuesHere = queues.filter((queue) => queue.roleArn === roleArn)
  return [
    ...(here.length === 0
      ? []
      : [followPolicy(here), rollbackPolicy(here), codeDeployPolicy(here), doctorPolicy(here, issuer)]),
    ...(queuesHere.length === 0 ? [] : [eventsPolicy(queuesHere, defaultRegion)]),
  ]
}

function deployRoles({ serviceEnvironments, issuer, features }: Setup): readonly Role[] {
  const groups = Map.groupBy(serviceEnvironments, ({ repository, githubEnvironment, branch, roleArn }) =>
    JSON.stringify([repository.toLowerCase(), githubEnvironment, branch, roleArn && accountIn(roleArn)]),
  )
  const names = new Map<string, number>()
  return [...groups.values()].map(([first, ...others]) => {
    const wanted = deployRoleName(first!)
    const number = (names.get(wanted) ?? 0) + 1
    names.set(wanted, number)
    return deployRole([first!, ...others], {
      issuer,
      name: number === 1 ? wanted : `${wanted}-${number}`,
      isCodeDeploy: features.includes('codedeploy'),
    })
  })
}
